import { createHash } from 'node:crypto';
import { getChangeLogs, getIssue } from 'jira.js/cloud';
import type { TicketMove, TicketReading, TicketStatus } from '#domain/fact.ts';
import { parse, ticketKey } from './client.ts';
import type { Jira } from './client.ts';
import { hasStatus } from './fault.ts';
import { BINDING, binding, changelogPage, history, issue } from './schema.ts';
import type { History, Issue } from './schema.ts';

const PER_PAGE = 100;
const MOST_PAGES = 100;

/** The ticket with its whole changelog. Status and changelog are two calls; when they disagree both are read again. */
export async function readTicket(jira: Jira, key: string): Promise<TicketReading> {
  for (let tries = 1; ; tries += 1) {
    const answer = await readIssue(jira, key);
    if (answer === undefined) return gone(key);
    const found = parse(issue, answer, 'issue');
    const histories = await readChangelog(jira, key);
    const moves = histories.flatMap((each) => moveOf(jira, each));
    const status = statusOf(jira, found.fields.status.id);
    const last = moves.at(-1);
    if (last !== undefined && last.to !== status && tries < 3) continue;
    return {
      key,
      status,
      moves,
      ...bindingOf(found),
      exists: isOurs(jira, found, key),
      digest: digestOf({ issue: answer, changelog: histories }),
    };
  }
}

/** Every status move in the changelog, oldest first. */
export async function readMoves(jira: Jira, key: string): Promise<TicketMove[]> {
  return (await readChangelog(jira, key)).flatMap((each) => moveOf(jira, each));
}

/** The ticket's present status; `undefined` when it is gone or hidden from our account. */
export async function readStatus(jira: Jira, key: string): Promise<TicketStatus | undefined> {
  const answer = await readIssue(jira, key);
  return answer === undefined ? undefined : statusOf(jira, parse(issue, answer, 'issue').fields.status.id);
}

async function readIssue(jira: Jira, key: string): Promise<unknown> {
  try {
    return await getIssue(jira.client, {
      issueIdOrKey: ticketKey(key),
      fields: ['status', 'project', 'issuetype'],
      properties: [BINDING],
    });
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

/** Every page, oldest first, as JIRA gives it. */
async function readChangelog(jira: Jira, key: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer: unknown = await getChangeLogs(jira.client, {
      issueIdOrKey: ticketKey(key),
      startAt: all.length,
      maxResults: PER_PAGE,
    });
    const { values, total, isLast } = parse(changelogPage, answer, 'changelog');
    all.push(...values);
    if (isLast === true || values.length === 0 || all.length >= total) return all;
  }
  throw new Error(`the changelog of ${key} has more than ${MOST_PAGES * PER_PAGE} entries`);
}

function moveOf(jira: Jira, entry: unknown): TicketMove[] {
  const found = parse(history, entry, 'changelog');
  const moved = found.items.findLast((item) => item.fieldId === 'status');
  if (moved === undefined) return [];
  return [
    {
      id: found.id,
      from: statusOf(jira, moved.from),
      to: statusOf(jira, moved.to),
      account: found.author?.accountId ?? '',
      ...(found.author?.displayName === undefined ? {} : { name: found.author.displayName }),
      accountKind: kindOf(found),
      active: found.author?.active ?? false,
      at: new Date(found.created).toISOString(),
      digest: digestOf(entry),
    },
  ];
}

function kindOf(found: History): TicketMove['accountKind'] {
  if (found.author?.accountType === 'atlassian') return 'person';
  return found.author?.accountType === 'app' ? 'app' : 'other';
}

function statusOf(jira: Jira, id: string | null | undefined): TicketStatus {
  const known = Object.entries(jira.options.statusIds) as [Exclude<TicketStatus, 'other'>, string][];
  return known.find(([, configured]) => configured === id)?.[0] ?? 'other';
}

/** A ticket that was moved to another project or made another type is under another workflow: nothing of it counts. */
function isOurs(jira: Jira, found: Issue, key: string): boolean {
  const { projectKey, issueType } = jira.options;
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

/** SHA-256 over the canonical form (RFC 8785) of JSON as JIRA sent it. */
function digestOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(',')}}`;
}
