import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import type { Story } from './story.ts';

/** Whether something is an evidence record by the published schema; what is wrong with it is in `errors`. */
export const isRecord = new Ajv2020({ strict: false }).compile(
  JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/evidence.schema.json'), 'utf8')) as object,
);

/** The record of a change as `countersign change show <key> --evidence` prints it, held against the published schema. */
export async function evidenceRecord<T extends object>(story: Story, key: string): Promise<T> {
  const { code, output } = await story.cli('change', 'show', key, '--evidence');
  expect(code).toBe(0);
  const record = JSON.parse(output) as T;
  isRecord(record);
  expect(isRecord.errors).toBeNull();
  return record;
}
