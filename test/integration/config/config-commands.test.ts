import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerConfigCommands } from '#cli/config.ts';
import { explainCheckout } from '#src/compose-explain.ts';

const SERVER = join(import.meta.dirname, '../../../config/example/countersign.server.yaml');
const CONFIGURATION = `version: 1
defaults:
  - match: "**"
    whenModified: ["*.tf"]
projects:
  - dir: fin/prod/network
    name: fin-network
    orderGroup: 2
`;
let clone: string;

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'countersign-clone-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: clone });
  const write = (path: string, text: string) => {
    mkdirSync(join(clone, dirname(path)), { recursive: true });
    writeFileSync(join(clone, path), text);
  };
  git('init', '--quiet', '--initial-branch', 'main');
  write('fin/prod/network/main.tf', '');
  write('countersign.yaml', CONFIGURATION);
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
  write(
    'countersign.yaml',
    CONFIGURATION.replace('orderGroup: 2', 'applyOn: approval\n    labels: { env: dev }'),
  );
  write('policies/a.yaml', 'rules:\n  - id: a\n    when: "1 +"\n    message: never\n');
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ lines: string[]; code: number | undefined }> {
  const lines: string[] = [];
  let code: number | undefined;
  const program = new Command().exitOverride();
  registerConfigCommands(program, {
    describe: () => ({}),
    explain: (options) => explainCheckout({ ...options, folder: clone }),
    print: (line) => void lines.push(line),
    setExitCode: (it) => {
      code = it;
    },
  });
  await program.parseAsync(['config', ...args], { from: 'user' });
  return { lines, code };
}

test('explain shows each setting of a project, its value, and where it was said', async () => {
  const { lines, code } = await run('explain', './fin/prod/network/', '--ref', 'main', '--server', SERVER);
  expect(code).toBe(0);
  expect(lines).toMatchInlineSnapshot(`
    [
      "fin/prod/network (fin-network)",
      "  applyOn                 command    server",
      "  holdFrom                apply      server",
      "  terraform.version       –          default",
      "  terraform.distribution  terraform  default",
      "  varFiles                –          default",
      "  labels.network          fin        server",
      "  labels.env              prod       server",
      "  labels.account          fin        server",
      "  labels.region           apne2      server",
      "  labels.company          example    server",
      "  labels.service          core       server",
      "  workflow                default    default",
      "  whenModified            *.tf       countersign.yaml:4:5",
      "  autoplan                true       default",
      "  dependsOn               –          default",
      "  orderGroup              2          countersign.yaml:8:5",
      "  tier                    normal     default",
      "  What its tier demands, and those that rules may raise it to:",
      "    normal: 1 of fin-approvers, for 24 h; work plan: reason, fall-back",
      "    high: 1 of fin-approvers and 1 of security and 1 of change-managers, for 8 h; work plan: reason, impact, fall-back, window; 1 review; no reviewer who is approver",
    ]
  `);
});

test('explain and check tell of every mistake in the work tree, the policies’ too, and end with 1', async () => {
  const { lines, code } = await run('check', '--server', SERVER);
  expect([lines.length, code]).toEqual([1, 1]);
  expect(lines[0]).toMatch(/^policies\/a\.yaml:3:5: /);
  rmSync(join(clone, 'policies'), { recursive: true });
  expect(await run('check', '--server', SERVER)).toEqual({
    lines: [
      'countersign.yaml:8:5: applyOn: approval is weaker than what the server says, which is command (fin/prod/network)',
      'countersign.yaml:9:15: labels.env: the server says that it is prod (fin/prod/network)',
    ],
    code: 1,
  });
});

test('without the server’s file what it says is left out, and whatever the repository wants is allowed', async () => {
  expect(await run('check')).toEqual({ lines: ['in order: 1 projects'], code: 0 });
  const network = await run('explain', 'fin/prod/network', '--ref', 'main');
  expect(network.lines.join('\n')).toMatch(/applyOn \s+– \s+left to the server/);
  const { lines, code } = await run('explain', 'fin/prod');
  expect([lines, code]).toEqual([
    ['Without --server FILE: what the server says and allows is left out.', 'fin/prod is no project.'],
    1,
  ]);
});
