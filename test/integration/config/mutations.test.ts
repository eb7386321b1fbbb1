import { expect, test } from 'vitest';
import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { resolved, server, TREE } from '#test/unit/config/repository/repository.ts';

const VALID: readonly string[] = [
  `version: 1
autodiscover: { mode: enabled, ignore: ["examples/**"] }
defaults:
  - match: "**"
    whenModified: ["*.tf", "!x_*.tf"]
  - match: biz/**
    labels: { env: dev }
    orderGroup: 1
    terraform: { distribution: tofu, version: 1.9.0 }
projects:
  - dir: fin/prod/network
    name: net
  - dir: fin/prod/app
    dependsOn: [net]
    varFiles: [common.tfvars]
`,
  `version: 1
drafts: plan
branches: [main, "release/*"]
mergeAfterApply: false
silence: [fork, draft]
parallelism: 7
projects:
  - dir: "*/*/app"
    autoplan: false
  - dir: biz/dev/network
    workspaces: [blue, green]
    workflow: mine
    tier: light
    applyOn: command
    holdFrom: plan
workflows:
  mine:
    plan: [init, { step: plan, extraArgs: [-parallelism=2] }, show, check]
    apply: [init, { step: env, name: COLOUR, value: blue }, apply]
`,
  `version: 1
defaults:
  - &layer
    match: biz/**
    tier: light
  - <<: *layer
    match: examples/**
    dependsOn: [biz/dev/network]
`,
];

/** Numbers below a bound, always the same ones for a seed. */
type Dice = (below: number) => number;

/** Changes a configuration in one place; `wrong` when what comes of it cannot be right. */
interface Mutation {
  wrong: boolean;
  change: (text: string, dice: Dice) => string | undefined;
}

const NOISE = [
  '\u0000',
  '\u202e',
  '\ufeff',
  '\u0085',
  '\ud83d\ude00',
  '\t',
  '\r',
  '%',
  '@',
  '`',
  '*x',
  '&',
  '!!binary x',
  '|',
  '>-',
  '{',
  ']',
  '#',
  '"',
  "'",
  ': ',
  '- ',
  '---\n',
  '? ',
];

const inText: Mutation[] = [
  {
    wrong: false,
    change: (text, dice) => at(text, dice(text.length + 1), 0, NOISE[dice(NOISE.length)] ?? ''),
  },
  { wrong: false, change: (text, dice) => at(text, dice(text.length), 1 + dice(30), '') },
  { wrong: false, change: (text, dice) => at(text, dice(text.length), 1, String.fromCharCode(dice(0x3000))) },
  { wrong: true, change: (text, dice) => `${text}${text.split('\n')[dice(2)] ?? ''}\n` },
];

