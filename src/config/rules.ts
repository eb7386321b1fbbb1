import { readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { z } from 'zod';
import type { CheckRule } from '#domain/checks.ts';
import type { Problem } from './problems.ts';
import { readYaml, type YamlFile } from './read-yaml.ts';
import { type RuleEntry, ruleFileSchema, type ruleSchema } from './rule-schema.ts';

const SHIPPED = resolve(import.meta.dirname, 'rules');

/**
 * The rules that the entries of the server's file come to, in order. A shipped rule keeps its expression and takes the
 * entry's `params` (one by one), `appliesTo` and `severity`. Two rules of one name are a problem.
 */
export function loadRules(
  entries: readonly RuleEntry[],
  baseDir: string,
  placeOf: YamlFile<unknown>['placeOf'],
): { rules: CheckRule[]; problems: Problem[] } {
  const readings = entries.map((entry, index) => loadEntry(entry, baseDir, placeOf(['rules', index])));
  const rules = readings.flatMap((reading) => reading.rules);
  const problems = readings.flatMap((reading) => reading.problems);
  for (const [index, rule] of rules.entries()) {
    const first = rules.findIndex((each) => each.id === rule.id);
    if (first < index)
      problems.push({
        place: rule.place,
        what: `rule ${rule.id} is there already, at ${rules[first]?.place ?? ''}`,
      });
  }
  return { rules, problems };
}

/** Names of the rules that come with Countersign. */
export function shippedRules(): string[] {
  return readdirSync(SHIPPED).map((file) => basename(file, '.yaml'));
}

interface Loaded {
  rules: CheckRule[];
  problems: readonly Problem[];
}

function loadEntry(entry: RuleEntry, baseDir: string, place: string): Loaded {
  if ('file' in entry) return loadFile(resolve(baseDir, entry.file));
  if ('id' in entry) return { rules: [asRule(entry, place)], problems: [] };
  const names = shippedRules();
  if (!names.includes(entry.shipped))
    return {
      rules: [],
      problems: [{ place, what: `there is no shipped rule ${entry.shipped}; there are ${names.join(', ')}` }],
    };
  const { rules, problems } = loadFile(resolve(SHIPPED, `${entry.shipped}.yaml`));
  return { rules: rules.map((rule) => adjusted(rule, entry, place)), problems };
}

function loadFile(path: string): Loaded {
  const reading = readYaml(path, ruleFileSchema);
  if (!reading.ok) return { rules: [], problems: reading.problems };
  const { value, placeOf } = reading.file;
  return {
    rules: value.rules.map((rule, index) => asRule(rule, placeOf(['rules', index, 'when']))),
    problems: [],
  };
}

function adjusted(rule: CheckRule, entry: Extract<RuleEntry, { shipped: string }>, place: string): CheckRule {
  return {
    ...rule,
    severity: entry.severity ?? rule.severity,
    appliesTo: { ...rule.appliesTo, ...entry.appliesTo },
    params: { ...rule.params, ...entry.params },
    place,
  };
}

function asRule(rule: z.output<typeof ruleSchema>, place: string): CheckRule {
  return { ...rule, place };
}
