import { execFile, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Course, runInterleavings, SETTINGS } from '#test/support/interleavings.ts';
import { quiet } from '#test/support/refusals.ts';
import { openStory, type Story } from '#test/support/story.ts';

/*
 * COUNTERSIGN_INTERLEAVINGS says how many merge requests live through happenings in random order, COUNTERSIGN_SEED in
 * which, COUNTERSIGN_AT_ONCE how many at a time, COUNTERSIGN_INTERLEAVINGS_MINUTES for how long at most. Whatever was applied is judged from the exported log by a checker that
 * shares no code with the service (test/support/check-approvals.py).
 */
const COUNT = Number(process.env['COUNTERSIGN_INTERLEAVINGS'] ?? 12);
const SEED = Number(process.env['COUNTERSIGN_SEED'] ?? 20_261_122);
const AT_ONCE = Number(process.env['COUNTERSIGN_AT_ONCE'] ?? 6);
const MINUTES = Number(process.env['COUNTERSIGN_INTERLEAVINGS_MINUTES'] ?? Infinity);
const FOR_EACH_MS = 30_000;

const hasPython = spawnSync('python3', ['--version']).status === 0;
const checker = resolve(import.meta.dirname, '../support/check-approvals.py');

let story: Story;
let people: string;
beforeAll(async () => {
  story = await openStory(SETTINGS);
  people = await whoIsWho();
}, 60_000);
afterAll(() => story?.close());

test.skipIf(!hasPython)(
  `${COUNT} changes that everything happens to in any order: nothing is applied but what was approved`,
  { timeout: 60_000 + COUNT * FOR_EACH_MS },
  async () => {
    const began = Date.now();
    const course = await runInterleavings(story, {
      count: COUNT,
      seed: SEED,
      atOnce: AT_ONCE,
      until: began + MINUTES * 60_000,
    });
    await quiet(story);
    const bundle = join(story.dir, 'export');
    expect(await story.cli('audit', 'export', bundle)).toMatchObject({ code: 0 });
    expect(await story.cli('audit', 'verify', '--bundle', bundle)).toMatchObject({ code: 0 });
    const judged = await judge(bundle);
    await tell(course, judged, Date.now() - began);
    expect(judged.violations).toEqual([]);
    expect(course.stuck).toEqual([]);
    const [row] = await story.query<{ started: number }>(
      'select count(*)::int as started from attempts where started_at is not null',
    );
    expect(judged.applies).toBeGreaterThanOrEqual(row?.started ?? 0);
    const lived = [...course.ended.values()].reduce((sum, n) => sum + n, 0);
    expect(row?.started).toBeGreaterThan(lived / 20);
  },
);

/** What the checker makes of the log. */
async function judge(bundle: string): Promise<{ applies: number; violations: string[] }> {
  const run = promisify(execFile)('python3', [checker, '--people', people, bundle], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const { stdout } = await run.catch((error: { stdout: string; stderr: string }) => {
    if (error.stderr !== '') throw new Error(error.stderr);
    return error;
  });
  const lines = stdout.trim().split('\n');
  const applies = /: (\d+) applies, \d+ violations$/.exec(lines.at(-1) ?? '')?.[1];
  return { applies: Number(applies), violations: lines.slice(0, -1) };
}

/** Who is who, as the house begins: roles come and go, people do not. */
async function whoIsWho(): Promise<string> {
  const file = parse(await readFile(join(story.dir, 'people.yaml'), 'utf8')) as {
    people: { id: string; gitlabId: number; jiraAccount: string; emails: string[] }[];
  };
  const path = join(story.dir, 'who-is-who.json');
  const known = file.people.map(({ id, gitlabId, jiraAccount, emails }) => ({
    id,
    gitlabIds: [gitlabId],
    jiraAccounts: [jiraAccount],
    emails,
  }));
  await writeFile(path, JSON.stringify(known));
  return path;
}

/** For whoever runs many: what happened, how it ended, and what was refused. */
async function tell(course: Course, { applies }: { applies: number }, ms: number): Promise<void> {
  const gates = await story.query<{ gate: string; n: number }>(
    `select r ->> 'gate' as gate, count(*)::int as n from gate_evaluations, jsonb_array_elements(results) r
     where r ->> 'answer' <> 'yes' group by 1 order by 2 desc`,
  );
  const entries = await story.query<{ type: string; n: number }>(
    `select envelope::jsonb ->> 'type' as type, count(*)::int as n from audit.entries group by 1 order by 2 desc`,
  );
  const counts = (rows: [string, number][]) => rows.map(([what, n]) => `${what} ${n}`).join(', ');
  const lines = [
    `seed ${SEED}, ${[...course.ended.values()].reduce((sum, n) => sum + n, 0)} changes, ${AT_ONCE} at once, ${Math.round(ms / 1000)} s, ${applies} applies`,
    `happened: ${counts([...course.happened])}; impossible ${course.impossible}`,
    `ended: ${counts([...course.ended])}`,
    `gates that did not say yes: ${counts(gates.map(({ gate, n }) => [gate, n]))}`,
    `entries: ${counts(entries.map(({ type, n }) => [type, n]))}`,
  ];
  const out = process.env['COUNTERSIGN_INTERLEAVINGS_REPORT'];
  if (out !== undefined) await writeFile(out, `${lines.join('\n')}\n`);
}
