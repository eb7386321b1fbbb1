import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';

type Json = Record<string, unknown>;

export interface OpenApiDocument {
  /** `GET /rest/api/3/issue/{issueIdOrKey}` and so on. */
  operations: string[];
  /** What is wrong with an answer: an undocumented status, or a body that does not fit; empty when nothing is. */
  problems(method: string, path: string, status: number, body: unknown): string[];
}

/** Atlassian's documents are not part of this repository; where the folder is absent the checks are skipped. */
export const specsFolder = [process.env['COUNTERSIGN_SPECS'] ?? '../shared/specs'].find((folder) =>
  existsSync(join(folder, 'jira-cloud-v3-subset.json')),
);

export function readSpec(name: string): Json {
  if (specsFolder === undefined) throw new Error('The specs folder is absent');
  return JSON.parse(readFileSync(join(specsFolder, name), 'utf8')) as Json;
}

/**
 * Atlassian's published OpenAPI document of one API version, as a judge of answers. Loosened where the document
 * contradicts Atlassian's own examples in it: nulls in change items, numeric dates, `+0000` for an offset.
 */
export function jiraDocument(version: '2' | '3'): OpenApiDocument {
  return judge(readSpec(`jira-cloud-v${version}-subset.json`));
}

/**
 * The same of Data Center. Its document gives what one entry of a page looks like for the whole page, and says `object` of
 * whatever a field may hold.
 */
export function dataCenterDocument(): OpenApiDocument {
  return judge(readSpec('jira-dc-10.3-subset.json'), { prefix: '/rest', pagesInFact: true });
}

/** The same of Jira Service Management. */
export function serviceDeskDocument(): OpenApiDocument {
  return judge(readSpec('jsm-cloud-subset.json'));
}

function judge(document: Json, { prefix = '', pagesInFact = false } = {}): OpenApiDocument {
  const paths = Object.fromEntries(
    Object.entries(document['paths'] as Record<string, Record<string, Operation>>).map(([path, methods]) => [
      `${prefix}${path}`,
      methods,
    ]),
  );
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(\+\d{4}|Z)$/);
  for (const format of ['int32', 'int64']) ajv.addFormat(format, true);
  ajv.addSchema({ $id: 'jira', components: loosened(document['components']) } as Json);

  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => ['get', 'post', 'put', 'delete'].includes(method))
      .map((method) => ({
        method: method.toUpperCase(),
        path,
        pattern: pathPattern(path),
        operation: methods[method],
      })),
  );

  return {
    operations: operations.map(({ method, path }) => `${method} ${path}`),
    problems(method, path, status, body) {
      // The pattern with the fewest parameters is the operation that is meant.
      const [found] = operations
        .filter((candidate) => candidate.method === method && candidate.pattern.test(path))
        .toSorted((a, b) => a.path.split('{').length - b.path.split('{').length);
      if (found?.operation === undefined) return [];
      const response = found.operation.responses[String(status)];
      if (response === undefined) return [`the status ${status} is not documented`];
      const schema = response.content?.['application/json']?.schema;
      if (schema === undefined || body === null || typeof body === 'string') return [];
      const validate = ajv.compile(rebased(loosened(schema)) as Json);
      const isList = Array.isArray(body) && listInFact.has(path.replace(/\/[A-Z]+-\d+\//, '/{}/'));
      const bodies = isList ? (body as unknown[]) : pagesInFact ? entriesOf(body) : [body];
      return bodies.flatMap((one) => (validate(one) ? [] : (validate.errors ?? []).map(described)));
    },
  };
}

interface Operation {
  responses: Record<string, { content?: Record<string, { schema?: unknown }> }>;
}

function pathPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
}

/** OpenAPI 3.0 to JSON Schema: `nullable` becomes a type, and the places where the document is too narrow are widened. */
function loosened(node: unknown, name = ''): unknown {
  if (Array.isArray(node)) return node.map((child) => loosened(child));
  if (typeof node !== 'object' || node === null) return node;
  const schema = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, key === 'example' ? undefined : loosened(value, key)]),
  );
  // Maps of fields, and values of properties, hold whatever they hold.
  const { additionalProperties: each } = schema;
  if (isObjectOfAnything(each)) return { ...schema, additionalProperties: true };
  if (name === 'value' && schema['type'] === 'string') return {};
  if (nullableInFact.has(name) && schema['type'] === 'string') return { type: ['string', 'null'] };
  if (name === 'created' && schema['type'] === 'string') return { anyOf: [schema, { type: 'integer' }] };
  if (schema['nullable'] !== true) return schema;
  const { nullable: _, ...rest } = schema;
  return { anyOf: [rest, { type: 'null' }] };
}

/** The entries of a page or a list, or the one thing that it is. */
function entriesOf(body: unknown): unknown[] {
  if (Array.isArray(body)) return body;
  const { values } = body as { values?: unknown };
  return Array.isArray(values) ? values : [body];
}

function isObjectOfAnything(schema: unknown): boolean {
  return (
    typeof schema === 'object' &&
    schema !== null &&
    'type' in schema &&
    schema.type === 'object' &&
    !('properties' in schema)
  );
}

/** Atlassian's v3 document gives one link as the answer, though without `globalId` it is a list, as in its own v2 document. */
const listInFact = new Set(['/rest/api/3/issue/{}/remotelink']);

const nullableInFact = new Set(['from', 'fromString', 'to', 'toString']);

/** References inside a lone response schema point into the document. */
function rebased(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(rebased);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? value.replace(/^#/, 'jira#') : rebased(value),
    ]),
  );
}

function described(error: ErrorObject): string {
  const extra = error.params['additionalProperty'] ?? error.params['missingProperty'] ?? '';
  return `${error.instancePath} ${error.message ?? ''} ${String(extra)}`.trim();
}
