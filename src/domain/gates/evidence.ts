import type { Approval } from '../approval.ts';
import type { GlassTerms } from '../break-glass.ts';
import type { CalendarReading } from '../calendar.ts';
import type { Change } from '../change.ts';
import type { ApplyCommand, Project, Reserved } from '../project.ts';
import type { CheckRef, PlanRef } from '../plan-ref.ts';
import type { Demand, Exclusion } from '../demand.ts';
import type { TicketReading } from '../fact.ts';
import type { Mandate, MandateRef, Terms } from '../mandate.ts';
import type { MandateUse } from '../mandate-cover.ts';

/** Something a gate looks at: seen, with its value, or not, with the reason. What was not seen is unknown, so no. */
export type Observed<T> = { seen: true; value: T } | { seen: false; why: string };

/** A person of the directory, as far as gates need one. */
export interface Person {
  id: string;
  name: string;
  /** All their accounts: what two of them do, one person does. */
  gitlabIds: readonly number[];
  jiraAccounts: readonly string[];
  emails: readonly string[];
  roles: readonly PersonRole[];
  /** Names of the directory's groups they are in at this moment. */
  groups: readonly string[];
  /** Those who handed their approvals over to them, while that holds. */
  standsInFor?: readonly StandIn[];
  /** Out of office until then (RFC 3339): nobody waits for them. */
  awayUntil?: string;
}

export type PersonRole = 'requester' | 'reviewer' | 'approver' | 'operator';

/** One person's approvals in another's hands; `until` is RFC 3339. */
export interface StandIn {
  person: string;
  groups: readonly string[];
  until: string;
}

/** What is common to all projects of a change, read live from GitLab, JIRA and the server's configuration. */
export interface ChangeEvidence {
  /** Database time at which the evaluation was begun, RFC 3339 UTC: nothing in it was looked at earlier. */
  at: string;
  ticket: Observed<TicketReading>;
  mergeRequest: Observed<{
    state: 'open' | 'merged' | 'closed';
    draft: boolean;
    headSha: string;
    targetBranch: string;
    targetSha: string;
    authorId: number;
    /** Holds the work plan. */
    description: string;
    mergeable: { answer: 'yes' | 'no' | 'unknown'; reason: string };
  }>;
  /** The branch that the change was planned for, and who gets past a merge request there. */
  target: Observed<{ branch: string; isProtected: boolean; developersMayPush: boolean }>;
  /** Statuses of the head that others set. */
  statuses: Observed<readonly { name: string; state: string; allowedToFail: boolean }[]>;
  pushers: Observed<readonly number[]>;
  /** Approvals of the merge request itself. */
  reviews: Observed<readonly Review[]>;
  releaseTag: Observed<{
    name: string;
    takenBy: string | undefined;
    protected: boolean;
    mayCreate: boolean;
    reason: string;
  }>;
  people: readonly Person[];
  /** Parts of the directory that did not answer: who is not found in a role or group may be there all the same. */
  unseenSources: readonly { source: string; why: string }[];
  /** Those who commanded an apply of it. */
  commanders: readonly CommanderSeen[];
  /** Standing approvals where the change goes by one, and the operator grants of whoever commands its apply. */
  mandates: readonly MandateSeen[];
  policyHash: Observed<string>;
  /** The service's own account in the ticket system: never an approver, and the only one whose move opens a review. */
  ticketBot: string;
  /** `true` when the last audit entry of this change is readable under the log's head. */
  audit: Observed<{ entries: number; covered: boolean }>;
  settings: GateSettings;
  /** Looked at only where glass is broken; `undefined` where no emergencies are provided for. */
  emergency?: Observed<EmergencyEvidence | undefined>;
}

/** What the code host lets somebody do in the project at this moment; `needed` is the least access level to apply. */
export interface CommanderSeen {
  gitlabId: number;
  rights: Observed<{ accessLevel: number; needed: number; barred: readonly Reserved[] }>;
}

/** A mandate that may be about the change, with its ticket as it is now and what was done under it within 24 hours. */
export interface MandateSeen<T extends Terms = Terms> {
  mandate: Mandate<T>;
  ticket: Observed<TicketReading>;
  uses: readonly MandateUse[];
}

