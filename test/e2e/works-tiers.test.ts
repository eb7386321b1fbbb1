import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { gitlabAs, jiraAs, reader } from '#test/sandbox/house/actors.ts';
import { openStory, type Story, subnet, until } from '#test/support/story.ts';

const TIERS = [
  { name: 'light' },
  {
    name: 'grave',
    approvals: [
      { id: 'owner', from: ['fin-owners'], labels: { network: 'fin' } },
      { id: 'owner', from: ['biz-owners'], labels: { network: 'biz' } },
      { id: 'security', from: ['security'] },
    ],
    approvalValidSeconds: 7200,
  },
];
const RULES = [
  { shipped: 'destroy', tier: 'grave' },
  { shipped: 'new-module', tier: 'grave' },
  { shipped: 'outside-contributor', tier: 'grave', params: { groups: ['engineers'] } },
  {
    // What permissions look like where there is no cloud.
    id: 'permissions',
    tier: 'grave',
    message: 'changes permissions',
    when: 'plan.resources.filter(r, r.name.startsWith("role") && r.action != "no-op").map(r, r.address)',
  },
];
/** What the repository adds for itself. */
const POLICY = `tierRules:
  - id: open-to-all
    tier: grave
    message: is open to everybody
    appliesTo: { projects: ["biz/**"] }
    when: >-
      plan.resources.filter(r, r.action in ["create", "update"] && r.after.input.cidr == "0.0.0.0/0").map(r, r.address)
`;
const PLAIN = 'resource "terraform_data" "x" {\n  input = { cidr = "10.0.0.0/8" }\n}\n';
const ROLES = 'resource "terraform_data" "role" {\n  input = { may = "everything" }\n}\n';

/** As much of a change's JSON as this story looks at. */
interface Shown {
  projects: { key: string; demand?: { tier: string; reasons: string[]; approvals: { from: string[] }[] } }[];
}

