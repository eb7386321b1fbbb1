import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMANDS, parseCommand } from '#domain/command.ts';

describe('what a comment asks for', () => {
  test.each([
    ['countersign plan', { verb: 'plan' }],
    ['  countersign   apply  ', { verb: 'apply' }],
    ['Countersign cancel\r\nplease, before lunch', { verb: 'cancel' }],
    ['countersign help\n\ncountersign apply', { verb: 'help' }],
    [
      'countersign unlock fin/prod:eu moved by hand',
      { verb: 'unlock', project: 'fin/prod:eu', reason: 'moved by hand' },
    ],
    [
      'countersign resolve . not-applied  nothing   there',
      { verb: 'resolve', project: '.', as: 'not-applied', reason: 'nothing there' },
    ],
  ])('%j', (note, command) => {
    expect(parseCommand(note)).toEqual(command);
  });

  test.each([
    ['countersign', undefined],
    ['countersign aply', 'countersign apply'],
    ['countersign PLAN', 'countersign plan'],
    ['countersign apply now', 'countersign apply'],
    ['countersign destroy', undefined],
    ['countersign unlock', 'countersign unlock PROJECT REASON'],
    ['countersign unlock app', 'countersign unlock PROJECT REASON'],
    ['countersign unlock $(id) why', 'countersign unlock PROJECT REASON'],
    ['countersign resolve app maybe seen', 'countersign resolve PROJECT applied|not-applied REASON'],
    ['countersign resolve app applied', 'countersign resolve PROJECT applied|not-applied REASON'],
  ])('%j is not a command, and the nearest one is named', (note, didYouMean) => {
    expect(parseCommand(note)).toEqual({
      verb: 'unknown',
      text: note,
      ...(didYouMean === undefined ? {} : { didYouMean }),
    });
  });

  test.each([
    '',
    'looks good',
    'please countersign apply',
    '> countersign apply',
    '@countersign apply',
    '\ncountersign apply',
  ])('%j does not speak to Countersign', (note) => {
    expect(parseCommand(note)).toBeUndefined();
  });

  test('every usage that help shows is understood', () => {
    for (const { usage } of COMMANDS) {
      const typed = usage
        .replace('PROJECT', 'app')
        .replace('applied|not-applied', 'applied')
        .replace('REASON', 'seen');
      expect(parseCommand(typed)?.verb).toBe(usage.split(' ')[1]);
    }
  });

  test('no text crashes it, and what it keeps of a text is short', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }).map((rest) => `countersign ${rest}`),
      fc
        .array(
          fc.constantFrom(
            'countersign',
            'plan',
            'resolve',
            'unlock',
            'app',
            'applied',
            '\n',
            '\0',
            'x'.repeat(5_000),
          ),
        )
        .map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (note) => {
        expect(JSON.stringify(parseCommand(note) ?? '').length).toBeLessThan(7_000);
      }),
      { numRuns: 2_000, seed: 20_261_103 },
    );
  });
});
