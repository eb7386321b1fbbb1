import { describe, expect, test } from 'vitest';
import { classifyApply } from '#domain/plan/classify-apply.ts';
import type { ApplyRecord } from '#domain/plan/classify-apply.ts';
import { diagnosticsOf, readUiLine } from '#domain/plan/ui-line.ts';

const state = { lineage: 'l', serial: '4' };
const clean: ApplyRecord = {
  exit: 1,
  cancelled: false,
  stateBefore: state,
  stateAfter: state,
  erroredState: false,
  started: [],
};

describe('an apply', () => {
  test.each<[string, Partial<ApplyRecord>, string]>([
    ['that exits with 0 succeeded', { exit: 0, stateAfter: { lineage: 'l', serial: '5' } }, 'succeeded'],
    ['that touched nothing failed clean', {}, 'failed-clean'],
    [
      'of a new state that touched nothing failed clean',
      { stateBefore: 'none', stateAfter: 'none' },
      'failed-clean',
    ],
    ['that began with a resource failed partly', { started: ['a.b'] }, 'failed-partial'],
    ['that moved the state failed partly', { stateAfter: { lineage: 'l', serial: '5' } }, 'failed-partial'],
    ['that began a state failed partly', { stateBefore: 'none' }, 'failed-partial'],
    [
      'that replaced the state failed partly',
      { stateAfter: { lineage: 'm', serial: '4' } },
      'failed-partial',
    ],
    ['whose state cannot be read failed partly', { stateAfter: 'unreadable' }, 'failed-partial'],
    ['whose state could not be read before failed partly', { stateBefore: 'unreadable' }, 'failed-partial'],
    ['that left an errored.tfstate failed partly', { erroredState: true }, 'failed-partial'],
    [
      'that left an errored.tfstate failed partly, whatever its exit',
      { exit: 0, erroredState: true },
      'failed-partial',
    ],
    ['without an exit record is unknown', { exit: 'missing' }, 'unknown'],
    ['that was killed is unknown', { exit: { signal: 'SIGKILL' } }, 'unknown'],
    [
      'that was killed is unknown, also when it was cancelled',
      { exit: { signal: 'SIGKILL' }, cancelled: true },
      'unknown',
    ],
    ['that was interrupted without being asked to is unknown', { exit: { signal: 'SIGINT' } }, 'unknown'],
    ['cancelled before it began is aborted', { cancelled: true }, 'aborted'],
    [
      'cancelled before terraform listened is aborted',
      { exit: { signal: 'SIGINT' }, cancelled: true },
      'aborted',
    ],
    ['cancelled in the middle failed partly', { cancelled: true, started: ['a.b'] }, 'failed-partial'],
  ])('%s', (_what, record, outcome) => {
    expect(classifyApply({ ...clean, ...record }).outcome).toBe(outcome);
  });

  test('says why', () => {
    const { reason } = classifyApply({
      ...clean,
      started: ['a.b', 'c.d'],
      stateAfter: { lineage: 'l', serial: '6' },
    });
    expect(reason).toBe(
      '2 resource change(s) had begun; the state moved from serial 4 of lineage l to serial 6 of lineage l',
    );
  });
});

describe('a line of terraform', () => {
  test('is shown by its message', () => {
    expect(
      readUiLine('{"@message":"x: Creating...","type":"apply_start","hook":{"resource":{"addr":"x"}}}'),
    ).toEqual({
      text: 'x: Creating...',
      applyStarted: 'x',
    });
  });

  test('tells that something began, even when it does not tell what', () => {
    expect(readUiLine('{"@message":"?","type":"apply_start"}').applyStarted).toBe('(unnamed resource)');
  });

  test.each(['plain text', '{"not": "terraform"}', '{broken', ''])('is text otherwise: %s', (line) => {
    expect(readUiLine(line)).toEqual({ text: line });
  });
});

describe('problems', () => {
  test('come with their place, errors first', () => {
    const line = (severity: string) =>
      JSON.stringify({
        '@message': 'm',
        type: 'diagnostic',
        diagnostic: {
          severity,
          summary: `a ${severity}`,
          detail: 'd',
          range: { filename: 'main.tf', start: { line: 3 } },
          snippet: { code: 'x = y' },
        },
      });
    expect(diagnosticsOf([line('warning'), line('error')])).toEqual([
      { severity: 'error', summary: 'a error', detail: 'd', file: 'main.tf', line: 3, code: 'x = y' },
      { severity: 'warning', summary: 'a warning', detail: 'd', file: 'main.tf', line: 3, code: 'x = y' },
    ]);
  });

  test('are read from text where that is all there is', () => {
    const text = [
      'Initializing the backend...',
      '',
      'Error: Module not installed',
      '',
      '  on app/main.tf line 12, in module "x":',
      '  12: module "x" {',
      '',
      'This module is not yet installed.',
      '',
      'Warning: Old',
    ];
    expect(diagnosticsOf(text)).toEqual([
      {
        severity: 'error',
        summary: 'Module not installed',
        detail:
          'on app/main.tf line 12, in module "x":\n  12: module "x" {\n\nThis module is not yet installed.',
        file: 'app/main.tf',
        line: 12,
      },
      { severity: 'warning', summary: 'Old', detail: '' },
    ]);
  });

  test('are the last words when terraform gives none', () => {
    expect(diagnosticsOf(['one', 'two'])).toEqual([
      { severity: 'error', summary: 'Terraform failed without saying why', detail: 'one\ntwo' },
    ]);
  });
});