describe('how grave a plan is', () => {
  let story: Story;
  let get: Awaited<ReturnType<typeof reader>>['get'];
  beforeAll(async () => {
    story = await openStory({
      server: { tiers: TIERS, tierRules: RULES },
      groups: { erin: ['engineers'], adam: ['fin-owners'], mia: ['security'] },
      files: () => ({ 'policies/tiers.yaml': POLICY }),
      projects: [
        { match: 'fin/**', applyOn: 'approval', labels: { network: 'fin' } },
        { match: 'biz/**', applyOn: 'approval', labels: { network: 'biz' } },
      ],
    });
    ({ get } = await reader(story));
  });
  afterAll(() => story?.close());

  const demandsOf = async (iid: number) => {
    const { id } = await story.changeOf(iid);
    const { projects } = await get<Shown>(`/changes/${id}`);
    return projects.map(({ key, demand }) => ({
      key,
      tier: demand?.tier,
      reasons: demand?.reasons,
      of: demand?.approvals.map(({ from }) => from.join()),
    }));
  };
  const ticketText = async (key: string) => JSON.stringify((await story.issue(key)).fields.description);

  test('a small change is light, and anybody who may approve decides it', async () => {
    const { iid } = await story.propose('small', {
      'biz/small/main.tf': story.module(
        'small',
        subnet('first', '10.2.0.0/24').replace('var.approval_id', '""'),
      ),
    });
    const key = await story.ticketIs(iid, 'In review');
    expect(await demandsOf(iid)).toEqual([{ key: 'biz/small', tier: 'light', reasons: [], of: [''] }]);
    expect(await ticketText(key)).toContain('Tier light.');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'merged');
  });

  test('one that touches permissions is grave: ticket, note and page say why, and security has to agree', async () => {
    const { iid } = await story.propose('rights', {
      'fin/rights/main.tf': story.module('rights', 'module "roles" {\n  source = "../../modules/roles"\n}\n'),
      'modules/roles/main.tf': ROLES,
      'biz/plain/main.tf': story.module('plain', PLAIN),
    });
    const key = await story.ticketIs(iid, 'In review');
    const reasons = [
      'calls new modules: ./modules/roles',
      'changes permissions: module.roles.terraform_data.role',
    ];
    expect(await demandsOf(iid)).toEqual([
      { key: 'biz/plain', tier: 'light', reasons: [], of: [''] },
      { key: 'fin/rights', tier: 'grave', reasons, of: ['fin-owners', 'security'] },
    ]);
    const text = await ticketText(key);
    expect(text).toContain(`Tier grave: ${reasons.join('; ')}`);
    expect(text).toMatch(/fin-owners.*security/);
    await story.noteSays(
      iid,
      /takes the approval of .*`security`.*[\s\S]*Tier `grave` \(calls new modules: .*changes permissions: .*\)/,
    );

    await story.adamInJira.move(key, 'Approved');
    await until('the ticket to ask on', async () => {
      const moves = await story.ticketMoves(key);
      return moves.join() === 'In review,Approved,In review';
    });
    expect(await story.attempts(iid)).toEqual([]);
    await jiraAs(story, story.scene.players.mia).move(key, 'Approved');
    await story.changeIs(iid, 'merged');
  });

  test('the repository’s own rules raise, and so does who asks', async () => {
    const open = await story.propose('open', {
      'biz/open/main.tf': story.module(
        'open',
        'resource "terraform_data" "gate" {\n  input = { cidr = "0.0.0.0/0" }\n}\n',
      ),
    });
    const mia = gitlabAs(story, story.scene.players.mia);
    await mia.push('outside', {
      'biz/outside/main.tf': story.module('outside', PLAIN),
    });
    const outside = await mia.open('outside', 'Change outside');
    await story.ticketIs(open.iid, 'In review');
    await story.ticketIs(outside.iid, 'In review');
    expect(await demandsOf(open.iid)).toMatchObject([
      {
        tier: 'grave',
        reasons: ['is open to everybody: terraform_data.gate'],
        of: ['biz-owners', 'security'],
      },
    ]);
    expect(await demandsOf(outside.iid)).toMatchObject([
      { tier: 'grave', reasons: ['is made by somebody from outside: mia'] },
    ]);
  });

  test('whoever pushes to somebody else’s merge request contributes to it: from outside, it is graver', async () => {
    const { iid } = await story.propose('ridden', { 'biz/ridden/main.tf': story.module('ridden', PLAIN) });
    await story.ticketIs(iid, 'In review');
    expect(await demandsOf(iid)).toMatchObject([{ tier: 'light' }]);
    const mia = gitlabAs(story, story.scene.players.mia);
    await mia.push('ridden', { 'biz/ridden/main.tf': story.module('ridden', PLAIN.replace('10.', '11.')) });
    await story.changeIs(iid, 'awaiting-approval');
    await until('the tier to go by her', async () =>
      (await demandsOf(iid))[0]?.reasons?.includes('is made by somebody from outside: mia')
        ? true
        : undefined,
    );
    expect(await demandsOf(iid)).toMatchObject([{ tier: 'grave', of: ['biz-owners', 'security'] }]);
  });

  test('what is graver by the time of the gates is planned and asked about again by itself, and says why', async () => {
    const { iid } = await story.propose('left', { 'biz/left/main.tf': story.module('left', PLAIN) });
    const key = await story.ticketIs(iid, 'In review');
    await leaveGroups(story, 'erin');
    await story.adamInJira.move(key, 'Approved');
    await until('the ticket to ask again', async () => {
      const text = await ticketText(key);
      return text.includes('Tier grave: is made by somebody from outside: erin');
    });
    await story.ticketIs(iid, 'In review');
    const { comments } = await story.adamInJira.comments(key);
    expect(JSON.stringify(comments)).toMatch(
      /was planned as tier light and is of tier grave by now: is made by somebody from outside: erin/,
    );
    expect(await story.attempts(iid)).toEqual([]);
  });
});

/** What an administrator does in the people file. */
async function leaveGroups(story: Story, person: string): Promise<void> {
  const file = join(story.dir, 'people.yaml');
  const { people } = parse(await readFile(file, 'utf8')) as { people: { id: string; groups?: string[] }[] };
  const left = people.map((each) => (each.id === person ? { ...each, groups: [] } : each));
  await writeFile(file, stringify({ people: left }));
}
