import { assemble, type Cast } from './cast.ts';
import { type Expect, expectThat } from './expectation.ts';
import { proveIt } from './proof.ts';
import type { Telling } from './telling.ts';

/** What the story came to, for whoever wants to look at it afterwards. */
export interface Outcome {
  iid: number;
  key: string;
  changeId: string;
  pages: Cast['pageOf'];
}

const ON_COMMAND = 'fin/prod/network';
const ON_APPROVAL = 'biz/dev/network';
const BRANCH = 'more-room';

/**
 * One merge request from the push to the proof, every step checked.
 * @throws at the first step that falls short, after it was printed
 */
export async function tellStory(telling: Telling): Promise<Outcome> {
  const cast = await assemble(telling.house);
  const { iid, sha } = await propose(telling, cast);
  const { key, changeId } = await seePlan(telling, cast, iid);
  await applyTooEarly(telling, cast, { iid, changeId });
  await approveOwnChange(telling, cast, { key, changeId });
  await approve(telling, cast, { iid, key, changeId });
  await applyOnCommand(telling, cast, { iid, changeId });
  await release(telling, cast, { iid, key, sha });
  await proveIt(telling, key);
  return { iid, key, changeId, pages: cast.pageOf };
}

async function propose({ house, terminal, infrastructure }: Telling, cast: Cast) {
  const place = { gitlabUrl: house.gitlabUrl, project: house.scene.project.id };
  const sha = await terminal.step(`Erin pushes branch ${BRANCH} with git`, async (say) => {
    const files = infrastructure.after(place);
    const head = await cast.erin.push(BRANCH, files, { message: 'More room for ledger and payments' });
    say(`commit ${head.slice(0, 12)}: ${Object.keys(files).join(', ')}`);
    return head;
  });
  const iid = await terminal.step('Erin opens a merge request', async (say) => {
    const { iid: number } = await cast.erin.open(BRANCH, 'More room for ledger and payments');
    say(cast.pageOf.mergeRequest(number));
    return number;
  });
  return { iid, sha };
}

async function seePlan({ terminal, expect }: Telling, cast: Cast, iid: number) {
  const { key, changeId } = await terminal.step(
    'Countersign opens the approval ticket in JIRA, whose number the plan needs',
    async (say) => {
      const found = await expect(
        'a change with an approval id',
        async () => {
          const row = await cast.changeRow(iid);
          return row?.approvalId === undefined ? undefined : { key: row.approvalId, changeId: row.id };
        },
        () => cast.changeRow(iid),
      );
      say(cast.pageOf.ticket(found.key));
      return found;
    },
  );
  await terminal.step('It plans both projects and puts the plan into the merge request', async (say) => {
    const { id, body } = await noteWith(expect, cast, iid, /\*\*Waiting for approval/);
    const plans = [...body.matchAll(/<summary>(.*?)<\/summary>/g)].map(([, summary = '']) =>
      summary.replaceAll(/<[^>]*>/g, ''),
    );
    for (const project of [ON_COMMAND, ON_APPROVAL]) {
      expectThat(
        plans.some((plan) => plan.startsWith(project)),
        `the plan of ${project}`,
        body,
      );
    }
    say(...plans, cast.pageOf.note(iid, id));
  });
  await terminal.step(`Ticket ${key} is in front of the approver`, async (say) => {
    await ticketIs(expect, cast, key, 'In review');
    const { fields } = await cast.adamInJira.issue(key);
    expectThat(fields.attachment.length >= 2, 'a plan attached for each project', fields.attachment);
    say(`In review: ${fields.summary}`, ...fields.attachment.map(({ filename }) => `attached: ${filename}`));
  });
  return { key, changeId };
}

async function applyTooEarly(
  { terminal, expect }: Telling,
  cast: Cast,
  { iid, changeId }: { iid: number; changeId: string },
): Promise<void> {
  await terminal.step('Olga comments "countersign apply" before anybody approved: refused', async (say) => {
    await cast.olga.comment(iid, 'countersign apply');
    const { body } = await noteWith(expect, cast, iid, /\*\*Refused\*\*/);
    await noneApplied(cast, changeId);
    say(...proseOf(body));
  });
}

async function approveOwnChange(
  { terminal, expect }: Telling,
  cast: Cast,
  { key, changeId }: { key: string; changeId: string },
): Promise<void> {
  await terminal.step(`Erin approves her own change, which JIRA lets her: refused`, async (say) => {
    await cast.erinInJira.move(key, 'Approved');
    const reason = await expect(
      'a comment on the ticket that her approval does not count',
      async () => (await cast.ticketComments(key)).find((text) => text.includes('does not count')),
      async () =>
        `${key} is ${await cast.ticketStatus(key)}; ${(await cast.ticketComments(key)).join(' | ')}`,
    );
    await ticketIs(expect, cast, key, 'In review');
    await noneApplied(cast, changeId);
    say(...reason.split('\n').slice(0, -1), `${key} is back in In review`);
  });
}

