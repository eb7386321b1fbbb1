import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rootModule } from '#test/sandbox/house/root-modules.ts';
import { openStory, type Story, until } from '#test/support/story.ts';

const CONFIGURATION = `version: 1
autodiscover: { mode: enabled, ignore: ["examples/**"] }
defaults:
  - match: "**"
    whenModified: ["*.tf"]
  - match: net/**
    applyOn: command
projects:
  - dir: app/*
    orderGroup: 1
  - dir: lonely
    name: alone
    autoplan: false
`;
const text = (value: string) => `resource "terraform_data" "it" {\n  input = "${value}"\n}\n`;

describe('projects as their repository configures them', () => {
  let story: Story;
  beforeAll(async () => {
    story = await openStory({
      projects: [{ match: '**', applyOn: 'approval' }],
      files: ({ gitlabUrl, project }) => ({
        'countersign.yaml': CONFIGURATION,
        'app/two/main.tf': rootModule({ gitlabUrl, project, state: 'app-two' }, text('two')),
        'lonely/main.tf': rootModule({ gitlabUrl, project, state: 'lonely' }, text('lonely')),
      }),
    });
  });
  afterAll(() => story?.close());

  /** The change's projects in its present revision, with what is configured for them. */
  const projects = async (iid: number) => {
    const { state } = await story.changeOf(iid);
    return state.projects as unknown as Configured[];
  };
  const revisionIs = (iid: number, number: number) =>
    until(`revision ${number} of !${iid} in review`, async () => {
      const { state, status } = await story.changeIs(iid, /./);
      return (state.revision?.number === number && status === 'awaiting-approval') || undefined;
    });
  let iid = 0;

  test('are those of the target branch: layers, patterns, waves, ignores and .gitignore patterns; the merge request’s own file counts for nothing yet', async () => {
    ({ iid } = await story.propose('configured', {
      'net/core/main.tf': story.module('net-core', text('core')),
      'app/one/main.tf': story.module('app-one', text('one')),
      'app/two/README.md': 'Two.\n',
      'examples/demo/main.tf': story.module('demo', text('demo')),
      'lonely/main.tf': story.module('lonely', text('more')),
      'countersign.yaml': `${CONFIGURATION.replace('command', 'approval').replace('orderGroup', 'ordergroup')}`,
    }));
    await revisionIs(iid, 1);
    expect(await projects(iid)).toMatchObject([
      { key: 'app/one', applyOn: 'approval', wave: 1 },
      { key: 'net/core', applyOn: 'command', wave: 0 },
    ]);
    const { id } = await story.changeOf(iid);
    const [core] = await story.query<{ configuration: object[] }>(
      "select configuration from plan_runs where change_id = $1 and project = 'net/core'",
      [id],
    );
    expect(core?.configuration).toContainEqual({
      setting: 'applyOn',
      value: 'command',
      place: 'countersign.yaml:7:5',
    });
    // What will be wrong once it is merged is told, with its place.
    await story.noteSays(iid, /countersign\.yaml:10:5[\s\S]*did you mean orderGroup\?/);
  });

  test('that wait to be asked for are planned when a comment names them', async () => {
    await story.erin.comment(iid, 'countersign plan -p alone');
    await revisionIs(iid, 2);
    expect(await projects(iid)).toMatchObject([
      { key: 'app/one' },
      { key: 'lonely', name: 'alone', wave: 0 },
      { key: 'net/core' },
    ]);
  });

  test('are planned anew when the target branch configures them otherwise, and nothing is planned while it cannot be used', async () => {
    const mended = CONFIGURATION.replace('applyOn: command', 'applyOn: merge');
    await story.olga.push('main', { 'countersign.yaml': mended });
    await revisionIs(iid, 3);
    expect(await projects(iid)).toContainEqual(
      expect.objectContaining({ key: 'net/core', applyOn: 'merge' }),
    );

    await story.olga.push('main', { 'countersign.yaml': mended.replace('applyOn: merge', 'applyOn: never') });
    await story.noteSays(
      iid,
      /nothing is planned until that is mended there[\s\S]*countersign\.yaml:7:5[\s\S]*applyOn/,
    );

    await story.olga.push('main', { 'countersign.yaml': mended });
    await story.ticketIs(iid, 'In review');
    await story.noteSays(iid, /^(?![\s\S]*until that is mended)[\s\S]*Waiting for approval/i);
    expect((await story.changeOf(iid)).state.revision?.number).toBe(3);
  });
});

/** As much of a project as is configured. */
interface Configured {
  key: string;
  name: string;
  applyOn: string;
  wave: number;
}
