import type { Adjustment } from '#domain/project.ts';
import type { Binary, Workflow, WorkflowStep } from '#domain/workflow.ts';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import type { Plan } from '#domain/plan/plan.ts';

/**
 * Running terraform (or tofu). Code in a merge request is arbitrary code, so every run gets its own folder, its own
 * identity and an environment built from nothing. `docs/running-terraform.md` tells what that does and does not stop.
 */
export interface Terraform {
  /** How runs are kept from the service and from each other on this machine; found out once by trying. */
  isolation(): Promise<Isolation>;
  /**
   * The version that a project's binary has, such as `1.11.4` or `tofu 1.9.0`; each binary is asked once. Without a
   * question, the server's default. Fault `no-such-binary` when this server does not have what is asked for.
   */
  version(binary?: Binary): Promise<string>;
  /**
   * Plans one project by its workflow: `init`, `plan -out -lock=false`, `show -json`, and what is configured between.
   * Lines arrive while it runs, known secrets replaced. Whatever comes of it, no process and no folder of the run is left.
   */
  plan(request: PlanRequest, onLine: (line: OutputLine) => void, signal: AbortSignal): Promise<PlanOutcome>;
  /**
   * Puts a bundle back at the absolute path it was planned at and restores the providers (`init -lockfile=readonly`).
   * Call it in the process that will run the command: the folder belongs to that process until `release`.
   */
  prepareApply(request: ApplyRequest, onLine: (line: OutputLine) => void): Promise<ApplyPreparation>;
  /**
   * The live state's lineage and serial, asked from the backend that a bundle was planned against; costs one process.
   * Fault `state-unreadable` when the backend does not tell.
   */
  readState(request: ApplyRequest): Promise<StateBinding>;
  /** The apply in the folder of that run as this machine shows it, also when whoever started it is gone. */
  runningApply(run: Pick<RunRequest, 'folderKey' | 'dir'>): Promise<RunningApply>;
  /**
   * Removes the folders of runs whose process died: those that nobody works in, that are older than `olderThanMs`, and
   * that belong to none of the given runs. They hold plans in clear.
   */
  tidy(keep: readonly string[], olderThanMs: number): Promise<void>;
}

/** `uid`: a user of its own per run. `bubblewrap`: a file system and process table of its own. */
export type Isolation = 'uid+bubblewrap' | 'uid' | 'bubblewrap' | 'none';

export interface OutputLine {
  step: 'init' | 'plan' | 'show' | 'state' | 'apply' | 'run';
  stream: 'stdout' | 'stderr';
  /** Without line end, control characters as they came. */
  text: string;
}

interface RunRequest {
  /**
   * Names the folder of the run. The same for every plan run of one project at one revision, and for the apply of
   * what they made: absolute paths end up in plans. Only one run at a time uses it; others wait.
   */
  folderKey: string;
  /** The root module's folder in the repository, `.` for the root. */
  dir: string;
  workspace: string;
  credentials: RunCredentials;
  limits: RunLimits;
}

/** What a run may know. Everything in it is visible to the code that is planned or applied. */
export interface RunCredentials {
  /** Variables for terraform, its backend and its providers. */
  environment: Readonly<Record<string, string>>;
  /** The values among them that must appear in no output. */
  secrets: readonly string[];
}

export interface RunLimits {
  /** Milliseconds for a whole plan run; for an apply, only for what comes before and after it. */
  wallMs: number;
  /** Bytes that a run may print, and bytes of `show -json`. */
  outputBytes: number;
  planJsonBytes: number;
  /** Resident bytes of all processes of the run together. */
  memoryBytes: number;
}

export interface PlanRequest extends RunRequest {
  binary: Binary;
  workflow: Workflow;
  hooks: RunHooks;
  /** What is done to the state beside what the code says, as blocks of a generated file. */
  adjustments: readonly Adjustment[];
  /** Writes the work tree below the given empty folder; see `Source.materialize`. */
  materialize(target: string): Promise<void>;
  /** Values for `TF_VAR_…`, such as `approval_id`. */
  variables: Readonly<Record<string, string>>;
  /** Var files, relative to the repository's root. */
  varFiles: readonly string[];
}

