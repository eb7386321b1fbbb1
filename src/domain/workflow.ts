/** Which binary runs a project: the distribution, and the exact version when one is asked for. */
export interface Binary {
  distribution: 'terraform' | 'tofu';
  version?: string;
}

/**
 * How a project is planned and applied, as data. A repository names steps and arguments from fixed lists; `run` steps come
 * from the server's own configuration alone, since they are programs of the service.
 */
export interface Workflow {
  name: string;
  plan: readonly WorkflowStep[];
  apply: readonly WorkflowStep[];
}

export type WorkflowStep =
  | { step: 'init' | 'plan' | 'show' | 'check' | 'apply'; extraArgs: readonly string[] }
  /** A variable for every later step of the run. */
  | { step: 'env'; name: string; value: string }
  /** A program with its arguments, never a shell line. Its failure fails the run. */
  | { step: 'run'; name: string; command: readonly string[]; output: 'show' | 'hide' };

/** What every project gets that asks for nothing else. */
export const DEFAULT_WORKFLOW: Workflow = {
  name: 'default',
  plan: [
    { step: 'init', extraArgs: [] },
    { step: 'plan', extraArgs: [] },
    { step: 'show', extraArgs: [] },
    { step: 'check', extraArgs: [] },
  ],
  apply: [
    { step: 'init', extraArgs: [] },
    { step: 'apply', extraArgs: [] },
  ],
};
