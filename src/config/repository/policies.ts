import { canonicalHash } from '#domain/canonical-hash.ts';
import type { CheckRule } from '#domain/checks.ts';
import type { TierRule } from '#domain/tiers.ts';
import { policyFileSchema } from '../policy-schema.ts';
import type { Problem } from '../problems.ts';
import { parseYaml } from '../read-yaml.ts';
import { unknownTier } from '../tiers.ts';

/** A file of `policies/` as it is on the target branch. */
export interface PolicyFile {
  /** Relative to the repository's root. */
  path: string;
  text: string;
}

/** What the rules of a repository may be called and say, as the server has it. */
export interface RuleReaders {
  checks: RuleReader<CheckRule>;
  tiers: RuleReader<TierRule> & {
    /** The tiers there are; undefined where the server's file is not at hand. */
    names?: readonly string[];
  };
}

export interface RuleReader<R> {
  /** The names that are taken. */
  ruleIds: readonly string[];
  /** What is wrong with the expressions of rules. */
  problemsOf(rules: readonly R[]): readonly Problem[];
}

export type PolicyReading =
  | { ok: true; rules: readonly CheckRule[]; tierRules: readonly TierRule[]; hash: string }
  | { ok: false; problems: readonly Problem[] };

/** Rules are asked of every plan, so there is an end to them. */
const MOST_RULES = 200;

/**
 * The rules that a repository adds to the server's. It can only add: a rule of the server's name is a problem, and there
 * is no way to speak of a shipped one; rules about tiers can only raise. Every problem is told with its place,
 * `file:line:col`.
 *
 * @returns rules in order of file and place; `hash` is the SHA-256 (hex) of what they ask, wherever it stands.
 */
export function readPolicies(files: readonly PolicyFile[], readers: RuleReaders): PolicyReading {
  const readings = files.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map(readFile);
  const read = readings.flatMap((reading) => (reading.ok ? [reading] : []));
  const checks = read.flatMap(({ rules }) => rules);
  const tiers = read.flatMap(({ tierRules }) => tierRules);
  const problems = [
    ...readings.flatMap((reading) => (reading.ok ? [] : reading.problems)),
    ...problemsOf(checks, 'rule', readers.checks),
    ...problemsOf(tiers, 'tier rule', readers.tiers),
    ...tiers.flatMap(({ rule: { tier }, tierAt }) => tiersProblems(tier, readers.tiers.names, tierAt)),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const rules = checks.map(({ rule }) => rule);
  const tierRules = tiers.map(({ rule }) => rule);
  return { ok: true, rules, tierRules, hash: canonicalHash([asked(rules), asked(tierRules)]) };
}

/** A rule, and where its name stands. */
interface NamedRule<R> {
  rule: R;
  namedAt: string;
}

interface PoliciesRead {
  ok: true;
  rules: NamedRule<CheckRule>[];
  tierRules: (NamedRule<TierRule> & { tierAt: string })[];
}

function readFile({ path, text }: PolicyFile): PoliciesRead | { ok: false; problems: readonly Problem[] } {
  const reading = parseYaml(text, path, policyFileSchema);
  if (!reading.ok) return reading;
  const { value, placeOf } = reading.file;
  return {
    ok: true,
    rules: value.rules.map((rule, index) => ({
      rule: { ...rule, place: placeOf(['rules', index, 'when']) },
      namedAt: placeOf(['rules', index, 'id']),
    })),
    tierRules: value.tierRules.map((rule, index) => ({
      rule: { ...rule, place: placeOf(['tierRules', index, 'when']) },
      namedAt: placeOf(['tierRules', index, 'id']),
      tierAt: placeOf(['tierRules', index, 'tier']),
    })),
  };
}

/** Where a rule stands in which file does not matter, everything else does. */
function asked<R extends { id: string }>(rules: readonly R[]): object[] {
  return rules.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((rule) => ({ ...rule, place: null }));
}

function problemsOf<R extends { id: string }>(
  rules: readonly NamedRule<R>[],
  kind: string,
  reader: RuleReader<R>,
): Problem[] {
  return [
    ...takenNames(rules, kind, new Set(reader.ruleIds)),
    ...reader.problemsOf(rules.map(({ rule }) => rule)),
    ...tooMany(rules, kind),
  ];
}

function tiersProblems(tier: string, names: readonly string[] | undefined, place: string): Problem[] {
  if (names === undefined) return [];
  return unknownTier(
    tier,
    names.map((name) => ({ name })),
    place,
  );
}

function takenNames<R extends { id: string }>(
  rules: readonly NamedRule<R>[],
  kind: string,
  ofServer: ReadonlySet<string>,
): Problem[] {
  return rules.flatMap(({ rule: { id }, namedAt }, index): Problem[] => {
    if (ofServer.has(id)) {
      const what = `the server has a ${kind} ${id}, and a repository adds to the server's rules without changing any: give it another id`;
      return [{ place: namedAt, what }];
    }
    const first = rules.findIndex(({ rule }) => rule.id === id);
    const what = `${kind} ${id} is there already, at ${rules[first]?.namedAt ?? ''}`;
    return first < index ? [{ place: namedAt, what }] : [];
  });
}

function tooMany<R>(rules: readonly NamedRule<R>[], kind: string): Problem[] {
  const beyond = rules[MOST_RULES];
  if (beyond === undefined) return [];
  return [
    { place: beyond.namedAt, what: `there are ${rules.length} ${kind}s; expected ${MOST_RULES} at most` },
  ];
}