/** Programs that the server's configuration puts around every workflow of a path. */
export interface RunHooks {
  prePlan: readonly RunStep[];
  postPlan: readonly RunStep[];
  preApply: readonly RunStep[];
  postApply: readonly RunStep[];
}

export type RunStep = Extract<WorkflowStep, { step: 'run' }>;

/** Binary, steps and hooks are those of the plan: the bundle carries them. */
export interface ApplyRequest extends RunRequest {
  bundle: Buffer;
}

export type PlanOutcome =
  | PlannedOutcome
  | {
      kind: 'failed';
      step: FailedStep;
      exitCode: number | undefined;
      diagnostics: Diagnostic[];
    }
  | { kind: StopReason; step: FailedStep };

/** Where a run ended: before anything ran, in a command of terraform, or in a program of the workflow or a hook. */
export type FailedStep = 'before' | 'init' | 'plan' | 'show' | { run: string };

export interface PlannedOutcome {
  kind: 'planned';
  /** Holds secrets in clear: digest it, redact it, then let go of it. */
  plan: Plan;
  /** Plan file and all that `init` and `plan` wrote beside it; holds secrets in clear, goes to the plan store only. */
  bundle: Buffer;
  /** What the plan was made against; `none` when there was no state yet. */
  state: StateBinding;
  /** Such as `1.11.4`, or `tofu 1.9.0`. */
  terraformVersion: string;
  /** What `init` and `plan` warned of. */
  warnings: Diagnostic[];
  /** SHA-256 (hex) of `.terraform.lock.hcl`; of nothing when no provider needs one. */
  lockFileHash: string;
  /** Providers and their versions, as the lock file has them. */
  providers: Readonly<Record<string, string>>;
  /** SHA-256 (hex) over path and content of the root module and every module it calls. */
  moduleTreeHash: string;
}

export type StopReason = 'timed-out' | 'output-limit' | 'memory-limit' | 'cancelled';

export type StateBinding = { lineage: string; serial: string } | 'none';

export type ApplyPreparation =
  | { kind: 'prepared'; apply: PreparedApply }
  | { kind: 'failed'; step: FailedStep; exitCode: number | undefined; diagnostics: Diagnostic[] }
  | { kind: StopReason; step: FailedStep };

/** An apply that is ready to start, and what has to be known around it. */
export interface PreparedApply extends RunningApply {
  /** What to spawn, detached, with `stdin` closed. Prints one JSON object per line; see `readUiLine`. */
  command: RunCommand;
  /** Runs what workflow and hooks put in front of the command; the reason in words when one of it failed. */
  runBefore(): Promise<string | undefined>;
  /**
   * Runs what they put behind it, however it ended; they know the exit code by `COUNTERSIGN_EXIT_CODE`. What was applied
   * is applied: a failure is told in the output and in the reason that comes back, and changes nothing.
   */
  runAfter(exitCode: number | null): Promise<string | undefined>;
  /** The live state's lineage and serial, asked from the backend now. */
  readState(): Promise<StateBinding>;
  /**
   * Replaces what must not be seen in a line of output: the run's secrets, and what the plan holds as sensitive, which
   * terraform itself shows where a provisioner fails.
   */
  scrub(text: string): string;
  /** Ends every process of the run that is still there and removes its folder. */
  release(): Promise<void>;
}

/** What can be seen of an apply, and done to it, from outside. */
export interface RunningApply {
  /** Whether terraform itself still runs, even when the process that was spawned for it does not. */
  isAlive(): Promise<boolean>;
  /** Sends SIGINT to terraform, which then saves its state and unlocks; at a second one it gives that up. False when none runs. */
  interrupt(): Promise<boolean>;
  /** `errored.tfstate`, which terraform leaves when it could not upload the state; secret. */
  erroredState(): Promise<Buffer | undefined>;
  /** Ends what the run started and left behind. */
  endLeftovers(): Promise<void>;
}

export interface RunCommand {
  file: string;
  argv: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  uid: number | undefined;
  gid: number | undefined;
}
