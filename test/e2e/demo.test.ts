import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MAIN = resolve(import.meta.dirname, '../sandbox/demo/main.ts');

describe('npm run demo', () => {
  let parent: string;
  beforeAll(async () => {
    // Short, since PostgreSQL's socket lies below it.
    parent = await mkdtemp(join(tmpdir(), 'cs-demo-'));
    await chmod(parent, 0o711);
  });
  afterAll(() => rm(parent, { recursive: true, force: true }));

  test('tells the story to its end with --once, every step ticked, and leaves nothing behind', async () => {
    const dir = join(parent, 'once');
    const { code, output } = await demo('--once', '--dir', dir);
    expect(output).not.toContain('✗');
    expect(code).toBe(0);
    for (const line of STORY) expect(output).toMatch(line);
    await expect(stat(dir)).rejects.toThrow('ENOENT');
    expect(await processesIn(dir)).toEqual([]);
  });

  test('stays up until Ctrl-C, refuses its folder to a second demo, and stops every process', async () => {
    const dir = join(parent, 'stays');
    const up = startDemo('--dir', dir);
    try {
      await up.says(/Ctrl-C stops everything/);
      const [, page = ''] = /All changes\s+(\S+)/.exec(up.output()) ?? [];
      expect((await fetch(page)).status).toBe(200);
      const second = await demo('--once', '--dir', dir);
      expect(second.code).toBe(1);
      expect(second.output).toContain(`A demo is already running in ${dir} (pid ${up.pid})`);
    } finally {
      up.interrupt();
    }
    expect(await up.ended).toBe(0);
    expect(await processesIn(dir)).toEqual([]);
  });

  test('a step that falls short makes it fail, with what was expected and seen and where the logs are', async () => {
    const dir = join(parent, 'short');
    const { code, output } = await demo('--once', '--dir', dir, '--without', 'adam', '--patience', '15');
    expect(code).toBe(1);
    expect(output).toMatch(/✗ Adam moves CHG-1 to Approved/);
    expect(output).toMatch(/expected: fin\/prod\/network to be ready, within 15 s/);
    expect(output).toMatch(/seen: .*fin\/prod\/network/);
    expect(output).toContain(`The logs of every process are in ${join(dir, 'logs')}`);
    expect(await readdir(join(dir, 'logs'))).toEqual(expect.arrayContaining(['server.log', 'worker-1.log']));
    expect(await processesIn(dir)).toEqual([]);
  });

  test('a folder that holds something else is left alone', async () => {
    const { code, output } = await demo('--once', '--dir', resolve(import.meta.dirname));
    expect(code).toBe(1);
    expect(output).toContain('is not empty, and what is in it is not a demo');
  });

  test('what it lacks is said with what was tried and what to type next', async () => {
    const dir = join(parent, 'lacks');
    const told = async (environment: Record<string, string>) =>
      (await demo('--once', '--dir', dir, environment)).output;
    const [terraform, database, redis] = await Promise.all([
      told({ COUNTERSIGN_TERRAFORM: '/nowhere/terraform' }),
      told({ DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' }),
      told({ REDIS_URL: 'redis://:secret@127.0.0.1:9' }),
    ]);
    expect(terraform).toContain('COUNTERSIGN_TERRAFORM is set to /nowhere/terraform');
    for (const output of [terraform, database, redis]) expect(output).not.toMatch(/^\s+at /m);
    expect(database).toMatch(/The PostgreSQL at DATABASE_URL refused: .*ECONNREFUSED.*unset it/);
    expect(redis).toContain(
      'REDIS_URL is set but redis://…@127.0.0.1:9 refused the connection (ECONNREFUSED)',
    );
    expect(redis).not.toContain('secret');
  });
});

const STORY = [
  /✓ Erin pushes branch more-room with git/,
  /✓ Erin opens a merge request/,
  /✓ Ticket CHG-1 is in front of the approver/,
  /✓ Olga comments "countersign apply" before anybody approved: refused/,
  /ticket-approved: CHG-1 is in review and not approved yet/,
  /✓ Erin approves her own change, which JIRA lets her: refused/,
  /This approval does not count\. Erin Engineer/,
  /✓ Adam moves CHG-1 to Approved; every gate is asked/,
  /✓ biz\/dev\/network is applied at once/,
  /commanded by Olga Operator: succeeded/,
  /✓ Tag release\/CHG-1 is on the commit that was applied/,
  /✓ Merge request !1 is merged/,
  /✓ Ticket CHG-1 is Done, with the result/,
  /terraform_data\.payments: CHG-1/,
  /✓ countersign audit verify --against ticket:CHG-1 --against tag:release\/CHG-1/,
  /tampering: the payload of entry \d+ was edited/,
  /Everything came out as it must/,
];

async function demo(...args: (string | Record<string, string>)[]): Promise<{ code: number; output: string }> {
  const running = startDemo(...args);
  return { code: await running.ended, output: running.output() };
}

function startDemo(...args: (string | Record<string, string>)[]) {
  const words = args.filter((arg) => typeof arg === 'string');
  const environment = Object.assign({}, ...args.filter((arg) => typeof arg !== 'string')) as object;
  const { DATABASE_URL: _, REDIS_URL: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [MAIN, ...words], { env: { ...inherited, ...environment } });
  let output = '';
  let heard = () => undefined as void;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      heard();
    });
  }
  const ended = new Promise<number>((settle) => child.once('close', (code) => settle(code ?? -1)));
  return {
    pid: child.pid,
    ended,
    output: () => output,
    interrupt: () => void child.kill('SIGINT'),
    /** Resolves when it has said so; rejects when it ends without. */
    says: (pattern: RegExp) =>
      new Promise<void>((settle, reject) => {
        heard = () => {
          if (pattern.test(output)) settle();
        };
        heard();
        void ended.then(() => reject(new Error(`it never said ${pattern}:\n${output}`)));
      }),
  };
}

/** Command lines of all processes that have to do with the folder, as the kernel tells. */
async function processesIn(dir: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const found = await Promise.all(
    pids.map(async (pid) => [await read(pid, 'cmdline'), await read(pid, 'environ')] as const),
  );
  return found
    .filter(([words, environment]) => words.includes(dir) || environment.includes(dir))
    .map(([words]) => words.replaceAll('\0', ' '));
}
