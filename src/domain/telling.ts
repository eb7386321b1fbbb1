/** What a repository does not want to hear of: nothing touched, a fork, a draft, another target branch; and projects without changes. */
export type Silence = 'no-projects' | 'fork' | 'draft' | 'branch' | 'no-changes';

/** How a repository wants its changes told. Nothing that a gate looks at. */
export interface Telling {
  silence: readonly Silence[];
  /** One commit status per project beside the change's own. */
  projectStatuses: boolean;
  /** Attributes whose differences are noise; see `isNoise`. */
  volatile: readonly string[];
}

/** What is told where nobody said anything. */
export const TELL_ALL: Telling = { silence: [], projectStatuses: false, volatile: [] };
