import type { Issue, Tag } from '#test/sandbox/house/actors.ts';
import { ask, UnexpectedAnswer } from '#test/sandbox/house/http.ts';
import type { Order, Workshop } from './workshop.ts';

/** What GitLab, JIRA and our own books hold of one merge request, counted: whatever is done twice shows here. */
export interface Outside {
  /** Notes of ours; the summary is one, each answer another. */
  notes: number;
  reactions: number;
  statuses: number;
  tags: number;
  merged: boolean;
  tickets: number;
  /** Status moves of all its tickets, oldest first. */
  moves: string[];
  comments: number;
  links: number;
  attachments: number;
  stateVersions: number;
}

export async function lookOutside(workshop: Workshop, order: Order): Promise<Outside> {
  const { erin, house } = workshop;
  const { revision, ticket } = await workshop.change(order);
  const [notes, view, tickets, state] = await Promise.all([
    erin.notes(order.iid),
    erin.mergeRequest(order.iid),
    ticketsOf(workshop, order),
    ask<{ versions: unknown[] }>(
      `${house.gitlabUrl}/sandbox/projects/${house.scene.project.id}/states/${order.folder.replaceAll('/', '-')}`,
    ),
  ]);
  const awards = await Promise.all(
    notes.map(({ id }) =>
      erin.asked<{ user: { id: number } }[]>(`/merge_requests/${order.iid}/notes/${id}/award_emoji`),
    ),
  );
  const ours = <T extends { author?: { id: number }; user?: { id: number } }>(all: readonly T[]) =>
    all.filter(({ author, user }) => (author ?? user)?.id === house.scene.bot.id);
  const statuses =
    revision === undefined
      ? []
      : await erin.asked<{ author: { id: number } }[]>(
          `/repository/commits/${revision.headSha}/statuses?all=true`,
        );
  return {
    notes: ours(notes.filter(({ system }) => !system)).length,
    reactions: ours(awards.flat()).length,
    statuses: ours(statuses).length,
    tags: 'key' in ticket && (await tagOf(workshop, ticket.key)) !== undefined ? 1 : 0,
    merged: view.state === 'merged',
    tickets: tickets.length,
    moves: tickets.flatMap(({ moves }) => moves),
    comments: sum(tickets.map(({ comments }) => comments)),
    links: sum(tickets.map(({ links }) => links)),
    attachments: sum(tickets.map(({ attachments }) => attachments)),
    stateVersions: state.versions.length,
  };
}

interface TicketCount {
  moves: string[];
  comments: number;
  links: number;
  attachments: number;
}

/** Every ticket of the change, found by counting up, since the search lags. */
async function ticketsOf({ adam }: Workshop, { changeId }: Order): Promise<TicketCount[]> {
  const found: TicketCount[] = [];
  for (let number = 1; ; number++) {
    const key = `CHG-${number}`;
    const issue = await orNone(() => adam.asked<IssueWithHistory>(`/issue/${key}?expand=changelog`));
    if (issue === undefined) return found;
    if (!issue.fields.labels.includes(`countersign-${changeId}`)) continue;
    const [{ comments }, links] = await Promise.all([
      adam.comments(key),
      adam.asked<unknown[]>(`/issue/${key}/remotelink`),
    ]);
    const items = issue.changelog.histories.toReversed().flatMap((history) => history.items);
    found.push({
      moves: items.flatMap(({ field, toString: to }) => (field === 'status' ? [to] : [])),
      comments: comments.length,
      links: links.length,
      attachments: issue.fields.attachment.length,
    });
  }
}

interface IssueWithHistory extends Issue {
  changelog: { histories: { items: { field: string; toString: string }[] }[] };
}

function tagOf({ erin }: Workshop, key: string): Promise<Tag | undefined> {
  return orNone(() => erin.tag(`release/${key}`));
}

async function orNone<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof UnexpectedAnswer && error.status === 404) return undefined;
    throw error;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