const costly: Mutation[] = [
  { wrong: true, change: (text, dice) => `${text}x${dice(9)}: ${'['.repeat(60 + dice(20))}` },
  { wrong: true, change: (text) => `${text}x: ${'{a: '.repeat(40)}1${'}'.repeat(40)}\n` },
  {
    wrong: true,
    change: (text) =>
      `${text}a0: &a0 [${'x, '.repeat(9)}x]\n${Array.from({ length: 7 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}*a${i}]`).join('\n')}\n`,
  },
];

const inTree: Mutation[] = [
  { wrong: false, change: edited((node, dice) => node.items.splice(dice(node.items.length), 1).length > 0) },
  { wrong: true, change: editedMap((map, dice) => misspell(map, dice)) },
  {
    wrong: true,
    change: editedMap((map, dice) =>
      Boolean(map.set(`${pick(['x-', 'Zz', '__proto__', 'constructor', ''], dice)}${dice(99)}`, 1) ?? true),
    ),
  },
  { wrong: true, change: editedMap(retype) },
  { wrong: true, change: project((add) => add({ dir: 'biz/dev/app', dependsOn: ['nowhere'] })) },
  {
    wrong: true,
    change: project(
      (add) => (
        add({ dir: 'biz/dev/app', dependsOn: ['fin/prod/app'] }),
        add({ dir: 'fin/prod/app', dependsOn: ['biz/dev/app'] })
      ),
    ),
  },
  { wrong: true, change: project((add) => (add({ dir: 'biz/dev/app' }), add({ dir: 'biz/dev/app' }))) },
  {
    wrong: true,
    change: project(
      (add) => (add({ dir: 'biz/dev/app', name: 'one' }), add({ dir: 'examples/vpc', name: 'one' })),
    ),
  },
  { wrong: true, change: project((add) => add({ dir: 'fin/prod/app', applyOn: 'approval' })) },
  { wrong: true, change: project((add) => add({ dir: 'fin/prod/app', labels: { env: 'dev' } })) },
  {
    wrong: true,
    change: project((add) => add({ dir: 'fin/prod/app', whenModified: ['../../../../etc/*'] })),
  },
];

function at(text: string, from: number, length: number, put: string): string {
  return text.slice(0, from) + put + text.slice(from + length);
}

/** Parsed once, changed in copies. */
function parsed(text: string): Document {
  const known = DOCUMENTS.get(text) ?? parseDocument(text);
  DOCUMENTS.set(text, known);
  return known.clone();
}

const DOCUMENTS = new Map<string, Document>();

function pick<T>(list: readonly T[], dice: Dice): T {
  return list[dice(list.length)] as T;
}

function nodesOf(document: Document): (YAMLMap | YAMLSeq)[] {
  const found: (YAMLMap | YAMLSeq)[] = [];
  const visit = (node: unknown): void => {
    if (isMap(node)) {
      found.push(node);
      for (const { value } of node.items) visit(value);
    } else if (isSeq(node)) {
      found.push(node);
      for (const item of node.items) visit(item);
    }
  };
  visit(document.contents);
  return found;
}

function edited(edit: (node: YAMLMap | YAMLSeq, dice: Dice) => boolean): Mutation['change'] {
  return (text, dice) => {
    const document = parsed(text);
    return edit(pick(nodesOf(document), dice), dice)
      ? document.toString({ verifyAliasOrder: false })
      : undefined;
  };
}

/** Maps whose keys are all known ones; labels and workflows may be called anything. */
function editedMap(edit: (map: YAMLMap, dice: Dice) => boolean): Mutation['change'] {
  return (text, dice) => {
    const document = parsed(text);
    const free = [
      document.get('workflows'),
      ...nodesOf(document).flatMap((node) => (isMap(node) ? [node.get('labels')] : [])),
    ];
    const maps = nodesOf(document).filter((node): node is YAMLMap => isMap(node) && !free.includes(node));
    return edit(pick(maps, dice), dice) ? document.toString() : undefined;
  };
}

function misspell(map: YAMLMap, dice: Dice): boolean {
  const { key } = pick(map.items, dice) as { key: unknown };
  if (!isScalar(key) || typeof key.value !== 'string' || key.value === '<<') return false;
  key.value = pick(
    [`${key.value}s`, key.value.toUpperCase(), `${key.value} `, key.value.slice(1), `_${key.value}`],
    dice,
  );
  return true;
}

/** A value of a kind that no setting of that name takes. */
function retype(map: YAMLMap, dice: Dice): boolean {
  const pair = pick(map.items, dice);
  if (!isScalar(pair.key) || pair.key.value === '<<') return false;
  const kinds = [{ deep: [{ er: 1 }] }, [[1]], 1.5, null, '\u0007', [{}]];
  return Boolean(map.set(pair.key, pick(kinds, dice)) ?? true);
}

function project(edit: (add: (entry: object) => void) => void): Mutation['change'] {
  return (text) => {
    const document = parsed(text);
    const entries: object[] = [];
    edit((entry) => void entries.push(entry));
    document.set('projects', document.createNode(entries));
    return document.toString();
  };
}

/** What takes the parser long is tried as well, but not as often. */
const MUTATIONS: readonly Mutation[] = [
  ...inText,
  ...inTree,
  ...inText,
  ...inTree,
  ...inText,
  ...inTree,
  ...costly,
];
const PLACE = /^countersign\.yaml:\d+:\d+$/;
const SEED = 20_261_122;
const RUNS = 10_000;

/** Mulberry32: small, and the same everywhere. */
function diceOf(seed: number): Dice {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

test('10,000 mutations of valid configurations crash nothing, weaken nothing, and are answered with their place', () => {
  for (const text of VALID) expect(resolved(text).problems).toEqual([]);
  const dice = diceOf(SEED);
  const side = server();
  const count = { wrong: 0, answered: 0 };
  for (let run = 0; run < RUNS; ) {
    const mutation = pick(MUTATIONS, dice);
    const text = mutation.change(pick(VALID, dice), dice);
    if (text === undefined) continue;
    run += 1;
    const { problems, unknown, projects } = resolved(text, TREE, side);
    const all = [...problems, ...unknown];
    if (all.some(({ place }) => !PLACE.test(place)))
      throw new Error(`no place for what is wrong with\n${text}`);
    if (mutation.wrong) {
      count.wrong += 1;
      if (all.length > 0) count.answered += 1;
    }
    if (all.length > 0) continue;
    // What is taken in spite of the mutation is nowhere weaker than the server's word.
    for (const { target, settings } of projects.filter(({ target: { dir } }) => dir.startsWith('fin/prod'))) {
      const weaker =
        target.applyOn !== 'command' || target.holdFrom !== 'plan' || settings.labels['env'] !== 'prod';
      if (weaker) throw new Error(`weaker than the server's word:\n${text}`);
    }
  }
  console.log(`${count.wrong} wrong configurations, ${count.answered} answered with their place`);
  expect(count.wrong).toBeGreaterThan(RUNS / 2);
  expect(count.answered / count.wrong).toBeGreaterThanOrEqual(0.95);
}, 120_000);
