import type { Command } from 'commander';
import type { EvidenceRead } from '#app/record-read.ts';
import type { Evidence } from '#views/evidence/schema.ts';
import type { ChangeView } from '#views/show-change.ts';
import type { Views } from '#views/views.ts';

export interface ChangeDependencies {
  /** What can be read of a running Countersign, and how to let go of it. */
  readonly open: () => Promise<{
    views: Pick<Views, 'findChangeByApproval' | 'showChange' | 'showEvidence'>;
    recordRead: (read: EvidenceRead) => Promise<void>;
    close: () => Promise<void>;
  }>;
  /** Who types; recorded as the reader. */
  readonly operator: string;
  readonly print: (line: string) => void;
  readonly setExitCode: (code: 1) => void;
}

/** Adds `countersign change show`. */
export function registerChangeCommands(program: Command, dependencies: ChangeDependencies): void {
  program
    .command('change')
    .description('read what is on record of a change')
    .command('show <change>')
    .description(
      'show one change, by its approval (the key of its ticket) or its own id; the reading is recorded',
    )
    .option('--evidence', 'print the whole evidence record as JSON (docs/evidence.schema.json)')
    .action((named: string, { evidence }: { evidence?: true }) =>
      show(dependencies, named, evidence === true),
    );
}

async function show(
  { open, operator, print, setExitCode }: ChangeDependencies,
  named: string,
  whole: boolean,
): Promise<void> {
  const { views, recordRead, close } = await open();
  try {
    const changeId = (await views.findChangeByApproval(named)) ?? named;
    const record = await views.showEvidence(changeId);
    if (record === undefined) {
      print(`no change has ticket or id ${named}; take the key from the ticket`);
      setExitCode(1);
      return;
    }
    const by = { kind: 'operator-cli', id: operator } as const;
    await recordRead({ by, what: 'evidence', changeId, requestId: 'cli' });
    if (whole) print(JSON.stringify(record, null, 2));
    else for (const line of summaryOf(record, await views.showChange(changeId))) print(line);
  } finally {
    await close();
  }
}

/** The record in a few lines: who, what, on whose word, what came of it, and what comes next. */
function summaryOf(
  { identity, what, who, decision, execution, after }: Evidence,
  change: ChangeView | undefined,
): string[] {
  const { revision } = what;
  return [
    `${identity.approvalId ?? identity.changeId}: ${identity.status}; ${identity.type} change, tier ${identity.tier ?? 'not known yet'}`,
    `merge request  ${identity.mergeRequest.url}`,
    ...(change?.ticket === undefined ? [] : [`ticket         ${change.ticket.url}`]),
    `requested by   ${who.requester.name ?? `@${who.requester.username}`}`,
    ...(revision === undefined
      ? []
      : [`revision       ${revision.number} at ${revision.headSha} into ${revision.targetBranch}`]),
    ...what.plans.map(
      ({ counts, digest, project }) =>
        `plan           ${project}: ${counts.create} to create, ${counts.update} to update, ${counts.replace} to replace, ${counts.delete} to destroy; digest ${digest}`,
    ),
    ...decision.decisions.map(
      (each) =>
        `${each.decision.padEnd(14)} by ${nameOf(who, each.account)} on ${each.approvalId} at ${each.decidedAt}${each.counts ? '' : ', which does not count'}`,
    ),
    ...execution.attempts.map(
      ({ outcome, project, startedAt, status }) =>
        `apply          ${project}: ${outcome ?? status}${startedAt === undefined ? '' : `, started ${startedAt}`}`,
    ),
    ...(execution.release === undefined
      ? []
      : [`release        ${execution.release.tag} on ${execution.release.sha}`]),
    ...(change === undefined ? [] : [`next           ${nextInWords(change)}`]),
    `audit          ${after.audit.entries.length} entries; ${signedInWords(after.audit.checkpoint)}`,
  ];
}

function nextInWords({ nextStep: { tone, what, who } }: ChangeView): string {
  return tone === 'over' || who === 'nobody' ? what : `${who}: ${what}`;
}

/** A checkpoint of so many entries covers those before that number. */
function signedInWords(checkpoint: Evidence['after']['audit']['checkpoint']): string {
  return checkpoint === undefined ? 'none is signed yet' : `signed up to entry ${checkpoint.size - 1}`;
}

function nameOf({ approvers }: Evidence['who'], account: string): string {
  return approvers.find((each) => each.account === account)?.name ?? account;
}
