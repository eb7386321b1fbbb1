import { getUsersFromGroup } from 'jira.js/cloud';
import { parse } from './client.ts';
import type { Jira } from './client.ts';
import { JiraFault } from './fault.ts';
import { groupPage } from './schema.ts';

const PER_PAGE = 50;
const MOST_PAGES = 100;

/** Account ids of the active people in the group. Our account needs "Browse users and groups". */
export async function groupMembers(jira: Jira, group: string): Promise<string[]> {
  const members: string[] = [];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await getUsersFromGroup(jira.client, {
      groupname: group,
      includeInactiveUsers: false,
      startAt: page * PER_PAGE,
      maxResults: PER_PAGE,
    });
    const { isLast, values } = parse(groupPage, answer, 'group/member');
    const people = values.filter(({ accountType, active }) => active === true && accountType === 'atlassian');
    members.push(...people.flatMap(({ accountId }) => accountId ?? []));
    if (isLast) return members;
  }
  throw new JiraFault(
    'jira-unexpected-answer',
    `the group ${group} has more than ${MOST_PAGES * PER_PAGE} members`,
    {
      status: 200,
      retryable: false,
    },
  );
}
