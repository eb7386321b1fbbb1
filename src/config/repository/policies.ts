import { canonicalHash } from '#domain/canonical-hash.ts';
import type { CheckRule } from '#domain/checks.ts';
import type { Problem } from '../problems.ts';
import { parseYaml } from '../read-yaml.ts';
import { ruleFileSchema } from '../rule-schema.ts';

/** A file of `policies/` as it is on the target branch. */
export interface PolicyFile {
  /** Relative to the repository's root. */
  path: string;
  text: string;
}

export type PolicyReading =
  | { ok: true; rules: readonly CheckRule[]; hash: string }
  | { ok: false; problems: readonly Problem[] };

/** Rules are asked of every plan, so there is an end to them. */
const MOST_RULES = 200;

/**
 * The rules that a repository adds to the server's. It can only add: a rule of the server's name is a problem, and there
 * is no way to speak of a shipped one. Every problem is told with its place, `file:line:col`.
 *
 * @param serverRuleIds the names that are taken.
 * @param problemsOf what is wrong with the expressions of rules; see `Checks.problemsOf`.
 * @returns rules in order of file and place; `hash` is the SHA-256 (hex) of what they ask, wherever it stands.
 */
export function readPolicies(
  files: readonly PolicyFile[],
  serverRuleIds: readonly string[],
  problemsOf: (rules: readonly CheckRule[]) => readonly Problem[],
): PolicyReading {
  const readings = files.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map(readFile);
  const named = readings.flatMap((reading) => (reading.ok ? reading.rules : []));
  const rules = named.map(({ rule }) => rule);
  const problems = [
    ...readings.flatMap((reading) => (reading.ok ? [] : reading.problems)),
    ...takenNames(named, new Set(serverRuleIds)),
    ...problemsOf(rules),
    ...tooMany(named),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const asked = rules.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((rule) => ({ ...rule, place: null }));
  return { ok: true, rules, hash: canonicalHash(asked) };
}

/** A rule, and where its name stands. */
interface NamedRule {
  rule: CheckRule;
  namedAt: string;
}

function readFile({
  path,
  text,
}: PolicyFile): { ok: true; rules: NamedRule[] } | { ok: false; problems: readonly Problem[] } {
  const reading = parseYaml(text, path, ruleFileSchema);
  if (!reading.ok) return reading;
  const { value, placeOf } = reading.file;
  const rules = value.rules.map((rule, index) => ({
    rule: { ...rule, place: placeOf(['rules', index, 'when']) },
    namedAt: placeOf(['rules', index, 'id']),
  }));
  return { ok: true, rules };
}

function takenNames(rules: readonly NamedRule[], ofServer: ReadonlySet<string>): Problem[] {
  return rules.flatMap(({ rule: { id }, namedAt }, index): Problem[] => {
    if (ofServer.has(id)) {
      const what = `the server has a rule ${id}, and a repository adds to the server's rules without changing any: give it another id`;
      return [{ place: namedAt, what }];
    }
    const first = rules.findIndex(({ rule }) => rule.id === id);
    const what = `rule ${id} is there already, at ${rules[first]?.namedAt ?? ''}`;
    return first < index ? [{ place: namedAt, what }] : [];
  });
}

function tooMany(rules: readonly NamedRule[]): Problem[] {
  const beyond = rules[MOST_RULES];
  if (beyond === undefined) return [];
  return [{ place: beyond.namedAt, what: `there are ${rules.length} rules; expected ${MOST_RULES} at most` }];
}
