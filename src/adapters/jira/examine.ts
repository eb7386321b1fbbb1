import type { TicketFinding } from '#app/ports/ticketing.ts';
import { z } from 'zod';
import { parse, ticketKey } from './answer.ts';
import { JiraFault } from './fault.ts';
import { issueTypeId } from './fields/field-schema.ts';
import type { TicketFields } from './fields/ticket-fields.ts';
import { examineFields } from './fields/examine-fields.ts';
import { LABEL } from './open-ticket.ts';
import { readStatus } from './read-ticket.ts';
import type { JiraSite } from './site.ts';

const PERMISSIONS = [
  'BROWSE_PROJECTS',
  'CREATE_ISSUES',
  'EDIT_ISSUES',
  'TRANSITION_ISSUES',
  'ADD_COMMENTS',
  'EDIT_OWN_COMMENTS',
  'CREATE_ATTACHMENTS',
  'LINK_ISSUES',
] as const;

/** Looks at all that has to be right in JIRA before a change can be approved; changes nothing. */
export async function examine(site: JiraSite, fields: TicketFields): Promise<TicketFinding[]> {
  const looks: readonly [string, () => Promise<TicketFinding[]>][] = [
    ['account', () => examineAccount(site)],
    ['permissions', () => examinePermissions(site)],
    ['approver groups', () => examineGroups(site)],
    ['statuses', () => examineStatuses(site)],
    ['transitions', () => examineTransitions(site)],
    ['fields', () => examineFields(site, fields)],
    ...(site.options.serviceManagement === undefined
      ? []
      : [['service management', () => examineDesk(site)] as [string, () => Promise<TicketFinding[]>]]),
  ];
  const findings: TicketFinding[] = [];
  for (const [subject, look] of looks) {
    try {
      findings.push(...(await look()));
    } catch (error) {
      if (!(error instanceof JiraFault)) throw error;
      findings.push({ subject, state: error.retryable ? 'doubtful' : 'wrong', found: error.message });
    }
  }
  return findings;
}

async function examineAccount(site: JiraSite): Promise<TicketFinding[]> {
  const me = await site.me();
  const configured = site.options.botAccount;
  if (configured !== undefined && configured !== me.account)
    return [
      {
        subject: 'account',
        state: 'wrong',
        found: `the token is of ${me.account}, but jira.botAccount says ${configured}`,
        remedy: `set jira.botAccount to ${me.account}, or use the other account's token`,
      },
    ];
  return [{ subject: 'account', state: 'well', found: `${me.name ?? 'our account'} (${me.account})` }];
}

async function examinePermissions(site: JiraSite): Promise<TicketFinding[]> {
  const held = await site.permissions(PERMISSIONS);
  const missing = PERMISSIONS.filter((each) => !held.includes(each));
  if (missing.length === 0)
    return [{ subject: 'permissions', state: 'well', found: `all ${PERMISSIONS.length} that are needed` }];
  return [
    {
      subject: 'permissions',
      state: 'wrong',
      found: `our account lacks ${missing.join(', ')} in ${site.options.projectKey}`,
      remedy: 'give them to its group in the permission scheme of the project',
    },
  ];
}

async function examineGroups(site: JiraSite): Promise<TicketFinding[]> {
  const subject = 'approver groups';
  const approvers = site.options.approverGroups ?? [];
  if (approvers.length === 0)
    return [
      {
        subject,
        state: 'doubtful',
        found: 'not configured, so nobody can tell whether our own account is in one',
        remedy: 'name them in jira.approverGroups',
      },
    ];
  const own = await site.ownGroups();
  const wrong = approvers.filter((group) => own.includes(group));
  if (wrong.length === 0)
    return [{ subject, state: 'well', found: `our account is not in ${approvers.join(', ')}` }];
  const found = `our own account is in ${wrong.join(', ')}`;
  return [{ subject, state: 'wrong', found, remedy: 'take it out: the service must not be able to approve' }];
}

