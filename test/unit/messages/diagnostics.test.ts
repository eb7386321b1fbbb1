import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import { diagnosticVersions } from '#messages/diagnostics.ts';
import { summaryNote } from '#messages/summary-note.ts';
import { model, PAGE, project, sampleChange } from './sample-change.ts';

const TREE = {
  mergeRequestUrl: 'https://gitlab.test/fin/infra/-/merge_requests/12',
  headSha: '4f2d9c0b7a1e',
  logUrl: `${PAGE}/runs/run_1/log`,
};

const UNSUPPORTED: Diagnostic = {
  severity: 'error',
  summary: 'Unsupported argument',
  detail: 'An argument named "nme" is not expected here. Did you mean "name"?',
  address: 'aws_vpc.main',
  file: 'fin/prod/network/main.tf',
  line: 12,
  context: 'resource "aws_vpc" "main"',
  code: '  nme = "main"',
};

describe('what terraform found wrong', () => {
  test('is told with file, line and the failing line, as terraform tells it', () => {
    expect(diagnosticVersions([UNSUPPORTED], TREE).at(-1)).toBe(
      [
        '[`fin/prod/network/main.tf:12`](https://gitlab.test/fin/infra/-/blob/4f2d9c0b7a1e/fin/prod/network/main.tf#L12)',
        '',
        '```text',
        ' Error: Unsupported argument',
        ' ',
        '   with aws_vpc.main',
        '   in resource "aws_vpc" "main"',
        ' > 12:   nme = "main"',
        ' ',
        ' An argument named "nme" is not expected here. Did you mean "name"?',
        '```',
      ].join('\n'),
    );
  });

  test.each(['../etc/passwd', 'a/../../etc/passwd', '/etc/passwd', '.terraform/modules/vpc/main.tf'])(
    'in %s, which the repository does not have, is told without a link',
    (file) => {
      expect(diagnosticVersions([{ ...UNSUPPORTED, file }], TREE).at(-1)).not.toContain('/-/blob/');
    },
  );

  test('several times over is told each by itself, and in brief by the first', () => {
    const versions = diagnosticVersions([UNSUPPORTED, { ...UNSUPPORTED, line: 14 }], TREE);
    expect(versions.at(-1)?.match(/Error: Unsupported/g)).toHaveLength(2);
    expect(versions[0]).toContain('`Unsupported argument` and 1 more error.');
    expect(versions[1]).toContain('There is 1 more error: [all of the output](');
  });

  test('over several lines has the failing one marked', () => {
    const code = 'resource "aws_vpc" "main" {\n  nme = "main"\n}';
    expect(diagnosticVersions([{ ...UNSUPPORTED, code, line: 99 }], TREE).at(-1)).toContain(
      ' >  99: resource "aws_vpc" "main" {\n   100:   nme = "main"\n   101: }',
    );
  });

  test('at length is not cut off silently', () => {
    const detail = Array.from({ length: 40 }, (_, n) => `line ${n}`).join('\n');
    expect(diagnosticVersions([{ ...UNSUPPORTED, detail }], TREE).at(-1)).toContain('15 more lines in');
  });
});

test('each of several failing projects has its own diagnostics, beside the plans of the others', async () => {
  const change = sampleChange({
    projects: [
      project('fin/prod/network', 'plan-failed', { dir: 'fin/prod/network' }),
      project('biz/dev/dns', 'plan-failed', { dir: 'biz/dev/dns', reason: 'terraform plan took too long' }),
      project('biz/dev/network', 'awaiting-approval'),
    ],
  });
  const diagnostics = new Map([['fin/prod/network', [UNSUPPORTED]]]);
  const plans = new Map([...model(change).plans].filter(([key]) => key === 'biz/dev/network'));
  await expect(summaryNote({ ...model(change), plans, diagnostics })).toMatchFileSnapshot(
    'snapshots/note-failures.md',
  );
});
