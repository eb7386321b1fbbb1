import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readMandateTerms } from '#src/config/mandate-terms.ts';

const dir = mkdtempSync(join(tmpdir(), 'countersign-terms-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function read(text: string) {
  const path = join(dir, 'terms.yaml');
  writeFileSync(path, text);
  const reading = readMandateTerms(path);
  return reading.ok
    ? reading.file.value
    : reading.problems.map(({ place, what }) => `${place.replace(`${path}:`, '')} ${what}`);
}

const GRANT = 'kind: operator-grant\nperson: olga\nprojects: [fin/**]\nreason: on call\n';

describe('the terms of a mandate', () => {
  test('are read as the documentation shows them, with every limit that is not named at its strictest', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../../docs/mandates.md'), 'utf8');
    const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => read(text));
    expect(examples).toEqual([
      {
        kind: 'standing-approval',
        name: 'dns records',
        projects: ['biz/**/dns/**'],
        tier: 'standard',
        most: { changesPerDay: 5, resourcesPerChange: 10, destroys: 0, replaces: 0 },
        until: '2027-01-01T00:00:00.000Z',
      },
      {
        kind: 'operator-grant',
        person: 'olga',
        projects: ['fin/**'],
        reason: 'on call while the others are away',
        until: '2026-12-07T00:00:00.000Z',
      },
    ]);
    const least = 'kind: standing-approval\nname: dns\nprojects: [dns]\ntier: standard\nuntil: 2026-12-31\n';
    expect(read(least)).toMatchObject({ most: { destroys: 0, replaces: 0 } });
  });

  test('end at the same moment however it is written', () => {
    expect(read(`${GRANT}until: 2026-12-31T18:00:00+01:00\n`)).toEqual(
      read(`${GRANT}until: 2026-12-31T17:00:00Z\n`),
    );
  });

  test.each([
    [`${GRANT}until: soon\n`, /^5:1 until: expected a day such as/],
    [GRANT, /until/],
    [`${GRANT}until: 2026-12-31\nprojects: [../x]\n`, /projects|unique/],
    [
      `${GRANT.replace('[fin/**]', '[]')}until: 2026-12-31\n`,
      /^3:1 projects: expected at least one path pattern/,
    ],
    [`${GRANT.replace('[fin/**]', '["fin/../x"]')}until: 2026-12-31\n`, /expected a path pattern/],
    [`${GRANT}until: 2026-12-31\nmost: {destroys: 1}\n`, /most/],
    [
      'kind: standing-approval\nname: x\nprojects: [a]\ntier: t\nuntil: 2026-12-31\nmost: {destroys: -1}\n',
      /^6:/,
    ],
    ['kind: blank-cheque\n', /kind/],
  ])('that mean nothing are refused with their place: %j', (text, problem) => {
    const problems = read(text);
    expect(Array.isArray(problems) ? problems.join('\n') : problems).toMatch(problem);
  });
});
