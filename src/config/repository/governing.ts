import type { CheckRule } from '#domain/checks.ts';
import type { Problem } from '../problems.ts';
import type { YamlFile } from '../read-yaml.ts';
import { type PolicyFile, readPolicies } from './policies.ts';
import { readRepositoryFile } from './read-repository-file.ts';
import type { RepositoryFile } from './schema.ts';

/** What a commit of the repository says that governs its projects, as text. */
export interface GoverningTexts {
  /** `countersign.yaml`; absent when there is none. */
  file: string | undefined;
  /** `policies/*.yaml`. */
  policies: readonly PolicyFile[];
}

/** What rules may be called, and what is wrong with their expressions; see `Checks`. */
export interface RuleReader {
  ruleIds: readonly string[];
  problemsOf(rules: readonly CheckRule[]): readonly Problem[];
}

export type GoverningReading =
  | { ok: true; file: YamlFile<RepositoryFile>; rules: readonly CheckRule[]; rulesHash: string }
  | { ok: false; problems: readonly Problem[] };

/** Reads all of it and tells of everything that is wrong in any of the files, each with its place. */
export function readGoverning(texts: GoverningTexts, reader: RuleReader): GoverningReading {
  const file = readRepositoryFile(texts.file);
  const policies = readPolicies(texts.policies, reader.ruleIds, (rules) => reader.problemsOf(rules));
  if (file.ok && policies.ok)
    return { ok: true, file: file.file, rules: policies.rules, rulesHash: policies.hash };
  return {
    ok: false,
    problems: [...(file.ok ? [] : file.problems), ...(policies.ok ? [] : policies.problems)],
  };
}
