import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStory, type Story, until } from '#test/support/story.ts';

/** The web reads from the state of the network, so it is applied after it. */
const CONFIGURATION = `version: 1
projects:
  - dir: waves/net
  - dir: waves/web
    dependsOn: [waves/net]
  - dir: later/*
    applyOn: merge
`;

describe('waves', () => {
  let story: Story;
  let net: (cidr: string, owner: string) => string;
  let web: (name: string) => string;

  beforeAll(async () => {
    story = await openStory({
      projects: [{ match: '**', applyOn: 'approval', allow: { settings: ['applyOn'] } }],
    });
    const state = `${story.gitlabUrl}/api/v4/projects/${story.scene.project.id}/terraform/state/waves-net`;
    net = (cidr, owner) =>
      story.module(
        'waves-net',
        `resource "terraform_data" "net" {
  input = { cidr = "${cidr}", owner = "${owner}" }
}

output "cidr" {
  value = terraform_data.net.output.cidr
}
`,
      );
    web = (name) =>
      story.module(
        'waves-web',
        `data "terraform_remote_state" "net" {
  backend = "http"
  config  = { address = "${state}" }
}

resource "terraform_data" "web" {
  input = { name = "${name}", net = data.terraform_remote_state.net.outputs.cidr }
}
`,
      );
    await story.olga.push('main', { 'countersign.yaml': CONFIGURATION });
  });
  afterAll(() => story?.close());

  const outcomes = async (iid: number) =>
    (await story.attempts(iid)).map(({ project, outcome }) => `${project} ${outcome}`);

  test('what cannot be planned before the wave in front of it is applied, is planned then, and goes to review on the same ticket', async () => {
    const { iid } = await story.propose('begin', {
      'waves/net/main.tf': net('10.0.0.0/16', 'erin'),
      'waves/web/main.tf': web('first'),
    });
    const key = await story.ticketIs(iid, 'In review');
    await story.noteSays(iid, /forecast/i);
    await story.adamInJira.move(key, 'Approved');
    await until('the network to be applied, and the web to come to review', async () => {
      const { state } = await story.changeOf(iid);
      return state.projects.some(({ key: each, status }) => each === 'waves/net' && status === 'applied') &&
        state.ticket.review?.status === 'in-review'
        ? true
        : undefined;
    });
    expect(await outcomes(iid)).toEqual(['waves/net succeeded']);
    expect(await story.ticketIs(iid, 'In review')).toBe(key);
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'merged');
    expect(await outcomes(iid)).toEqual(['waves/net succeeded', 'waves/web succeeded']);
    expect(await story.ticketIs(iid, 'Done')).toBe(key);
  });

  test('a forecast that holds is applied by the approval it has', async () => {
    const { iid } = await story.propose('holds', {
      'waves/net/main.tf': net('10.0.0.0/16', 'olga'),
      'waves/web/main.tf': web('second'),
    });
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'merged');
    expect(await outcomes(iid)).toEqual(['waves/net succeeded', 'waves/web succeeded']);
    expect((await story.entries(iid)).filter((type) => type === 'ticket-presented')).toHaveLength(1);
    expect(await story.entries(iid)).toContain('plan-rebound');
  });

  test('a forecast that does not hold goes back to its approver with what it says now', async () => {
    const { iid } = await story.propose('differs', {
      'waves/net/main.tf': net('10.9.0.0/16', 'olga'),
      'waves/web/main.tf': web('third'),
    });
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.noteSays(iid, /10\.9\.0\.0[\s\S]*10\.9\.0\.0/, 60_000);
    await until('the ticket to be in review a second time', async () => {
      const { ticket } = (await story.changeOf(iid)).state;
      return ticket.review?.status === 'in-review' && ticket.review.round > 1 ? true : undefined;
    });
    expect(await outcomes(iid)).toEqual(['waves/net succeeded']);
    // The approver reads what is not as it was approved, in the ticket and in a comment that they are told of.
    const { comments } = await story.adamInJira.comments(key);
    expect(JSON.stringify(comments)).toMatch(/Back in review\..*What changed since it was approved/s);
    expect(JSON.stringify((await story.issue(key)).fields)).toMatch(
      /What changed since it was approved.*waves\/web.*10\.9\.0\.0/s,
    );
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'merged');
    expect(await outcomes(iid)).toEqual(['waves/net succeeded', 'waves/web succeeded']);
    expect(await story.ticketIs(iid, 'Done')).toBe(key);
  });

  test('what is applied on the merge waits for it, and is tagged after it', async () => {
    const { iid } = await story.propose('later', {
      'later/app/main.tf': story.module(
        'later-app',
        'resource "terraform_data" "app" {\n  input = "app"\n}\n',
      ),
    });
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    expect(await story.attempts(iid)).toEqual([]);
    const { revision } = (await story.changeOf(iid)).state;
    await story.olga.asked(`/merge_requests/${iid}/merge`, 'PUT', { sha: revision?.headSha });
    await story.changeIs(iid, 'merged');
    expect(await outcomes(iid)).toEqual(['later/app succeeded']);
    const { commit } = await story.olga.tag(`release/${key}`);
    expect(commit.id).toBe(revision?.headSha);
    await story.ticketIs(iid, 'Done');
  });
});
