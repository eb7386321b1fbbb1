import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { post } from '#test/sandbox/house/http.ts';
import { APPROVAL_VARIABLE, openStory, type Story } from '#test/support/story.ts';

describe('a plan made on one machine', () => {
  let story: Story;
  beforeAll(async () => {
    story = await openStory({ workers: 0 });
  });
  afterAll(() => story?.close());

  test('is applied on another, with the modules as they were when it was made', async () => {
    const shelf = await publicModule(story);
    const planner = await story.startWorker(await machine(story, 'planner'));
    const { iid } = await story.propose('two-machines', {
      'modules/local/main.tf': MODULE,
      'modules/local/banner.txt': 'kept in the repository',
      'biz/dev/travels/main.tf': story.module(
        'travels',
        `${APPROVAL_VARIABLE}
module "local" {
  source   = "../../../modules/local"
  approval = var.approval_id
}

module "fetched" {
  source   = "git::${shelf.url}//banner?ref=main"
  approval = var.approval_id
}

output "banners" {
  value = [module.local.text, module.fetched.text]
}
`,
      ),
    });
    const key = await story.ticketIs(iid, 'In review');
    await planner.stop();
    // What init fetched is no longer what it would fetch.
    await shelf.write('changed since');

    await story.startWorker(await machine(story, 'applier'));
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'merged');
    const attempts = await story.query<{ outcome: string; spool: string }>(
      'select outcome, spool from attempts',
    );
    expect(attempts).toMatchObject([
      { outcome: 'succeeded', spool: expect.stringContaining('/applier/') as string },
    ]);
    expect(await story.query('select id from plan_runs')).toHaveLength(1);
    const state = await story.olga.asked<{ outputs: { banners: { value: string[] } } }>(
      '/terraform/state/travels',
    );
    expect(state.outputs.banners.value).toEqual([
      `kept in the repository, ${key}`,
      `fetched while planning, ${key}`,
    ]);
  });
});

/** A repository of modules that everybody may read; init copies from it into the work tree. */
async function publicModule({ gitlabUrl }: Story) {
  const made = await post<{ id: number; http_url_to_repo: string }>(`${gitlabUrl}/sandbox/projects`, {
    path: 'infra/modules',
    visibility: 'public',
    files: { 'banner/main.tf': MODULE, 'banner/banner.txt': 'fetched while planning' },
  });
  return {
    url: made.http_url_to_repo,
    write: (text: string) =>
      post(`${gitlabUrl}/sandbox/projects/${made.id}/commits`, {
        user: 'olga',
        branch: 'main',
        files: { 'banner/banner.txt': text },
      }),
  };
}

/** Another home, spool, mirrors and configuration file: nothing is shared but the place where runs happen. */
async function machine({ dir }: Story, name: string): Promise<Record<string, string>> {
  const own = join(dir, name);
  await mkdir(join(own, 'home'), { recursive: true });
  await cp(join(dir, 'secrets'), join(own, 'secrets'), { recursive: true });
  const text = await readFile(join(dir, 'countersign.server.yaml'), 'utf8');
  const config = parse(text.replaceAll(join(dir, 'secrets'), join(own, 'secrets'))) as object;
  const file = join(own, 'countersign.server.yaml');
  await writeFile(file, stringify({ ...config, spoolDir: join(own, 'spool') }));
  return { COUNTERSIGN_CONFIG: file, HOME: join(own, 'home') };
}

const MODULE = `variable "approval" {
  type = string
}

resource "terraform_data" "banner" {
  input = "\${file("\${path.module}/banner.txt")}, \${var.approval}"
}

output "text" {
  value = terraform_data.banner.output
}
`;
