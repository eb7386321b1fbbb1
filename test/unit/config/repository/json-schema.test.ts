import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readRepositoryFile } from '#src/config.ts';
import { repositoryJsonSchema } from '../../../../scripts/repository-schema.ts';

const docs = (name: string) => readFileSync(join(import.meta.dirname, '../../../../docs', name), 'utf8');
const schema = JSON.parse(repositoryJsonSchema()) as Schema;

interface Schema {
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** Every key that may be written, with what is said of it. */
function keysOf(part: Schema, path = ''): [string, string | undefined][] {
  const own = Object.entries(part.properties ?? {}).flatMap(
    ([key, value]): [string, string | undefined][] => [
      [`${path}.${key}`, value.description],
      ...keysOf(value, `${path}.${key}`),
    ],
  );
  const inner = [part.items, part.additionalProperties, ...(part.anyOf ?? []), ...(part.oneOf ?? [])];
  return [...own, ...inner.flatMap((each) => (typeof each === 'object' ? keysOf(each, `${path}[]`) : []))];
}

describe('the published schema of countersign.yaml', () => {
  test('is the one that the service reads by', () => {
    const published: unknown = JSON.parse(docs('countersign.schema.json'));
    expect(published, 'run node scripts/write-repository-schema.ts').toEqual(schema);
  });

  test('tells of every key what it does', () => {
    const keys = keysOf(schema);
    expect(keys.length).toBeGreaterThan(50);
    expect(keys.filter(([, description]) => description === undefined)).toEqual([]);
  });

  test('accepts the example of the documentation, as the service does, and no misspelt key', () => {
    const [, example = ''] = /```yaml\n(# countersign\.yaml[\s\S]*?)```/.exec(docs('configuration.md')) ?? [];
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(schema);
    expect(readRepositoryFile(example)).toMatchObject({ ok: true });
    validate(parse(example));
    expect(validate.errors).toBeNull();
    expect(validate(parse(example.replace('whenModified', 'when_modified')))).toBe(false);
  });
});
