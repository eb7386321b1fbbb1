import { parseEnvelope } from '#domain/audit/entry.ts';
import type { VerificationResult } from '#domain/change.ts';
import type { Command } from '#domain/command.ts';
import type { DecisionEntry } from '#domain/decision.ts';
import type { FactType } from '#domain/fact.ts';
import type { Refusal } from '#domain/refusal.ts';
import { type TagPicture, type TagStanding, tagTroubleInWords } from '#domain/tag-standing.ts';
import type { Database } from '#store/database-types.ts';
import { type Kysely, sql } from '#store/query.ts';
import { askerOf } from './attempts.ts';
import { type NameOf, showActor } from './names.ts';
import type { TimelineItem } from './timeline-item.ts';

/** What of a payload is told, as far as it is there: payloads differ by type, and may have been erased. */
interface Payload {
  command?: Command;
  by?: unknown;
  why?: unknown;
  reason?: unknown;
  refusals?: readonly Pick<Refusal, 'reason'>[];
  differing?: readonly string[];
  projects?: readonly string[];
  /** Of the mandate under which something was done. */
  name?: string;
  key?: string;
  /** Of the merge request that takes a release back. */
  iid?: number;
  approver?: string;
  /** Of a release tag that was looked at. */
  tag?: string;
  standing?: TagStanding;
  found?: TagPicture;
  /** Of the plan after an apply. */
  result?: Pick<VerificationResult, 'kind'>;
}

const VERIFIED: Readonly<Record<VerificationResult['kind'], string>> = {
  clean: 'nothing left to do',
  differs: 'something is left to do',
  'moved-on': 'the state was changed by somebody else since',
  failed: 'it could not be made',
};

/** The entries about a change that tell something no table does: commands and their refusals, verdicts, tag, merge. */
export async function entriesToTell(
  db: Kysely<Database>,
  changeId: string,
  nameOf: NameOf,
): Promise<TimelineItem[]> {
  const { rows } = await sql<{ idx: number; envelope: string; payload: string | null }>`
    select e.idx, e.envelope, p.payload from audit.entries e left join audit.payloads p using (idx)
    where (e.envelope::jsonb) #>> '{subject,changeId}' = ${changeId}
      and (e.envelope::jsonb) ->> 'type' = any(${[...TOLD.keys()]})
    order by e.idx`.execute(db);
  return rows.flatMap(({ idx, envelope, payload: text }) => {
    const parsed = parseEnvelope(envelope);
    const sentence = parsed && TOLD.get(parsed.type);
    if (parsed === undefined || sentence === undefined) return [];
    const payload = text === null ? {} : (JSON.parse(text) as Payload);
    const refusals = (payload.refusals ?? []).map(({ reason }) => reason);
    const detail = [payload.why, payload.reason, ...refusals].filter((each) => typeof each === 'string');
    const [tone, say] = sentence;
    const what = say(payload, parsed.subject['project'] ?? 'the project', refusals.length > 0);
    if (what === undefined) return [];
    return [
      {
        at: parsed.ts,
        tone: refusals.length > 0 ? 'warning' : tone,
        what,
        who:
          askerOf(isSomebody(payload.by) ? payload.by : null, nameOf)?.name ??
          showActor(parsed.actor, nameOf).name,
        entry: idx,
        ...(detail.length === 0 ? {} : { detail: detail.join(' · ') }),
      },
    ];
  });
}

type Sentence = readonly [
  TimelineItem['tone'],
  /** Undefined when this one has nothing to tell. */
  (payload: Payload, project: string, refused: boolean) => string | undefined,
];

