import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APPROVAL_VARIABLE, openStory, type Story, subnet } from '#test/support/story.ts';

describe('an approved change', () => {
  let story: Story;
  beforeAll(async () => {
    story = await openStory();
  }, 60_000);
  afterAll(() => story?.close());

  test('is planned, approved, applied once, tagged on the applied commit, merged, recorded', async () => {
    const body = (cidr: string, more: string) =>
      APPROVAL_VARIABLE + subnet('first', cidr) + subnet('second', more);
    const { iid } = await story.propose('add-subnets', {
      'fin/prod/network/main.tf': story.module('fin-prod-network', body('10.0.0.0/24', '10.0.1.0/24')),
      'biz/dev/network/main.tf': story.module('biz-dev-network', body('10.1.0.0/24', '10.1.1.0/24')),
    });
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    const approved = await story.changeIs(iid, 'ready');
    expect(approved.state.projects.map(({ key: name, status }) => [name, status])).toEqual([
      ['biz/dev/network', 'applied'],
      ['fin/prod/network', 'ready'],
    ]);
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
    await story.ticketIs(iid, 'Done');
    const tag = await story.erin.tag(`release/${key}`);
    expect(tag.commit.id).toBe(approved.state.revision?.headSha);
    expect((await story.attempts(iid)).map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
    expect(
      (await story.cli('audit', 'verify', '--against', `ticket:${key}`, '--against', `tag:release/${key}`))
        .code,
    ).toBe(0);
  }, 120_000);
});
