import { readFileSync } from 'node:fs';
import {
  type Document,
  isMap,
  isNode,
  isPair,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import type { z } from 'zod';
import { nearest } from '#domain/nearest.ts';
import { knownKeys } from './known-keys.ts';
import type { Problem } from './problems.ts';

/** A YAML file as its schema understands it; `placeOf` tells where in the file a path of keys stands. */
export interface YamlFile<T> {
  value: T;
  placeOf: (path: readonly PropertyKey[]) => string;
}

export type YamlReading<T> = { ok: true; file: YamlFile<T> } | { ok: false; problems: readonly Problem[] };

/** Reads and checks a YAML 1.2 file. Every problem is reported with its place, none stops the search for others. */
export function readYaml<S extends z.ZodType>(path: string, schema: S): YamlReading<z.output<S>> {
  const text = readText(path);
  if (!text.ok) return { ok: false, problems: [{ place: path, what: text.why }] };
  return parseYaml(text.value, path, schema);
}

/**
 * As `readYaml`, for text that is at hand, whoever wrote it; `name` stands for the file in places. With `merge`, the key
 * `<<` joins other maps in, as in files of programs that read YAML 1.1.
 */
export function parseYaml<S extends z.ZodType>(
  text: string,
  name: string,
  schema: S,
  options: { merge?: boolean } = {},
): YamlReading<z.output<S>> {
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const fail = (offset: number, what: string) =>
    ({ ok: false, problems: [{ place: at(offset), what }] }) as const;
  const parsed = orTooMuch(() =>
    parseDocument(text, { ...options, lineCounter: lines, prettyErrors: false, logLevel: 'error' }),
  );
  if (!parsed.ok) return fail(0, `cannot be read: ${parsed.why}`);
  const document = parsed.value;
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0)
    return { ok: false, problems: broken.map(({ pos, message }) => ({ place: at(pos[0]), what: message })) };

  // A few aliases are handy, a bomb of them is not.
  const value = orTooMuch((): unknown => document.toJS({ maxAliasCount: 100 }));
  if (!value.ok) return fail(firstReference(document), `cannot be read: ${value.why}`);
  const placeOf = (keys: readonly PropertyKey[]) => at(offsetOf(document, keys));
  const checked = orTooMuch(() => schema.safeParse(value.value));
  if (!checked.ok) return fail(firstReference(document), `cannot be read: ${checked.why}`);
  if (checked.value.success) return { ok: true, file: { value: checked.value.data, placeOf } };
  const keysAt = (path: readonly PropertyKey[]) => knownKeys(schema, path);
  return {
    ok: false,
    problems: checked.value.error.issues.flatMap((issue) => problemsOf(issue, placeOf, keysAt)),
  };
}

/**
 * More aliases than we follow, more brackets in each other than anyone can, a merge of what is no map: whatever the
 * library throws is what it has to say of the text.
 */
function orTooMuch<T>(read: () => T): { ok: true; value: T } | { ok: false; why: string } {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ok: false, why: error.message };
  }
}

/** Where the text first refers to another part of itself, which is where it went wrong. */
function firstReference(document: Document): number {
  let offset = 0;
  visit(document, {
    Alias(_, node) {
      offset = nodeStart(node) ?? 0;
      return visit.BREAK;
    },
    Pair(_, pair) {
      if (keyText(pair) !== '<<') return undefined;
      offset = pairStart(pair) ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function readText(path: string): { ok: true; value: string } | { ok: false; why: string } {
  try {
    return { ok: true, value: readFileSync(path, 'utf8') };
  } catch (error) {
    return { ok: false, why: `cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** An unknown key is reported where it stands; a missing one where it should stand. */
function problemsOf(
  issue: z.core.$ZodIssue,
  placeOf: YamlFile<unknown>['placeOf'],
  keysAt: (path: readonly PropertyKey[]) => readonly string[],
): Problem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      place: placeOf([...issue.path, key]),
      what: `${dotted([...issue.path, key])}: there is no such setting${didYouMean(key, keysAt(issue.path))}`,
    }));
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const [meant = []] = [...issue.errors].sort((a, b) => distance(a) - distance(b));
    return meant.flatMap((inner) =>
      problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, placeOf, keysAt),
    );
  }
  const name = dotted(issue.path);
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return [{ place: placeOf(issue.path), what: `${name}: is missing; expected ${issue.expected}` }];
  return [{ place: placeOf(issue.path), what: name === '' ? issue.message : `${name}: ${issue.message}` }];
}

/** The alternative that was meant is of the kind that was written, and the one with the least to mend. */
function distance(issues: readonly z.core.$ZodIssue[]): number {
  const isOtherKind = issues.some(
    ({ code, path }) => path.length === 0 && (code === 'invalid_type' || code === 'invalid_value'),
  );
  const wrong = issues.map((issue) => (issue.code === 'unrecognized_keys' ? issue.keys.length : 1));
  return wrong.reduce((sum, each) => sum + each, isOtherKind ? 1000 : 0);
}

function didYouMean(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

/** Where the deepest node on the path stands: the key of a pair, so that the line is the one to edit. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let offset = 0;
  for (let depth = 1; depth <= path.length; depth++) {
    const found = startOf(document, path.slice(0, depth));
    if (found === undefined) return offset;
    offset = found;
  }
  return offset;
}

function startOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent)) return pairStart(parent.items.find((pair) => keyText(pair) === String(last)));
  const node: unknown = document.getIn([...path], true);
  return isNode(node) ? nodeStart(node) : undefined;
}

function keyText(pair: unknown): string | undefined {
  if (!isPair(pair)) return undefined;
  const key: unknown = isNode(pair.key) ? pair.key.toJSON() : pair.key;
  return String(key);
}

function pairStart(pair: Pair | undefined): number | undefined {
  return pair !== undefined && isNode(pair.key) ? nodeStart(pair.key) : undefined;
}

function nodeStart(node: Node): number | undefined {
  return node.range?.[0];
}
