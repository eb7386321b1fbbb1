import { readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { nearest } from '#domain/nearest.ts';
import type { TierRule } from '#domain/tiers.ts';
import type { Problem } from './problems.ts';
import { readYaml, type YamlFile } from './read-yaml.ts';
import type { ConfigFile } from './schema.ts';
import { shippedTierRuleSchema, type TierRuleEntry } from './tier-schema.ts';
import { ladderProblems } from './tier-ladder.ts';

const SHIPPED = resolve(import.meta.dirname, 'tier-rules');

/** Names of the tier rules that come with Countersign. */
export function shippedTierRules(): string[] {
  return readdirSync(SHIPPED).map((file) => basename(file, '.yaml'));
}

/**
 * The tier rules of the server's file, in order, and all that is wrong with its tiers: a ladder that is none, names that
 * lead to no tier, two rules of one name. A shipped rule keeps its expression and takes the entry's `params` (one by
 * one) and `appliesTo`.
 */
export function loadTiers(
  file: Pick<ConfigFile, 'tiers' | 'tierRules' | 'repositories'>,
  placeOf: YamlFile<unknown>['placeOf'],
): { tierRules: TierRule[]; problems: Problem[] } {
  const readings = file.tierRules.map((entry, index) => loadEntry(entry, placeOf(['tierRules', index])));
  const tierRules = readings.flatMap(({ rules }) => rules);
  return {
    tierRules,
    problems: [
      ...ladderProblems(file.tiers, (...keys) => placeOf(['tiers', ...keys])),
      ...readings.flatMap(({ problems }) => problems),
      ...sharedNames(tierRules),
      ...namedTiers(file, placeOf).flatMap(({ name, place }) => unknownTier(name, file.tiers, place)),
    ],
  };
}

/** What to say of a name that is no tier's; nothing of one that is. */
export function unknownTier(name: string, tiers: readonly { name: string }[], place: string): Problem[] {
  const names = tiers.map((tier) => tier.name);
  if (names.includes(name)) return [];
  const meant = nearest(name, names);
  const hint = meant === undefined ? `; there are ${names.join(', ')}` : `; did you mean ${meant}?`;
  return [{ place, what: `there is no tier ${name}${hint}` }];
}

interface Loaded {
  rules: TierRule[];
  problems: readonly Problem[];
}

function loadEntry(entry: TierRuleEntry, place: string): Loaded {
  if ('id' in entry) return { rules: [{ ...entry, place }], problems: [] };
  const { shipped, tier, appliesTo, params } = entry;
  const names = shippedTierRules();
  if (!names.includes(shipped)) {
    const what = `there is no shipped tier rule ${shipped}; there are ${names.join(', ')}`;
    return { rules: [], problems: [{ place, what }] };
  }
  const reading = readYaml(resolve(SHIPPED, `${shipped}.yaml`), shippedTierRuleSchema);
  if (!reading.ok) return { rules: [], problems: reading.problems };
  const rule = reading.file.value;
  const adjusted = { appliesTo: { ...rule.appliesTo, ...appliesTo }, params: { ...rule.params, ...params } };
  return { rules: [{ ...rule, ...adjusted, tier, place }], problems: [] };
}

function sharedNames(rules: readonly TierRule[]): Problem[] {
  return rules.flatMap(({ id, place }, index) => {
    const first = rules.findIndex((each) => each.id === id);
    const what = `tier rule ${id} is there already, at ${rules[first]?.place ?? ''}`;
    return first < index ? [{ place, what }] : [];
  });
}

/** Every place of the server's file that names a tier. */
function namedTiers(
  { tierRules, repositories }: Pick<ConfigFile, 'tierRules' | 'repositories'>,
  placeOf: YamlFile<unknown>['placeOf'],
): { name: string; place: string }[] {
  return [
    ...tierRules.map(({ tier }, index) => ({ name: tier, place: placeOf(['tierRules', index, 'tier']) })),
    ...repositories.flatMap(({ projects }, repository) =>
      projects.flatMap(({ allow, tier }, entry) => {
        const at = ['repositories', repository, 'projects', entry];
        return [
          ...(tier === undefined ? [] : [{ name: tier, place: placeOf([...at, 'tier']) }]),
          ...allow.tiers.map((name, i) => ({ name, place: placeOf([...at, 'allow', 'tiers', i]) })),
        ];
      }),
    ),
  ];
}
