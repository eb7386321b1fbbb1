import type { Command } from 'commander';
import type { Ledger } from '#app/ledger.ts';
import type { AttemptPatience } from '#app/patience.ts';
import { resolveAttempt } from '#app/requests/resolve-attempt.ts';
import { unlock } from '#app/requests/unlock.ts';
import { interruptedAttempt } from '#domain/command-refusals.ts';
import type { Refusal } from '#domain/refusal.ts';

export interface OperateDependencies {
  /** The books of a running Countersign, and how to let go of them. */
  readonly open: () => Promise<{ ledger: Ledger; patience: AttemptPatience; close: () => Promise<void> }>;
  /** Who types; recorded as the operator. */
  readonly operator: string;
  readonly print: (line: string) => void;
  readonly setExitCode: (code: 0 | 1) => void;
}

interface Named {
  reason: string;
}

/** Adds `countersign unlock` and `countersign resolve`, for when the merge request is no longer the place to ask. */
export function registerOperateCommands(program: Command, dependencies: OperateDependencies): void {
  program
    .command('unlock <approval> <project>')
    .description(
      "give back a change's hold on a project, a quarantine included; the approval is the ticket's key",
    )
    .requiredOption('--reason <text>', 'why; it is recorded')
    .action((approval: string, project: string, { reason }: Named) =>
      concluding(dependencies, async (ledger) => {
        const changeId = await ledger.changeOfTicket(approval);
        if (changeId === undefined) return [unknownApproval(approval)];
        return unlock(ledger, { changeId, project, by: { cli: dependencies.operator }, reason });
      }),
    );
  program
    .command('resolve <approval> <project> <outcome>')
    .description('say what became of an interrupted apply: applied or not-applied')
    .requiredOption('--reason <text>', 'how you found out; it is recorded')
    .action((approval: string, project: string, outcome: string, { reason }: Named) =>
      concluding(dependencies, (ledger, patience) =>
        resolve(ledger, patience, dependencies.operator, approval, project, outcome, reason),
      ),
    );
}

async function resolve(
  ledger: Ledger,
  patience: AttemptPatience,
  operator: string,
  approval: string,
  project: string,
  outcome: string,
  reason: string,
): Promise<Refusal[]> {
  if (outcome !== 'applied' && outcome !== 'not-applied') {
    const remedy = 'say applied or not-applied';
    return [{ code: 'unknown-command', reason: `${outcome} is no outcome`, remedy }];
  }
  const changeId = await ledger.changeOfTicket(approval);
  const change = changeId === undefined ? undefined : await ledger.change(changeId);
  if (change === undefined) return [unknownApproval(approval)];
  const attemptId = interruptedAttempt(change, project) ?? '';
  const refusals = await resolveAttempt(ledger, patience, {
    changeId: change.id,
    project,
    attemptId,
    as: outcome,
    by: { cli: operator },
    reason,
  });
  if (refusals.length > 0) {
    const fact = { type: 'request-refused', request: 'resolve', project, refusals } as const;
    await ledger.record({ changeId: change.id, fact, actor: { kind: 'operator-cli', id: operator } });
  }
  return refusals;
}

async function concluding(
  { open, print, setExitCode }: OperateDependencies,
  work: (ledger: Ledger, patience: AttemptPatience) => Promise<Refusal[]>,
): Promise<void> {
  const { ledger, patience, close } = await open();
  try {
    const refusals = await work(ledger, patience);
    for (const { reason, remedy } of refusals) print(`refused: ${reason}; ${remedy}`);
    if (refusals.length === 0) print('done and recorded');
    setExitCode(refusals.length === 0 ? 0 : 1);
  } finally {
    await close();
  }
}

function unknownApproval(approval: string): Refusal {
  return {
    code: 'unknown-project',
    reason: `no change has ticket ${approval}`,
    remedy: 'take the key from the ticket',
  };
}
