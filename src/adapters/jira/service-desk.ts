import { z } from 'zod';
import type { DeskApproval, DeskDecision } from '#domain/fact.ts';
import { parse, ticketKey } from './answer.ts';
import { digestOf } from './digest.ts';
import { hasStatus, tooMany } from './fault.ts';
import type { JiraSite, Person } from './site.ts';

const PER_PAGE = 50;
const MOST_PAGES = 20;

/**
 * The approvals that Jira Service Management holds for the ticket, oldest first: read, never answered
 * (https://developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request/#api-rest-servicedeskapi-request-issueidorkey-approval-get).
 */
export async function readDeskApprovals(site: JiraSite, key: string): Promise<DeskApproval[]> {
  const raw: unknown[] = [];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { start: raw.length, limit: PER_PAGE };
    const answer = await site.serviceDesk('GET', `request/${ticketKey(key)}/approval`, { query });
    const { values, isLastPage } = parse(approvalPage, answer, 'approvals');
    raw.push(...values);
    if (isLastPage === true || values.length === 0) {
      const approvals: DeskApproval[] = [];
      for (const each of raw) approvals.push(await approvalOf(site, each));
      return approvals.sort((a, b) => Number(a.id) - Number(b.id));
    }
  }
  throw tooMany(`${key}'s list of approvals`, MOST_PAGES * PER_PAGE);
}

async function approvalOf(site: JiraSite, raw: unknown): Promise<DeskApproval> {
  const { id, name, finalDecision, createdDate, completedDate, approvers } = parse(approval, raw, 'approval');
  const decisions: DeskDecision[] = [];
  for (const each of approvers) decisions.push(await decisionBy(site, each));
  const answered = {
    id,
    name,
    decision: decisionOf(finalDecision),
    openedAt: momentOf(createdDate),
    ...(completedDate === undefined || completedDate === null
      ? {}
      : { completedAt: momentOf(completedDate) }),
    decisions,
  };
  // Not of the answer: it tells times in words such as "today", which are others tomorrow.
  return { ...answered, digest: digestOf(answered) };
}

/** An approval names people without saying what kind of account each is, so whoever decided is looked up. */
async function decisionBy(site: JiraSite, given: z.infer<typeof approver>): Promise<DeskDecision> {
  const decision = decisionOf(given.approverDecision);
  const named = site.person(given.approver);
  const isSilent = decision === 'pending' || named.account === '';
  const { account, name, kind, active } = isSilent ? named : await asKnownNow(site, named);
  return { account, ...(name === undefined ? {} : { name }), accountKind: kind, active, decision };
}

/** An account that was deleted since is found no more: nobody who may decide, and no reason to read nothing at all. */
async function asKnownNow(site: JiraSite, named: Person): Promise<Person> {
  try {
    return await site.lookUp(named.account);
  } catch (error) {
    if (hasStatus(error, 404)) return { ...named, kind: 'other', active: false };
    throw error;
  }
}

function momentOf({ epochMillis }: { epochMillis: number }): string {
  return new Date(epochMillis).toISOString();
}

/** A word nobody knows decides nothing. */
function decisionOf(word: string): DeskDecision['decision'] {
  return word === 'approved' || word === 'declined' ? word : 'pending';
}

const moment = z.object({ epochMillis: z.number() });

const approvalPage = z.object({ values: z.array(z.unknown()), isLastPage: z.boolean().optional() });

const approver = z.object({ approver: z.unknown(), approverDecision: z.string() });

const approval = z.object({
  id: z.string(),
  name: z.string(),
  finalDecision: z.string(),
  createdDate: moment,
  completedDate: moment.nullish(),
  approvers: z.array(approver),
});
