import type { JobDesk, LeasedJob } from '#app/job-desk.ts';
import type { Ledger } from '#app/ledger.ts';
import type { AttemptPatience } from '#app/patience.ts';
import type { Calendar } from '#app/ports/calendar.ts';
import type { Checks } from '#app/ports/checks.ts';
import type { CodeHost, Conversation, ProposalDesk, ReleaseDesk } from '#app/ports/code-host.ts';
import type { Directory } from '#app/ports/directory.ts';
import type { HintReaders } from '#app/ports/hook-hints.ts';
import type { PlanStore } from '#app/ports/plan-store.ts';
import type { ProjectCatalogue } from '#app/ports/project-catalogue.ts';
import type { RootModules, Source } from '#app/ports/source.ts';
import type { RunCredentials, RunLimits, Terraform } from '#app/ports/terraform.ts';
import type { Ticketing } from '#app/ports/ticketing.ts';
import type { Tiers } from '#app/ports/tiers.ts';
import type { Actor } from '#domain/audit/actor.ts';
import type { Change } from '#domain/change.ts';
import type { Fact } from '#domain/fact.ts';
import type { GateSettings } from '#domain/gates/evidence.ts';
import type { Recording } from '#app/ledger.ts';
import type { Silence } from '#domain/telling.ts';
import type { Log } from '#telemetry/log.ts';
import type { EmergencySettings } from './emergency-settings.ts';
import type { CommandRule } from './reserved-commands.ts';

/** Everything a worker may use; adapters arrive as ports. */
export interface WorkerContext {
  ledger: Ledger;
  desk: JobDesk;
  codeHost: CodeHost;
  conversation: Conversation;
  releaseDesk: ReleaseDesk;
  proposalDesk: ProposalDesk;
  ticketing: Ticketing;
  directory: Directory;
  source: Source;
  rootModules: RootModules;
  catalogue: ProjectCatalogue;
  terraform: Terraform;
  planStore: PlanStore;
  checks: Checks;
  tiers: Tiers;
  calendar: Calendar;
  hints: HintReaders;
  patience: AttemptPatience;
  /** Signs the log's head; the text of the checkpoint. */
  checkpoint(): Promise<string>;
  settings: WorkerSettings;
  startSupervisor(attemptId: string): Promise<void>;
  log: Log;
}

/** The server's configuration as workers need it. */
export interface WorkerSettings {
  externalUrl: string;
  repositories: readonly number[];
  ticketBot: string;
  accessLevels: { plan: number; apply: number };
  /** Commands that are reserved for some of those who may command. */
  commandRules: readonly CommandRule[];
  /** Comments to Atlantis are commands as well. */
  alsoAtlantis: boolean;
  /** Which merge requests the server lets be planned at all: patterns of target branches, and whether forks are. */
  admission(repository: number): {
    branches: readonly string[];
    forks: 'refuse' | 'plan';
    /** What is kept quiet about before anything of the repository is read. */
    silence: readonly Silence[];
  };
  credentials(repository: number, dir: string, phase: 'plan' | 'apply'): Promise<RunCredentials>;
  /** `state`: of a look at the state while the gates are asked. */
  limits(phase: 'plan' | 'state' | 'apply'): RunLimits;
  gates: GateSettings;
  /** Absent: nobody can break any glass. */
  emergency?: EmergencySettings;
  planDigestKey: Uint8Array;
}

/** A job in hand. `signal` aborts when the lease is lost or the time limit is reached. */
export interface Job<P> {
  lease: LeasedJob;
  changeId: string;
  payload: P;
  signal: AbortSignal;
}

/** What a job came to: the fact that concludes it, recorded together with the job's end; nothing when there is none. */
export type Conclusion =
  | { fact: Fact; actor?: Actor; attachment?: NonNullable<Recording['attachment']> }
  | undefined;

/** The change a job is about. Throws when there is none: an effect without its change is a bug. */
export async function changeOf(context: WorkerContext, job: Job<unknown>): Promise<Change> {
  const change = await context.ledger.change(job.changeId);
  if (change === undefined) throw new Error(`job ${job.lease.id} is about a change that does not exist`);
  return change;
}

/** Where people read everything about a change. */
export function changeUrl(context: WorkerContext, change: Change): string {
  return `${context.settings.externalUrl}/changes/${change.id}`;
}
