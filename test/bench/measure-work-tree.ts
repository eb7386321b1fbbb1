import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createGitSource } from '#adapters/git/git-source.ts';
import { readSourceFacts } from '#adapters/terraform/source-facts.ts';
import { median, ratio, type Row } from './result.ts';
import type { Stage } from './stage.ts';

const run = promisify(execFile);

/**
 * A new commit on a branch, from "it was pushed" to "its project's work tree is there", out of a warm mirror; beside a
 * shallow clone of the same commit, which is what a job without a mirror does.
 */
export async function measureWorkTree(stage: Stage, folder: string, repetitions: number): Promise<Row[]> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-bench-git-'));
  const { project } = stage.scene;
  const credentials = { username: 'countersign', password: stage.scene.cloneToken };
  const source = createGitSource({
    mirrors: join(dir, 'mirrors'),
    readFacts: readSourceFacts,
    remote: async () => ({ url: project.url, credentials }),
  });
  const url = Object.assign(new URL(project.url), credentials).href;
  try {
    const { commit } = await stage.erin.asked<{ commit: { id: string } }>('/repository/branches/main');
    await source.fetch(project.id, [commit.id]);
    const ours: number[] = [];
    const clones: number[] = [];
    for (let round = 1; round <= repetitions * 2 + 1; round += 1) {
      const branch = `bench-git-${round}`;
      const sha = await stage.erin.push(branch, { [`${folder}/round.tf`]: `# ${round}\n` });
      clones.push(await timed(() => clone(url, branch, join(dir, `clone-${round}`))));
      const target = join(dir, `tree-${round}`);
      await mkdir(target);
      ours.push(
        await timed(async () => {
          await source.fetch(project.id, [sha, commit.id]);
          await source.materialize(project.id, sha, [folder], target);
        }),
      );
      if (!existsSync(join(target, folder, 'round.tf')))
        throw new Error('the work tree is not the one that was asked for');
    }
    return [
      ratio({
        id: 'work-tree',
        what: 'work tree of one project out of a warm mirror / clone --depth 1',
        ours: median(ours),
        other: median(clones),
        unit: 'ms',
        goal: { at: 'most', value: 0.15 },
      }),
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function clone(url: string, branch: string, target: string): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', GIT_TERMINAL_PROMPT: '0' };
  await run('git', ['clone', '--quiet', '--depth', '1', '--branch', branch, url, target], { env });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