async function approve(
  { terminal, expect }: Telling,
  cast: Cast,
  { iid, key, changeId }: { iid: number; key: string; changeId: string },
): Promise<void> {
  await terminal.step(`Adam moves ${key} to Approved; every gate is asked`, async (say) => {
    await cast.adamInJira.move(key, 'Approved');
    await projectIs(expect, cast, iid, ON_COMMAND, 'ready');
    const { projects } = await cast.changePage(changeId);
    const gates = projects.find((project) => project.key === ON_COMMAND)?.gates;
    expectThat(gates?.go === true, `every gate of ${ON_COMMAND} to say yes`, gates);
    const yes = gates?.results.map(({ gate }) => gate) ?? [];
    say(`${yes.length} gates say yes: ${yes.slice(0, 7).join(', ')},`, yes.slice(7).join(', '));
  });
  await terminal.step(`${ON_APPROVAL} is applied at once`, async (say) => {
    await projectIs(expect, cast, iid, ON_APPROVAL, 'applied');
    say(...(await attemptOf(cast, changeId, ON_APPROVAL)));
  });
}

async function applyOnCommand(
  { terminal, expect }: Telling,
  cast: Cast,
  { iid, changeId }: { iid: number; changeId: string },
): Promise<void> {
  await terminal.step(
    `${ON_COMMAND} waits for its operator: Olga comments "countersign apply"`,
    async (say) => {
      await cast.olga.comment(iid, 'countersign apply');
      await expect(
        `${ON_COMMAND} to be applied`,
        async () => /^(applied|released|merged)$/.test(await statusOf(cast, iid, ON_COMMAND)) || undefined,
        () => cast.changeRow(iid),
      );
      say(...(await attemptOf(cast, changeId, ON_COMMAND)));
    },
  );
}

async function release(
  { house, terminal, expect, infrastructure }: Telling,
  cast: Cast,
  { iid, key, sha }: { iid: number; key: string; sha: string },
): Promise<void> {
  const name = `release/${key}`;
  await terminal.step(`Tag ${name} is on the commit that was applied`, async (say) => {
    const tag = await expect(`tag ${name}`, () => cast.erin.tag(name).catch(() => undefined));
    expectThat(tag.commit.id === sha, `${name} on ${sha}`, tag.commit.id);
    say(cast.pageOf.tag(name));
  });
  await terminal.step(`Merge request !${iid} is merged`, async (say) => {
    const merged = await expect(
      'the merge request to be merged',
      async () => {
        const found = await cast.erin.mergeRequest(iid);
        return found.state === 'merged' ? found : undefined;
      },
      async () => (await cast.erin.mergeRequest(iid)).state,
    );
    say(`merge commit ${merged.merge_commit_sha?.slice(0, 12) ?? 'none'}`);
  });
  await terminal.step(`Ticket ${key} is Done, with the result`, async (say) => {
    await ticketIs(expect, cast, key, 'Done');
    const closing = await expect('a closing comment', async () =>
      (await cast.ticketComments(key)).find((text) => text.startsWith('Done')),
    );
    say(...closing.split('\n').slice(0, 1));
  });
  for (const project of [ON_APPROVAL, ON_COMMAND]) {
    await terminal.step(`The state of ${project} carries the approval number`, async (say) => {
      const { where, numbers } = await infrastructure.approvals(house, project);
      const entries = Object.entries(numbers);
      expectThat(
        entries.length > 0 && entries.every(([, number]) => number === key),
        `${key} on every resource`,
        numbers,
      );
      say(...entries.map(([address, number]) => `${address}: ${number}`), where);
    });
  }
}

const noteWith = (expect: Expect, cast: Cast, iid: number, pattern: RegExp) =>
  expect(
    `a note of !${iid} that says ${pattern.source}`,
    async () => (await cast.ownNotes(iid)).find(({ body }) => pattern.test(body)),
    async () => (await cast.ownNotes(iid)).map(({ body }) => body).join('\n---\n'),
  );

const ticketIs = (expect: Expect, cast: Cast, key: string, status: string) =>
  expect(
    `${key} to be ${status}`,
    async () => (await cast.ticketStatus(key)) === status || undefined,
    () => cast.ticketStatus(key),
  );

const projectIs = (expect: Expect, cast: Cast, iid: number, project: string, status: string) =>
  expect(
    `${project} to be ${status}`,
    async () => (await statusOf(cast, iid, project)) === status || undefined,
    () => cast.changeRow(iid),
  );

async function statusOf(cast: Cast, iid: number, key: string): Promise<string> {
  return (await cast.changeRow(iid))?.projects.find((project) => project.key === key)?.status ?? 'unknown';
}

async function noneApplied(cast: Cast, changeId: string): Promise<void> {
  const { attempts } = await cast.changePage(changeId);
  expectThat(attempts.length === 0, 'no attempt to apply', attempts);
}

async function attemptOf(cast: Cast, changeId: string, project: string): Promise<string[]> {
  const attempts = (await cast.changePage(changeId)).attempts.filter((each) => each.project === project);
  expectThat(
    attempts.length === 1 && attempts[0]?.outcome === 'succeeded',
    `one attempt for ${project}, succeeded`,
    attempts,
  );
  return attempts.map(
    ({ id, commandedBy }) =>
      `attempt ${id}${commandedBy === undefined ? '' : `, commanded by ${commandedBy.name}`}: succeeded`,
  );
}

/** Markdown as a terminal shows it best: without its marks, links and blank lines. */
function proseOf(markdown: string): string[] {
  return markdown
    .replaceAll(/<!--.*?-->/g, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[*`]/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('Details and evidence'));
}