/** An approval of the merge request on the code host. */
export interface Review {
  gitlabId: number;
  username: string;
  /** Whether it was given for the present head; `undefined` when the host does not say. */
  ofHead: boolean | undefined;
}

/** What the server provides for emergencies, and what is owed for earlier ones. */
export interface EmergencyEvidence
  extends Pick<GlassTerms, 'projects' | 'waives' | 'blockWhileUnpaid' | 'unpaid'> {
  confirmers: { roles: readonly PersonRole[]; groups: readonly string[] };
}

export interface GateSettings {
  /** Seconds after which a plan is too old to apply. Default 24 h. */
  planMaxAgeSeconds: number;
  /** A head without any status of others is refused when true; default: none present is "not required". */
  pipelineRequired: boolean;
  /** Which moves of the target branch take an approval back: those that change inputs of its projects, or any. */
  voidedBy: 'inputs' | 'any';
  /** Beside what always holds and what a tier adds. */
  exclusions: readonly Exclusion[];
}

/** What is particular to one project. */
export interface ProjectEvidence {
  /** Input paths of the project, or governing configuration, that the target branch changed since the merge base. */
  divergence: Observed<{ changedInputs: readonly string[] }>;
  /** SHA-256 of the stored bundle as it is now. */
  bundle: Observed<{ hash: string }>;
  state: Observed<{ lineage: string; serial: string } | 'none'>;
  /** Who holds the project: the change, and the number of its merge request as people know it. */
  hold: Observed<{ changeId: string; iid: number; quarantined: string | undefined } | undefined>;
  /** The present result of each check, re-evaluated on the redacted plan, and the present configuration. */
  checks: Observed<readonly CheckRef[]>;
  /** What the plan demands by the rules and the people of now. */
  demand: Observed<Demand>;
  inputsId: Observed<string>;
  configurationHash: Observed<string>;
  terraformVersion: Observed<string>;
  /** Windows and freezes of the tier that its plan demands, as of the moment at which this was looked at. */
  calendar: Observed<CalendarReading>;
}

/** What the gates are asked about. */
export interface GateSubject {
  change: Change;
  project: Project;
  plan: PlanRef;
  /** The approval in force, if there is one. */
  approval: Approval | undefined;
  /** The tuple hash now in front of the approver. */
  tupleHash: string;
  command: ApplyCommand | undefined;
}

export type GateName =
  | 'ticket-approved'
  | 'approver-allowed'
  | 'four-eyes'
  | 'reviewed'
  | 'plan-unchanged'
  | 'revision-current'
  | 'work-plan-complete'
  | 'target-protected'
  | 'not-diverged'
  | 'plan-fresh'
  | 'checks-passed'
  | 'pipeline-passed'
  | 'mergeable'
  | 'project-free'
  | 'release-tag-free'
  | 'change-window'
  | 'not-frozen'
  | 'audit-recorded'
  | 'break-glass-allowed';

/** One gate's answer with what it looked at. */
export interface GateResult {
  gate: GateName;
  answer: 'yes' | 'no' | 'unknown';
  /** What was found, in words for people; also for yes. */
  reason: string;
  /** Who can do what about it; empty for yes. */
  remedy: string;
  /** The values that decided, JSON-able, nothing secret. */
  evidence: Record<string, unknown>;
  /** When the answer turns into the other one by itself, RFC 3339 UTC, where that is known. */
  until?: string;
  /** The mandate that the answer is yes by. */
  mandate?: MandateRef;
  /** True when the answer means that this approval can never count and the ticket must go back to review. */
  voidsVerdict?: boolean;
  /** Somebody interfered with a ticket on which nobody was asked, or had rejected it. */
  disputed?: true;
  /** Those that count, where more are wanted: the ticket asks on, and they stand. */
  asksOn?: { counted: readonly string[]; why: string };
  /** Why the project has to be planned and asked about again, whatever anybody decides about the plan as it is. */
  planAgain?: string;
}

export type Gate = (subject: GateSubject, change: ChangeEvidence, project: ProjectEvidence) => GateResult;
