import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { type Json, record } from './gitlab-scene.ts';

/** GitLab's documents are not part of this repository; where the folder is absent the checks are skipped. */
export const specsFolder = [process.env['COUNTERSIGN_SPECS'] ?? '../shared/specs'].find((folder) =>
  existsSync(path.join(folder, 'gitlab-openapi-v2-subset.json')),
);

export interface GitlabDocument {
  /** `GET /api/v4/projects/{}/hooks` and so on, parameters without their names. */
  operations: Set<string>;
  /** Paths of properties in an answer that GitLab's document does not know. */
  unknownNames(method: string, route: string, body: unknown): string[];
}

/** The published v2 document: good for routes and property names, not for types (it calls most things strings). */
export function gitlabDocument(): GitlabDocument {
  const document = readSpec('gitlab-openapi-v2-subset.json');
  const definitions = record(document['definitions']);
  const operations = new Map<string, Json>();
  for (const [route, methods] of Object.entries(record(document['paths']))) {
    for (const [method, operation] of Object.entries(record(methods))) {
      operations.set(`${method.toUpperCase()} ${nameless(route)}`, record(operation));
    }
  }
  const namesOf = (schema: Json, body: unknown, at: string): string[] => {
    if (Array.isArray(body)) {
      const items = schema['items'];
      return body.flatMap((one) => namesOf(items === undefined ? schema : record(items), one, `${at}[]`));
    }
    const reference = /^#\/definitions\/(.+)$/.exec(String(schema['$ref']))?.[1];
    if (reference === undefined || typeof body !== 'object' || body === null) return [];
    const properties = record(record(definitions[reference])['properties'] ?? {});
    return Object.entries(body).flatMap(([key, value]) => {
      const known = properties[key];
      return known === undefined ? [`${at}.${key}`] : namesOf(record(known), value, `${at}.${key}`);
    });
  };
  return {
    operations: new Set(operations.keys()),
    unknownNames(method, route, body) {
      const responses = record(operations.get(`${method} ${nameless(route)}`)?.['responses'] ?? {});
      const success = responses['200'] ?? responses['201'] ?? responses['202'];
      const schema = success === undefined ? undefined : record(success)['schema'];
      return schema === undefined ? [] : namesOf(record(schema), body, '');
    },
  };
}

/** Types and enums of answers, transcribed from GitLab's own request tests. Returns what is wrong with a body. */
export function schemaCheck(): (definition: string, body: unknown) => string[] {
  const schemas = readSpec('gitlab-response-schemas.json');
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addSchema({ $id: 'gitlab', definitions: schemas['definitions'] });
  return (definition, body) => {
    const validate = ajv.getSchema(`gitlab#/definitions/${definition}`);
    if (validate === undefined) throw new Error(`no schema ${definition}`);
    if (validate(body) === true) return [];
    return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
  };
}

export function readSpec(name: string): Json {
  if (specsFolder === undefined) throw new Error('The specs folder is absent');
  return record(JSON.parse(readFileSync(path.join(specsFolder, name), 'utf8')));
}

export function nameless(route: string): string {
  return route.replace(/:[a-z_]+|\{[^}]+\}/g, '{}');
}
