import type { CheckReport, CheckSubject } from '#domain/checks.ts';

/** The checks that are built in. */
export interface Checks {
  /** SHA-256 (hex) over all rules and the engine's version; part of the approved tuple. */
  policyHash: string;
  /**
   * Asks every rule that applies to the project, in order of name. Never throws for what a plan or a rule holds: what cannot be
   * decided, or not within the limits of time and memory, is `unknown`.
   */
  evaluate(subject: CheckSubject): Promise<CheckReport[]>;
}
