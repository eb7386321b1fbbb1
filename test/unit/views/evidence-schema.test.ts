import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evidenceJsonSchema } from '../../../scripts/evidence-schema.ts';

test('the published schema of an evidence record is the one that it is made by', () => {
  const published = readFileSync(join(import.meta.dirname, '../../../docs/evidence.schema.json'), 'utf8');
  expect(JSON.parse(published), 'run node scripts/write-evidence-schema.ts').toEqual(
    JSON.parse(evidenceJsonSchema()),
  );
});
