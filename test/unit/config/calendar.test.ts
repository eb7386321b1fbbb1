import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationError, configurationHash, readRepositoryFile } from '#src/config.ts';
import { type ExampleFolder, exampleFolder } from './example.ts';

const SERVER = 'countersign.server.yaml';
let example: ExampleFolder;
beforeEach(() => {
  example = exampleFolder();
});
afterEach(() => example.remove());

/** The example with this calendar, and what is wrong with it: `line:column: what`. */
function problemsOf(...lines: string[]): string[] {
  const text = example.read(SERVER);
  const start = text.indexOf('calendar:');
  const end = text.indexOf('# What raises a plan to a tier. A repository');
  writeFileSync(
    join(example.dir, SERVER),
    `calendar:\n${lines.join('\n')}\n${text.slice(0, start)}${text.slice(end)}`,
  );
  try {
    example.load();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(({ place, what }) => `${place}: ${what}`.replaceAll(`${example.dir}/`, ''));
  }
  return [];
}

const window = (members: string) => `  windows: [{ name: nights, from: "22:00", to: "02:00"${members} }]`;

describe('the calendar of the server’s file', () => {
  test('of the example has its holidays from both places, and a zone for each window and freeze', () => {
    const { calendar } = example.load().config;
    expect(calendar.holidays).toEqual(['2026-12-24', '2026-12-25', '2026-12-26', '2027-01-01', '2027-01-06']);
    expect(calendar.noticeSeconds).toBe(259_200);
    expect([...calendar.windows, ...calendar.freezes].map(({ zone }) => zone)).toEqual(
      Array.from({ length: 4 }, () => 'Europe/Berlin'),
    );
  });

  test('may be left out: then work may be done at any time', () => {
    example.edit(SERVER, 'calendar:', 'x-calendar:');
    const text = example.read(SERVER);
    const start = text.indexOf('x-calendar:');
    const end = text.indexOf('# What raises a plan to a tier. A repository');
    writeFileSync(join(example.dir, SERVER), text.slice(0, start) + text.slice(end));
    expect(example.load().config.calendar).toEqual({
      windows: [],
      freezes: [],
      holidays: [],
      noticeSeconds: 3 * 86_400,
    });
  });

  test.each([
    [
      'a zone that does not exist',
      ['  zone: Europe/Berlim'],
      /2:3: calendar\.zone: expected the name of a time zone/,
    ],
    ['an offset for a zone', ['  zone: "+01:00"'], /calendar\.zone: expected the name of a time zone/],
    [
      'a window of no time',
      ['  windows: [{ name: a, from: "02:00", to: "02:00" }]'],
      /2:\d+: calendar\.windows\[0\]\.to: the window is empty/,
    ],
    ['a window on no day', [window(', days: []')], /calendar\.windows\[0\]\.days/],
    ['a day that is none', [window(', days: [monday]')], /calendar\.windows\[0\]\.days\[0\]/],
    [
      'a time without minutes',
      ['  windows: [{ name: a, from: "22", to: "02:00" }]'],
      /expected a time such as "22:00"/,
    ],
    [
      'a tier that is not on the ladder',
      [window(', tiers: [hihg]')],
      /2:\d+: there is no tier hihg; did you mean high\?/,
    ],
    [
      'two windows of one name',
      [
        '  windows:',
        '    - { name: a, from: "22:00", to: "23:00" }',
        '    - { name: a, from: "12:00", to: "13:00" }',
      ],
      /4:\d+: windows has one called a already/,
    ],
    [
      'a freeze that ends before it begins',
      ['  freezes: [{ name: a, from: 2026-12-18, until: 2026-12-17, reason: r }]'],
      /2:\d+: calendar\.freezes\[0\]\.until: the freeze is empty/,
    ],
    [
      'a freeze of a day and a time',
      ['  freezes: [{ name: a, from: 2026-12-18, until: "2026-12-19T00:00:00Z", reason: r }]'],
      /expected a day where `from` is a day/,
    ],
    [
      'a time without its offset',
      ['  freezes: [{ name: a, from: "2026-12-18T18:00", until: "2026-12-19T00:00:00Z", reason: r }]'],
      /calendar\.freezes\[0\]\.from: expected a day such as .* or a time with its offset/,
    ],
    [
      'a freeze without a reason',
      ['  freezes: [{ name: a, from: 2026-12-18, until: 2026-12-19 }]'],
      /calendar\.freezes\[0\]\.reason: is missing/,
    ],
    [
      'a holiday that is no day',
      ['  holidays: [2026-02-30]'],
      /2:\d+: calendar\.holidays\[0\]: expected a day/,
    ],
    [
      'a file of holidays that is not there',
      ['  holidays: [{ file: none.yaml }]'],
      /none\.yaml: cannot be read: ENOENT.* \(named at countersign\.server\.yaml:2:\d+\)/,
    ],
  ])('refuses %s, and says where', (_, lines, problem) => {
    expect(problemsOf(...lines)).toEqual([expect.stringMatching(problem)]);
  });

  test('a day that begins a freeze may end it as well', () => {
    expect(problemsOf('  freezes: [{ name: a, from: 2026-12-18, until: 2026-12-18, reason: r }]')).toEqual(
      [],
    );
  });

  test('is no part of what an approval binds: editing it asks nobody anew', () => {
    const place = { repository: 101, dir: 'fin/prod/network', workspace: 'default' };
    const before = example.load().config;
    example.edit(SERVER, 'from: "22:00"', 'from: "21:00"');
    const after = example.load().config;
    expect(after.calendar).not.toEqual(before.calendar);
    expect(configurationHash(after, place, {})).toBe(configurationHash(before, place, {}));
  });
});

test('a repository’s own calendar is checked as the server’s is, and has no holidays and no time of notice of its own', () => {
  const text = (calendar: string) => `version: 1\ncalendar:\n  zone: Asia/Seoul\n${calendar}`;
  const good = readRepositoryFile(text('  windows: [{ name: a, from: "01:00", to: "05:00" }]\n'));
  expect(good.ok && good.file.value.calendar.windows[0]?.name).toBe('a');
  const bad = readRepositoryFile(
    text('  windows: [{ name: a, from: "01:00", to: "01:00" }]\n  holidays: []\n'),
  );
  expect(bad.ok ? [] : bad.problems.map(({ place, what }) => `${place}: ${what}`)).toEqual([
    expect.stringContaining('countersign.yaml:4:39: calendar.windows[0].to: the window is empty'),
    expect.stringContaining('countersign.yaml:5:3: calendar.holidays: there is no such setting'),
  ]);
});
