import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
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

/** Names of all properties of a JSON Schema, however deep. */
function namesIn(schema: unknown): Set<string> {
  if (typeof schema !== 'object' || schema === null) return new Set();
  const below = Object.values(schema).flatMap((each) => [...namesIn(each)]);
  const { properties = {} } = schema as { properties?: Record<string, unknown> };
  return new Set([...Object.keys(properties), ...below]);
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

  it('names every part of every setting where settings are told of', () => {
    const told = [
      'configuration',
      'people',
      'tiers',
      'calendar',
      'emergency',
      'jira',
      'gates',
      'gitlab',
      'running-terraform',
    ]
      .map((name) => read(`${name}.md`))
      .join('\n');
    const code = [...told.matchAll(/`{3}[a-z]*\n[\s\S]*?`{3}|`[^`\n]+`/g)].join('\n');
    const words = new Set(code.match(/[A-Za-z][A-Za-z0-9]*(?:-[a-z]+)*/g));
    const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
    expect([...namesIn(schema)].filter((name) => !words.has(name))).toEqual([]);
  });
});
