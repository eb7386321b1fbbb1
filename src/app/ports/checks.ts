import type { CheckReport, CheckRule, CheckSubject } from '#domain/checks.ts';
import type { ConfigurationProblem } from './project-catalogue.ts';

/** The checks that are built in: the server's rules, and those a repository adds on its target branch. */
export interface Checks {
  /** Names of the server's rules, which no repository may use. */
  ruleIds: readonly string[];
  /** SHA-256 (hex) over the server's rules, those added, and the engine's version; part of the approved tuple. */
  policyHash(added: readonly CheckRule[]): string;
  /** What is wrong with the expressions of rules, and where. */
  problemsOf(rules: readonly CheckRule[]): readonly ConfigurationProblem[];
  /**
   * Asks every rule that applies to the project, in order of name. Never throws for what a plan or a rule holds: what cannot be
   * decided, or not within the limits of time and memory, is `unknown`.
   */
  evaluate(subject: CheckSubject, added: readonly CheckRule[]): Promise<CheckReport[]>;
}
