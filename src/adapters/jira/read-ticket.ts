import type { TicketEdit, TicketMove, TicketReading, TicketStatus } from '#domain/fact.ts';
import { parse, ticketKey } from './answer.ts';
import { digestOf } from './digest.ts';
import { writtenFields } from './fields/written-fields.ts';
import { BINDING, binding, history, issue } from './schema.ts';
import type { History, Issue } from './schema.ts';
import { readDeskApprovals } from './service-desk.ts';
import type { JiraSite } from './site.ts';

/** The ticket with its whole changelog. When its status and its changelog disagree both are read again. */
export async function readTicket(site: JiraSite, key: string): Promise<TicketReading> {
  for (let tries = 1; ; tries += 1) {
    const answer = await site.issueWithHistories(ticketKey(key));
    if (answer === undefined) return gone(key);
    const found = parse(issue, answer.issue, 'issue');
    const entries = answer.histories.map(entryOf);
    const moves = entries.flatMap((each) => moveOf(site, each));
    const edits = await editsIn(site, entries);
    const status = statusOf(site, found.fields.status.id);
    const last = moves.at(-1);
    if (last !== undefined && last.to !== status && tries < 3) continue;
    const desk =
      site.options.serviceManagement === undefined ? undefined : await readDeskApprovals(site, key);
    return {
      key,
      status,
      moves,
      ...(edits.length === 0 ? {} : { edits }),
      ...bindingOf(found),
      exists: isOurs(site, found, key),
      ...(desk === undefined ? {} : { desk }),
      digest: digestOf({
        issue: answer.issue,
        changelog: answer.histories,
        ...(desk === undefined ? {} : { desk: desk.map(({ digest }) => digest) }),
      }),
    };
  }
}

/** Every status move in the changelog, oldest first. */
export async function readMoves(site: JiraSite, key: string): Promise<TicketMove[]> {
  return (await site.histories(ticketKey(key))).flatMap((each) => moveOf(site, entryOf(each)));
}

/** The ticket's present status; `undefined` when it is gone or hidden from our account. */
export async function readStatus(site: JiraSite, key: string): Promise<TicketStatus | undefined> {
  const answer = await site.issue(ticketKey(key));
  return answer === undefined ? undefined : statusOf(site, parse(issue, answer, 'issue').fields.status.id);
}

type Item = History['items'][number];

/** An entry of the changelog as answered, and what is read of it. */
interface Entry {
  raw: unknown;
  found: History;
}

function entryOf(raw: unknown): Entry {
  return { raw, found: parse(history, raw, 'changelog') };
}

function moveOf(site: JiraSite, { found, raw }: Entry): TicketMove[] {
  const moved = found.items.findLast(isStatusMove);
  if (moved === undefined) return [];
  const { account, name, kind, active } = site.person(found.author);
  return [
    {
      id: found.id,
      from: statusOf(site, moved.from),
      to: statusOf(site, moved.to),
      account,
      ...(name === undefined ? {} : { name }),
      accountKind: kind,
      active,
      at: new Date(found.created).toISOString(),
      digest: digestOf(raw),
    },
  ];
}

/** Changes of what an approver reads, with the move each of them follows. */
async function editsIn(site: JiraSite, entries: readonly Entry[]): Promise<TicketEdit[]> {
  const isWritten = await writtenFields(
    site,
    entries.flatMap(({ found }) => found.items),
  );
  const editOf = (item: Item): TicketEdit['what'] => (isWritten(item) ? ['fields'] : textEditOf(item));
  let after: string | undefined;
  return entries.flatMap(({ found }) => {
    const what = [...new Set(found.items.flatMap(editOf))];
    const { account, name } = site.person(found.author);
    const edit = {
      ...(after === undefined ? {} : { after }),
      account,
      ...(name === undefined ? {} : { name }),
      what,
    };
    if (found.items.some(isStatusMove)) after = found.id;
    return what.length === 0 ? [] : [edit];
  });
}

/** An attachment more takes nothing away from what there is to read; one that has no new value is gone. */
function textEditOf({ field, fieldId, fieldtype, to }: Item): TicketEdit['what'] {
  const name = fieldId ?? (fieldtype === 'jira' ? field?.toLowerCase() : undefined);
  if (name === 'summary' || name === 'description') return [name];
  return name === 'attachment' && (to === null || to === undefined || to === '') ? ['attachment'] : [];
}

/** Data Center names the field only; a custom field may be called status as well, but is of another type. */
function isStatusMove({ field, fieldId, fieldtype }: Item): boolean {
  return fieldId === undefined ? field === 'status' && fieldtype === 'jira' : fieldId === 'status';
}

function statusOf(site: JiraSite, id: string | null | undefined): TicketStatus {
  const known = Object.entries(site.options.statusIds) as [Exclude<TicketStatus, 'other'>, string][];
  return known.find(([, configured]) => configured === id)?.[0] ?? 'other';
}

/** A ticket that was moved to another project or made another type is under another workflow: nothing of it counts. */
function isOurs(site: JiraSite, found: Issue, key: string): boolean {
  const { projectKey, issueType } = site.options;
  const { project, issuetype } = found.fields;
  const rightType = 'id' in issueType ? issuetype.id === issueType.id : issuetype.name === issueType.name;
  return found.key === key && project.key === projectKey && rightType;
}

function bindingOf(found: Issue): Pick<TicketReading, 'boundTuple' | 'boundRound'> {
  const read = binding.safeParse(found.properties?.[BINDING]);
  if (!read.success) return { boundTuple: undefined };
  const { tupleHash, round } = read.data;
  return { boundTuple: tupleHash, ...(round === undefined ? {} : { boundRound: round }) };
}

function gone(key: string): TicketReading {
  const nothing = { key, status: 'other', moves: [], boundTuple: undefined, exists: false } as const;
  return { ...nothing, digest: digestOf(null) };
}
