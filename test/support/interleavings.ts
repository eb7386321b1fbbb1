import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { jiraAs } from '#test/sandbox/house/actors.ts';
import { ask, post } from '#test/sandbox/house/http.ts';
import { writeState } from './laptop.ts';
import { forcePush } from './refusals.ts';
import { APPROVAL_VARIABLE, type Story, subnet, until } from './story.ts';

/** Chooses; the same seed chooses the same. */
export type Dice = (below: number) => number;

/** What happens to one merge request, or around all of them, while the service is at work. */
const HAPPENINGS = {
  push: 4,
  'push-back': 2,
  replan: 3,
  approve: 8,
  'take-back': 2,
  reject: 1,
  apply: 6,
  describe: 1,
  rebind: 1,
  'state-moves': 1,
  'target-moves': 1,
  'target-diverges': 1,
  'approver-leaves': 1,
  'policy-edit': 1,
} as const;
type Happening = keyof typeof HAPPENINGS;
const BAG = Object.entries(HAPPENINGS).flatMap(([what, weight]) =>
  Array.from({ length: weight }, () => what as Happening),
);

/** Settings of a house in which approvals expire within seconds where an operator has to command. */
export const SETTINGS = {
  sweepSeconds: 1,
  workers: 1,
  projects: [
    { match: 'fin/prod/**', applyOn: 'command' as const, tier: 'brief' },
    { match: 'biz/dev/**', applyOn: 'approval' as const },
  ],
  server: {
    tiers: [{ name: 'normal' }, { name: 'brief', approvalValidSeconds: 8 }],
    directory: { freshSeconds: 1 },
  },
};

/** One merge request of the run. */
interface Subject {
  number: number;
  dice: Dice;
  folder: string;
  branch: string;
  iid: number;
  heads: string[];
  versions: number;
}

export interface Course {
  /** Every happening, as far as it could happen, in the order of each merge request: what a seed replays. */
  happened: Map<Happening, number>;
  impossible: number;
  /** How each merge request ended. */
  ended: Map<string, number>;
  /** What was waited for in vain, and what was known of it then. */
  stuck: string[];
}

/**
 * Lets `count` merge requests, `atOnce` of them at a time, live through happenings in an order that the seed chooses. Each
 * comes at once, after the next thing that is recorded, or when all is quiet, so that it falls into any step of the work.
 * After `until` none begins any more.
 */
