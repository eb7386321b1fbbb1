import { posix } from 'node:path';
import { parse } from '@cdktn/hcl2json';
import type { SourceFacts } from '#app/ports/source.ts';

/** Reads a `.tf` or `.tf.json` file. What does not parse is a problem with its place, not an error. */
export async function readSourceFacts(path: string, source: string): Promise<SourceFacts> {
  const reads = readsOf(source);
  // Most files call no module; parsing only those that may keeps thousands of projects within a second.
  if (!/module|approval_id/u.test(source)) return { ...noFacts, ...reads };
  try {
    const tree: unknown = path.endsWith('.json')
      ? JSON.parse(source)
      : await parse(posix.basename(path), source);
    return { ...noFacts, ...reads, moduleSources: moduleSources(tree), declaresApprovalId: declares(tree) };
  } catch (error) {
    return { ...noFacts, ...reads, problem: problemOf(error) };
  }
}

const noFacts: SourceFacts = {
  moduleSources: [],
  reads: [],
  readsUnknown: false,
  declaresApprovalId: false,
  problem: undefined,
};

/** Blocks are `{ name: [body, …] }` from HCL, and may be bodies without a list in JSON. */
function blocks(tree: unknown, type: string): [name: string, body: unknown][] {
  return lists(member(tree, type)).flatMap((byName) =>
    typeof byName === 'object' && byName !== null
      ? Object.entries(byName).flatMap(([name, bodies]) =>
          lists(bodies).map((body): [string, unknown] => [name, body]),
        )
      : [],
  );
}

function moduleSources(tree: unknown): string[] {
  return blocks(tree, 'module').flatMap(([, body]) => {
    const source = member(body, 'source');
    return typeof source === 'string' && /^\.\.?(?:\/|$)/u.test(source) ? [source] : [];
  });
}

function declares(tree: unknown): boolean {
  return blocks(tree, 'variable').some(([name]) => name === 'approval_id');
}

const readingCall =
  /\b(?:file|filebase64|templatefile|fileset|file(?:base64)?(?:md5|sha1|sha256|sha512))\s*\(\s*(?:"(?<path>(?:[^"\\]|\\.)*)"\s*[,)])?/gu;
const pathLiteral = /"(?<path>\$\{path\.(?:module|root|cwd)\}\/(?:[^"\\]|\\.)*)"/gu;

/** Paths from the text itself: a comment too many costs a needless re-plan, a path too few would miss a change. */
function readsOf(source: string): Pick<SourceFacts, 'reads' | 'readsUnknown'> {
  const found = [...source.matchAll(readingCall), ...source.matchAll(pathLiteral)].map((match) =>
    readOf(match.groups?.['path']),
  );
  const reads = found.flatMap((each) => each ?? []);
  return { reads, readsUnknown: reads.length < found.length };
}

function readOf(literal: string | undefined): SourceFacts['reads'][number] | undefined {
  if (literal === undefined) return undefined;
  const match = /^\$\{path\.(?<base>module|root|cwd)\}\/(?<rest>.*)$/su.exec(literal);
  const base = match?.groups?.['base'] === 'module' ? 'module' : 'root';
  const path = match?.groups?.['rest'] ?? literal;
  const isLiteral = !/[$%]\{|\\/u.test(path) && !path.startsWith('/') && !path.startsWith('~');
  return isLiteral ? { base, path } : undefined;
}

function problemOf(error: unknown): SourceFacts['problem'] {
  const message = error instanceof Error ? error.message : String(error);
  const match = /\[[^:\]]*:(?<line>\d+),[^:]*: (?<what>[\s\S]*)\]$/u.exec(message.trim());
  const line = match?.groups?.['line'];
  return { line: line === undefined ? undefined : Number(line), message: match?.groups?.['what'] ?? message };
}

function lists(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
