import type { CheckRule } from '#domain/checks.ts';
import type { TierRule } from '#domain/tiers.ts';
import type { Problem } from '../problems.ts';
import type { YamlFile } from '../read-yaml.ts';
import { type PolicyFile, readPolicies, type RuleReaders } from './policies.ts';
import { readRepositoryFile } from './read-repository-file.ts';
import type { RepositoryFile } from './schema.ts';

/** What a commit of the repository says that governs its projects, as text. */
export interface GoverningTexts {
  /** `countersign.yaml`; absent when there is none. */
  file: string | undefined;
  /** `policies/*.yaml`. */
  policies: readonly PolicyFile[];
}

export type GoverningReading =
  | {
      ok: true;
      file: YamlFile<RepositoryFile>;
      rules: readonly CheckRule[];
      tierRules: readonly TierRule[];
      rulesHash: string;
    }
  | { ok: false; problems: readonly Problem[] };

/** Reads all of it and tells of everything that is wrong in any of the files, each with its place. */
export function readGoverning(texts: GoverningTexts, readers: RuleReaders): GoverningReading {
  const file = readRepositoryFile(texts.file);
  const policies = readPolicies(texts.policies, readers);
  if (file.ok && policies.ok) {
    const { rules, tierRules, hash } = policies;
    return { ok: true, file: file.file, rules, tierRules, rulesHash: hash };
  }
  return {
    ok: false,
    problems: [...(file.ok ? [] : file.problems), ...(policies.ok ? [] : policies.problems)],
  };
}