export async function runInterleavings(
  story: Story,
  { count, seed, atOnce, until: end }: { count: number; seed: number; atOnce: number; until: number },
): Promise<Course> {
  const course: Course = { happened: new Map(), impossible: 0, ended: new Map(), stuck: [] };
  let next = 0;
  const lane = async () => {
    for (let number = next++; number < count && Date.now() < end; number = next++)
      await live(story, number, seed, course).catch((error: Error) => course.stuck.push(error.message));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
  return course;
}

async function live(story: Story, number: number, seed: number, course: Course): Promise<void> {
  const dice = diceOf(seed * 10_007 + number);
  const folder = `${dice(2) === 0 ? 'biz/dev' : 'fin/prod'}/i${number}`;
  const one: Subject = {
    number,
    dice,
    folder,
    branch: `i${number}`,
    iid: 0,
    heads: [],
    versions: 0,
  };
  await push(story, one);
  one.iid = (await story.erin.open(one.branch, `Interleaving ${number}`)).iid;
  for (let left = 3 + dice(6); left > 0; left -= 1) {
    await gap(story, one);
    await happen(story, one, BAG[dice(BAG.length)] ?? 'approve', course);
  }
  if (dice(10) < 7) await bringHome(story, one, course);
  await quietFor(story, one);
  const { status } = await story.changeOf(one.iid);
  count(course.ended, status);
  if (status !== 'merged') await story.erin.close(one.iid);
}

/** Asks for a plan, an approval and an apply, as people who want it done would; whatever comes of that. */
async function bringHome(story: Story, subject: Subject, course: Course): Promise<void> {
  for (const what of ['replan', 'approve', 'apply', 'approve', 'apply'] as const) {
    await quietFor(story, subject);
    if ((await story.changeOf(subject.iid)).status === 'merged') return;
    await happen(story, subject, what, course);
  }
}

async function happen(story: Story, subject: Subject, what: Happening, course: Course): Promise<void> {
  try {
    await act(story, subject, what);
    count(course.happened, what);
  } catch (error) {
    // People find that they cannot: the ticket offers no such move, the state is locked, the merge request is merged.
    if (
      !(error instanceof Error) ||
      !/answered 4|cannot lock ref|is offered no move|no ticket|git push/.test(error.message)
    )
      throw error;
    course.impossible += 1;
  }
}

async function act(story: Story, subject: Subject, what: Happening): Promise<void> {
  const { dice, folder, iid, number } = subject;
  const { adam, mia } = story.scene.players;
  switch (what) {
    case 'push':
      return push(story, subject);
    case 'push-back': {
      const earlier = subject.heads[dice(subject.heads.length)];
      if (earlier !== undefined) await forcePush(story, subject.branch, earlier);
      return;
    }
    case 'replan':
      await story.erin.comment(iid, 'countersign plan');
      return;
    case 'approve':
      return jiraAs(story, dice(3) === 0 ? mia : adam).move(await ticketOf(story, iid), 'Approved');
    case 'take-back':
      return jiraAs(story, adam).move(await ticketOf(story, iid), 'In review');
    case 'reject':
      return jiraAs(story, adam).move(await ticketOf(story, iid), 'Rejected');
    case 'apply':
      await story.olga.comment(iid, 'countersign apply');
      return;
    case 'describe':
      await story.erin.asked(`/merge_requests/${iid}`, 'PUT', {
        description: `## Reason\nNumber ${dice(1000)}\n`,
      });
      return;
    case 'rebind':
      return rebind(story, await ticketOf(story, iid));
    case 'state-moves':
      return writeState(story, folder.replaceAll('/', '-'), 100 + dice(1000));
    case 'target-moves':
      return pushToMain(story, { [`notes/i${number}-${dice(1000)}.md`]: 'Something else.\n' });
    case 'target-diverges':
      return pushToMain(story, { [`${folder}/elsewhere.tf`]: `# ${dice(1000)}\n` });
    case 'policy-edit':
      return pushToMain(story, { 'policies/extra.yaml': harmlessRule(dice(1000)) });
    case 'approver-leaves':
      return comeAndGo(story, dice(2) === 0 ? 'adam' : 'mia');
  }
}

async function push(story: Story, subject: Subject): Promise<void> {
  const { dice, folder } = subject;
  subject.versions += 1;
  // Some plans come out differently each time.
  const clock = dice(5) === 0 ? '\nresource "terraform_data" "made" {\n  input = plantimestamp()\n}\n' : '';
  const body = APPROVAL_VARIABLE + subnet('first', `10.${dice(200)}.${subject.versions}.0/24`) + clock;
  const files = { [`${folder}/main.tf`]: story.module(folder.replaceAll('/', '-'), body) };
  subject.heads.push(await commit(story, 'erin', subject.branch, files));
}

const pushToMain = async (story: Story, files: Record<string, string>): Promise<void> => {
  await commit(story, 'olga', 'main', files);
};

async function commit(
  story: Story,
  user: string,
  branch: string,
  files: Record<string, string>,
): Promise<string> {
  const url = `${story.gitlabUrl}/sandbox/projects/${story.scene.project.id}/commits`;
  const { sha } = await post<{ sha: string }>(url, { user, branch, files, message: 'A change\n' });
  return sha;
}

async function ticketOf(story: Story, iid: number): Promise<string> {
  const change = await story.changeOf(iid).catch(() => undefined);
  if (change?.approval_id == null) throw new Error('no ticket yet');
  return change.approval_id;
}

/** An administrator binds the ticket to something else. */
async function rebind(story: Story, key: string): Promise<void> {
  const { admin } = story.scene.jira;
  const headers = {
    authorization: `Basic ${Buffer.from(`${admin.email}:${admin.token}`).toString('base64')}`,
  };
  const url = `${story.jiraUrl}/rest/api/3/issue/${key}/properties/countersign.binding`;
  const { value } = await ask<{ value: object }>(url, { headers });
  await ask(url, { method: 'PUT', headers, body: { ...value, tupleHash: 'f'.repeat(64) } });
}

const harmlessRule = (number: number) => `rules:
  - id: extra
    message: number ${number}
    appliesTo: { types: [aws_instance] }
    when: "false"
`;

/** An approver leaves the approvers, or comes back to them. */
async function comeAndGo(story: Story, id: 'adam' | 'mia'): Promise<void> {
  const path = join(story.dir, 'people.yaml');
  const file = parse(await readFile(path, 'utf8')) as { people: { id: string; roles: string[] }[] };
  const person = file.people.find((each) => each.id === id);
  if (person === undefined) return;
  const isOne = person.roles.includes('approver');
  person.roles = isOne ? person.roles.filter((role) => role !== 'approver') : [...person.roles, 'approver'];
  // One of them is always there.
  if (file.people.some(({ roles }) => roles.includes('approver'))) await writeFile(path, stringify(file));
}

/** What happens next comes at once, after whatever is recorded next, or when all is quiet. */
async function gap(story: Story, subject: Subject): Promise<void> {
  const kind = subject.dice(3);
  if (kind === 1) await nextEntry(story, subject);
  if (kind === 2) await quietFor(story, subject);
}

async function nextEntry(story: Story, subject: Subject): Promise<void> {
  const { iid } = subject;
  const known = async () => (await story.entries(iid).catch(() => [])).length;
  const before = await known();
  await until(
    `something to be recorded of !${iid}`,
    async () => ((await known()) > before || (await isQuiet(story, subject)) ? true : undefined),
    { show: () => story.situation(iid) },
  );
}

const quietFor = (story: Story, subject: Subject): Promise<true> =>
  until(`!${subject.iid} to be quiet`, async () => ((await isQuiet(story, subject)) ? true : undefined), {
    withinMs: 180_000,
    show: () => story.situation(subject.iid),
  });

/** Nothing is to be done for it within the next seconds, it is between no two states, and no hook of it is on its way. */
async function isQuiet(story: Story, { iid, branch }: Subject): Promise<boolean> {
  const [row] = await story.query<{ busy: boolean }>(
    `select c.status in ('planning', 'opening-ticket', 'gating', 'applying', 'applied')
        or exists (select from outbox o where o.change_id = c.id and o.done_at is null and o.gave_up_at is null
                   and o.run_after < now() + interval '5 s')
        or exists (select from webhook_deliveries d where d.handled_at is null
                   and d.body ~ format('"iid":%s[,}]|"%s"|"refs/heads/%s"', c.iid, c.approval_id, $2::text)) as busy
     from changes c where c.iid = $1`,
    [iid, branch],
  );
  return row !== undefined && !row.busy;
}

function count<T>(counts: Map<T, number>, what: T): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

/** mulberry32 */
function diceOf(seed: number): Dice {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