async function examineStatuses(site: JiraSite): Promise<TicketFinding[]> {
  const { statusIds, projectKey } = site.options;
  const type = await issueTypeId(site);
  const types = parse(typesWithStatuses, await site.projectStatuses(), 'statuses');
  const there = new Map(
    types.find(({ id }) => id === type)?.statuses.map(({ id, name }) => [id, name] as const),
  );
  return Object.entries(statusIds).map(([meaning, id]): TicketFinding => {
    const name = there.get(id);
    const subject = `status ${meaning}`;
    if (name !== undefined) return { subject, state: 'well', found: `${name} (${id})` };
    const offered = [...there].map(([each, called]) => `${called} (${each})`).join(', ');
    return {
      subject,
      state: 'wrong',
      found: `the workflow of our issue type in ${projectKey} has no status ${id}`,
      remedy: `set jira.statuses.${meaning} to one of ${offered}`,
    };
  });
}

/** Where our account has to be able to move a ticket from each status, and where it must not. */
const OURS = {
  requested: ['in-review', 'applying', 'failed', 'superseded', 'expired'],
  'in-review': ['requested', 'failed', 'superseded', 'expired'],
  approved: ['in-review', 'applying', 'requested', 'failed', 'superseded', 'expired'],
  rejected: ['requested'],
  applying: ['done', 'failed', 'requested'],
} as const;

/** JIRA tells transitions of an issue only, so they are looked at on our newest ticket that is open. */
async function examineTransitions(site: JiraSite): Promise<TicketFinding[]> {
  const subject = 'transitions';
  const { projectKey, statusIds } = site.options;
  const open = Object.keys(OURS) as (keyof typeof OURS)[];
  const ids = open.map((status) => `"${statusIds[status]}"`).join(', ');
  const jql = `project = "${projectKey}" AND labels = "${LABEL}" AND status in (${ids}) ORDER BY created DESC`;
  const [newest] = await site.search({ jql, most: 1 });
  const key = newest?.key;
  const status = key === undefined ? undefined : await readStatus(site, key);
  const from = open.find((each) => each === status);
  if (key === undefined || from === undefined)
    return [{ subject, state: 'doubtful', found: 'there is no open ticket of ours to see them on' }];
  const offered = (await site.transitions(ticketKey(key))).map(({ to }) => to);
  const missing = OURS[from].filter((to) => !offered.includes(statusIds[to]));
  const forbidden = (['approved', 'rejected'] as const).filter((to) => offered.includes(statusIds[to]));
  return [
    ...(missing.length === 0
      ? [{ subject, state: 'well', found: `all that are needed from ${from}, seen on ${key}` } as const]
      : [
          {
            subject,
            state: 'wrong',
            found: `from ${from} our account is offered none to ${missing.join(', ')} (seen on ${key})`,
            remedy:
              'add them to the workflow, with the condition that the user is in the group of our account',
          } as const,
        ]),
    ...forbidden.map(
      (to): TicketFinding => ({
        subject,
        state: 'wrong',
        found: `our own account may move ${key} to ${to}`,
        remedy: 'take our account out of whatever that transition asks for',
      }),
    ),
  ];
}

async function examineDesk(site: JiraSite): Promise<TicketFinding[]> {
  const subject = 'service management';
  const { projectKey, serviceManagement } = site.options;
  const answer = await site.serviceDesk('GET', 'servicedesk', { query: { start: 0, limit: 100 } });
  const desk = parse(deskPage, answer, 'service desks').values.find((each) => each.projectKey === projectKey);
  if (desk === undefined)
    return [
      {
        subject,
        state: 'wrong',
        found: `${projectKey} is no service project that our account may see`,
        remedy: 'make our account an agent of it, or leave jira.serviceManagement out',
      },
    ];
  const wanted = serviceManagement?.request?.serviceDeskId;
  if (wanted !== undefined && wanted !== desk.id)
    return [
      {
        subject,
        state: 'wrong',
        found: `the service desk of ${projectKey} is ${desk.id}, not ${wanted}`,
        remedy: `set jira.serviceManagement.serviceDeskId to "${desk.id}"`,
      },
    ];
  return [{ subject, state: 'well', found: `approvals of ${projectKey} are read (service desk ${desk.id})` }];
}

const typesWithStatuses = z.array(
  z.object({ id: z.string(), statuses: z.array(z.object({ id: z.string(), name: z.string() })) }),
);

const deskPage = z.object({ values: z.array(z.object({ id: z.string(), projectKey: z.string() })) });
