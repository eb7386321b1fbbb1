import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GATES } from '#domain/gates/evaluate-gates.ts';
import { shippedRules } from '#src/config/rules.ts';
import { configSchema } from '#src/config/schema.ts';
import { shippedTierRules } from '#src/config/tiers.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8');

/** The names in the first column of the table whose heading begins with `heading`. */
function table(text: string, heading: string): string[] {
  const rows = text.slice(text.indexOf(`| ${heading} |`)).split('\n\n', 1)[0] ?? '';
  return [...rows.matchAll(/^\| `([A-Za-z-]+)/gm)]
    .slice(heading.startsWith('`') ? 1 : 0)
    .map((match) => match[1] ?? '');
}

describe('the documentation', () => {
  it('tells of every gate in the order in which people read them', () => {
    expect(table(read('gates.md'), 'Gate')).toEqual(Object.keys(GATES));
  });

  it('tells of every shipped rule', () => {
    expect(table(read('gates.md'), '`shipped`').sort()).toEqual(shippedRules().sort());
  });

  it('tells of every shipped rule about tiers', () => {
    expect(table(read('tiers.md'), '`shipped`').sort()).toEqual(shippedTierRules().sort());
  });

  it('tells of every setting', () => {
    expect([...new Set(table(read('configuration.md'), 'Setting'))].sort()).toEqual(
      Object.keys(configSchema.shape).sort(),
    );
  });
});
