import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectThat } from './expectation.ts';
import type { Telling } from './telling.ts';

/**
 * The audit log is verified live, against what the ticket and the tag witness; then, as an auditor would, from an
 * export without the database. In a copy of that, one byte of the approval's entry is changed: verify must name it.
 */
export async function proveIt({ house, terminal }: Telling, key: string): Promise<void> {
  const tag = `release/${key}`;
  const bundle = join(house.dir, 'audit-export');
  await terminal.step(
    `countersign audit verify --against ticket:${key} --against tag:${tag}`,
    async (say) => {
      const { code, output } = await house.cli(
        'audit',
        'verify',
        '--against',
        `ticket:${key}`,
        '--against',
        `tag:${tag}`,
      );
      expectThat(code === 0 && output.startsWith('ok'), 'exit code 0', `${code}: ${output}`);
      const lines = output.trim().split('\n');
      say(lines[0] ?? '', lines.at(-1) ?? '');
    },
  );
  await terminal.step('countersign audit export', async (say) => {
    const { code, output } = await house.cli('audit', 'export', bundle);
    expectThat(code === 0, 'exit code 0', `${code}: ${output}`);
    say(`${output.split(';')[0]}`);
  });
  const copy = `${bundle}-changed`;
  const index = await changeApprover(bundle, copy, house.scene.players.adam.jira.accountId);
  const name = `One byte of who approved is changed in a copy: verify --bundle names entry ${index}`;
  await terminal.step(name, async (say) => {
    const [good, bad] = await Promise.all([
      house.cli('audit', 'verify', '--bundle', bundle),
      house.cli('audit', 'verify', '--bundle', copy),
    ]);
    expectThat(good.code === 0, 'exit code 0 for the export as it is', `${good.code}: ${good.output}`);
    const names = new RegExp(`tampering:.*\\bentry ${index}\\b`);
    expectThat(bad.code === 1 && names.test(bad.output), `exit code 1 and entry ${index}`, bad.output);
    say(...bad.output.split('\n').filter((line) => names.test(line) || line.startsWith('TAMPERING')));
  });
}

/** Copies the export, and in the copy changes a letter of who approved; returns the index of that entry. */
async function changeApprover(bundle: string, copy: string, approver: string): Promise<number> {
  await cp(bundle, copy, { recursive: true });
  const file = join(copy, 'payloads.jsonl');
  const lines = (await readFile(file, 'utf8')).split('\n');
  const index = lines.findLastIndex((line) => line.includes(approver));
  expectThat(index >= 0, `an entry that names ${approver}`, `${lines.length} entries without`);
  const other = approver.replace(/.$/, (letter) => (letter === '0' ? '1' : '0'));
  lines[index] = (lines[index] ?? '').replace(approver, other);
  await writeFile(file, lines.join('\n'));
  return index;
}
