import { gitlabAs, jiraAs, type Note, reader } from '../house/actors.ts';
import type { House } from '../house/house.ts';
import { ask } from '../house/http.ts';

/** The people of the story with what each may do, and what anybody can look up while it goes on. */
export type Cast = Awaited<ReturnType<typeof assemble>>;

export interface ChangeRow {
  id: string;
  status: string;
  approvalId?: string;
  projects: { key: string; status: string }[];
  counts: Record<string, number>;
}

export interface ChangePage extends ChangeRow {
  projects: {
    key: string;
    status: string;
    run?: { digest?: string };
    gates?: { go: boolean; results: { gate: string; answer: string; reason: string }[] };
  }[];
  attempts: { id: string; project: string; outcome?: string; commandedBy?: { name: string } }[];
  release: { status: string; tag?: string; sha?: string };
}

/** Everybody with their own tokens. In this firm's JIRA Erin may approve, too: so it is Countersign that has to say no. */
export async function assemble(house: House) {
  const { erin, adam, olga, mia } = house.scene.players;
  await ask(`${house.jiraUrl}/sandbox/groups/change-approvers/members`, {
    method: 'PUT',
    body: { accountIds: [erin, adam, mia].map(({ jira }) => jira.accountId) },
  });
  const erinInGitlab = gitlabAs(house, erin);
  const adamInJira = jiraAs(house, adam);
  const pages = await reader(house, 'olga');
  return {
    erin: erinInGitlab,
    olga: gitlabAs(house, olga),
    erinInJira: jiraAs(house, erin),
    adamInJira,
    /** The change as the list of changes shows it, which is not recorded as a reading of evidence. */
    changeRow: async (iid: number) => (await pages.get<{ rows: ChangeRow[] }>(`/changes?mr=${iid}`)).rows[0],
    changePage: (id: string) => pages.get<ChangePage>(`/changes/${id}`),
    /** What Countersign wrote in the merge request, oldest first. */
    ownNotes: async (iid: number): Promise<Note[]> =>
      (await erinInGitlab.notes(iid)).filter(({ author }) => author.id === house.scene.bot.id),
    ticketStatus: async (key: string) => (await adamInJira.issue(key)).fields.status.name,
    /** The ticket's comments as plain text, oldest first. */
    ticketComments: async (key: string) =>
      (await adamInJira.comments(key)).comments.map(({ body }) => textOf(body)),
    pageOf: {
      mergeRequest: (iid: number) => `${house.gitlabUrl}/${house.scene.project.path}/-/merge_requests/${iid}`,
      note: (iid: number, id: number) =>
        `${house.gitlabUrl}/${house.scene.project.path}/-/merge_requests/${iid}#note_${id}`,
      tag: (name: string) => `${house.gitlabUrl}/${house.scene.project.path}/-/tags/${name}`,
      ticket: (key: string) => `${house.jiraUrl}/browse/${key}`,
      change: (id: string) => `${house.serverUrl}/changes/${id}`,
    },
  };
}

/** The words of a document in JIRA's rich text, a block a line. */
function textOf(node: unknown): string {
  const { type, text, content = [] } = node as { type: string; text?: string; content?: unknown[] };
  if (text !== undefined) return text;
  const isBlock = type === 'doc' || type === 'panel' || type === 'table' || type === 'tableRow';
  return content
    .map(textOf)
    .filter(Boolean)
    .join(isBlock ? '\n' : '');
}
