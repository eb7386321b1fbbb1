import { posix } from 'node:path';
import { parse } from '@cdktn/hcl2json';
import type { SourceFacts } from '#app/ports/source.ts';
import type { BackendFacts } from '#domain/state-place.ts';
import { hclBlocks } from './hcl-blocks.ts';
import type { HclBlock } from './hcl-blocks.ts';
import { isLockFile, lockedProviders, partsOf, partsOfBlocks, type SourceParts } from './source-parts.ts';

/** Reads a `.tf` or `.tf.json` file, or a lock file. What does not parse is a problem with its place, not an error. */
export async function readSourceFacts(path: string, source: string): Promise<SourceFacts> {
  if (isLockFile(path)) return { ...noFacts, lockedProviders: lockedProviders(source) };
  const reads = readsOf(source);
  // Some files say nothing of these.
  if (!/module|approval_id|terraform|resource|data|ephemeral|provider/u.test(source))
    return { ...noFacts, ...reads };
  if (path.endsWith('.json')) return { ...noFacts, ...reads, ...factsOfJson(source) };
  const blocks = hclBlocks(source);
  const calls = (blocks ?? []).filter(({ type }) => type === 'module');
  const isClear =
    blocks !== undefined && calls.every(({ attributes }) => attributes.get('source') !== undefined);
  const backend = blocks === undefined ? undefined : backendOf(source, blocks);
  return {
    ...noFacts,
    ...reads,
    // What we cannot read may call anything.
    ...(blocks === undefined ? { moduleCalls: [{ source: undefined }] } : partsOfBlocks(blocks)),
    declaresApprovalId: (blocks ?? []).some(
      ({ type, labels }) => type === 'variable' && labels[0] === 'approval_id',
    ),
    ...(backend === undefined ? {} : { backend }),
    remoteStates: (blocks ?? []).flatMap((block) => remoteStateOf(source, block)),
    // Parsing is slow; it is for what does not add up, to tell where.
    ...(isClear ? {} : { problem: await problemIn(path, source) }),
  };
}

const noFacts: SourceFacts = {
  moduleCalls: [],
  providers: { required: [], used: [] },
  lockedProviders: [],
  reads: [],
  readsUnknown: false,
  declaresApprovalId: false,
  remoteStates: [],
  problem: undefined,
};

async function problemIn(path: string, source: string): Promise<SourceFacts['problem']> {
  try {
    await parse(posix.basename(path), source);
    return undefined;
  } catch (error) {
    return problemOf(error);
  }
}

function backendOf(source: string, blocks: readonly HclBlock[]): BackendFacts | undefined {
  for (const settings of blocks.filter(({ type }) => type === 'terraform')) {
    const offset = source.indexOf(settings.body, settings.start);
    const found = hclBlocks(settings.body)?.find(({ type }) => type === 'backend' || type === 'cloud');
    if (found === undefined) continue;
    return {
      type: found.type === 'cloud' ? 'cloud' : (found.labels[0] ?? ''),
      line: source.slice(0, offset + found.start).split('\n').length,
      attributes: Object.fromEntries(found.attributes),
    };
  }
  return undefined;
}

/** Whose outputs a `terraform_remote_state` reads, as far as that is written in it and not computed. */
function remoteStateOf(source: string, { attributes, body, labels, start, type }: HclBlock): BackendFacts[] {
  const backend = attributes.get('backend');
  if (type !== 'data' || labels[0] !== 'terraform_remote_state' || backend === undefined) return [];
  const config = /\bconfig\s*=\s*(?<object>\{[^{}]*\})/u.exec(body)?.groups?.['object'];
  const [settings] = hclBlocks(`config ${config ?? '{}'}`) ?? [];
  const workspace = attributes.get('workspace');
  return [
    {
      type: backend,
      line: source.slice(0, start).split('\n').length,
      attributes: Object.fromEntries(settings?.attributes ?? []),
      ...(workspace === undefined ? {} : { workspace }),
    },
  ];
}

function factsOfJson(source: string): Partial<SourceFacts> {
  try {
    const tree: unknown = JSON.parse(source);
    const backend = backendOfJson(tree);
    return {
      ...partsOfJson(tree),
      declaresApprovalId: blocks(tree, 'variable').some(([name]) => name === 'approval_id'),
      ...(backend === undefined ? {} : { backend }),
    };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function partsOfJson(tree: unknown): SourceParts {
  const literal = (value: unknown) =>
    typeof value === 'string' && !/[$%]\{/u.test(value) ? value : undefined;
  return partsOf({
    named: (type) => blocks(tree, type).map(([name]) => name),
    modules: blocks(tree, 'module').map(([, body]) => ({
      source: literal(member(body, 'source')),
      version: literal(member(body, 'version')),
    })),
    required: lists(member(tree, 'terraform')).flatMap((settings) =>
      blocks(settings, 'required_providers').map(([name, body]) => ({
        name,
        source: literal(member(body, 'source')),
      })),
    ),
  });
}

function backendOfJson(tree: unknown): BackendFacts | undefined {
  const settings = lists(member(tree, 'terraform'));
  const [backend] = settings.flatMap((each) => blocks(each, 'backend'));
  const attributes = Object.entries(backend?.[1] ?? {}).map(([name, value]): [string, string | undefined] => [
    name,
    typeof value === 'string' && !/[$%]\{/u.test(value) ? value : undefined,
  ]);
  if (backend !== undefined) return { type: backend[0], line: 1, attributes: Object.fromEntries(attributes) };
  const hasCloud = settings.some((each) => member(each, 'cloud') !== undefined);
  return hasCloud ? { type: 'cloud', line: 1, attributes: {} } : undefined;
}

/** In JSON, blocks are `{ name: body }` or `{ name: [body, …] }`. */
function blocks(tree: unknown, type: string): [name: string, body: unknown][] {
  return lists(member(tree, type)).flatMap((byName) =>
    typeof byName === 'object' && byName !== null
      ? Object.entries(byName).flatMap(([name, bodies]) =>
          lists(bodies).map((body): [string, unknown] => [name, body]),
        )
      : [],
  );
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