const SENTENCES: Readonly<Partial<Record<FactType | DecisionEntry['type'], Sentence>>> = {
  'command-received': ['plain', (payload, _, refused) => `“${typed(payload)}”${refused ? ' refused' : ''}`],
  'ticket-presented': ['plain', () => 'Plan put in front of the approver'],
  'ticket-prepared': ['plain', () => 'Nobody is asked: a standing approval is looked for'],
  'mandate-used': [
    'plain',
    ({ approver, key, name }, project) =>
      `${project} goes by ${name ?? 'a mandate'} (${key ?? '…'}), approved by ${approver ?? '…'}`,
  ],
  'verdict-refused': ['warning', () => 'The decision on the ticket does not count'],
  'approval-voided': ['warning', () => 'Approval voided'],
  'break-glass-asked': ['warning', () => 'An emergency: asked to apply before the approval'],
  'break-glass-confirmed': ['warning', () => 'The emergency was confirmed by a second person'],
  'break-glass-used': ['bad', () => 'Applied in an emergency, before its approval'],
  'break-glass-over': ['plain', () => 'The emergency is over'],
  'debt-rejected': ['bad', () => 'Rejected afterwards: to be rolled back or mended'],
  'debt-overdue': ['bad', () => 'Not approved afterwards in time'],
  'debt-paid': ['good', () => 'Approved afterwards'],
  'rollback-opened': ['plain', ({ iid, key }) => `Merge request ${iid ?? '…'} takes ${key ?? 'it'} back`],
  'rollback-refused': ['warning', ({ key }) => `Taking ${key ?? 'it'} back was refused`],
  'apply-verified': [
    'plain',
    ({ result }, project) => `A plan of ${project} after its apply: ${VERIFIED[result?.kind ?? 'failed']}`,
  ],
  'merged-unapplied': ['bad', ({ projects = [] }) => `Merged without being applied: ${projects.join(', ')}`],
  'plan-expired': ['warning', (_, project) => `The plan of ${project} got too old`],
  'request-refused': ['warning', (_, project) => `A request about ${project} was refused`],
  'plan-rebound': ['plain', () => 'Approval carried over to an equal plan'],
  'attempt-lost': ['warning', (_, project) => `Lost sight of the apply of ${project}`],
  'attempt-resolved': ['plain', (_, project) => `Interrupted apply of ${project} resolved`],
  'projects-reserved': [
    'plain',
    ({ projects = [] }) => `Belongs to this change from its plan on: ${projects.join(', ')}`,
  ],
  'project-held': ['warning', ({ by }, project) => `Waits for ${holder(by)}, which holds ${project}`],
  'hold-released': ['warning', (_, project) => `Hold on ${project} released`],
  'release-tagged': ['good', () => 'Release tag made'],
  'release-refused': ['bad', () => 'Release tag refused'],
  'release-tag-seen': [
    'warning',
    ({ found, standing, tag }) =>
      standing === undefined || standing === 'as-recorded'
        ? `The release tag ${tag ?? '…'} stands as it was made again`
        : `The release tag ${tag ?? '…'} ${tagTroubleInWords(standing, found?.sha)}`,
  ],
  'compared-after-merge': [
    'bad',
    ({ differing = [] }) =>
      differing.length === 0
        ? undefined
        : `The target differs from what was applied in ${differing.join(', ')}`,
  ],
  'merge-refused': ['warning', () => 'GitLab refused to merge'],
  merged: ['good', () => 'Merged'],
};

const TOLD: ReadonlyMap<string, Sentence> = new Map(Object.entries(SENTENCES));

/** A person; what holds a project is a change, and stands in the same place. */
function isSomebody(by: unknown): boolean {
  return typeof by === 'object' && by !== null && ('username' in by || 'cli' in by);
}

/** The merge request in the way; unknown once the payload is erased. */
function holder(by: unknown): string {
  const iid = typeof by === 'object' && by !== null && 'iid' in by ? by.iid : undefined;
  return typeof iid === 'number' ? `!${iid}` : 'another change';
}

/** What was typed; the command's words are gone once its payload is erased. */
function typed({ command }: Payload): string {
  if (command === undefined) return 'countersign …';
  return command.verb === 'unknown' ? command.text : `countersign ${command.verb}`;
}
