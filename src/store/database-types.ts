// Written by `npm run db:types` from the migrations. Do not edit.
// oxlint-disable max-lines -- as many as there are tables

import type { Generated, GeneratedAlways } from 'kysely';

export interface AttemptsTable {
  id: string;
  change_id: string;
  revision: number;
  project: string;
  plan_run_id: string;
  bundle_hash: string;
  approval_id: string | null;
  commanded_by: unknown;
  status: string;
  outcome: string | null;
  reason: string | null;
  host: string | null;
  boot_id: string | null;
  supervisor_pid: number | null;
  supervisor_start: string | null;
  terraform_pid: number | null;
  terraform_start: string | null;
  spool: string | null;
  epoch: Generated<number>;
  heartbeat_at: Date | null;
  serial_before: string | null;
  serial_after: string | null;
  log_digest: string | null;
  interrupt_requested: Generated<boolean>;
  resolved_by: unknown;
  resolved_as: string | null;
  claimed_at: Generated<Date>;
  started_at: Date | null;
  ended_at: Date | null;
  diagnostics: unknown;
}

export interface ChangesTable {
  id: string;
  repository: number;
  iid: number;
  state: unknown;
  version: Generated<number>;
  status: string;
  title: Generated<string>;
  url: Generated<string>;
  author_id: number | null;
  author_username: Generated<string>;
  head_sha: string | null;
  target_branch: string | null;
  approval_id: string | null;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
}

export interface CodeHostHooksTable {
  repository: number;
  hook: number;
  state: string;
  wakes_at: Date | null;
  seen_at: Generated<Date>;
}

export interface CommandsTable {
  repository: number;
  note_id: number;
  change_id: string;
  at: Generated<Date>;
}

export interface CountersTable {
  name: string;
  value: Generated<number>;
}

export interface DebtsTable {
  ticket_key: string;
  change_id: string;
  repository: number;
  iid: number;
  projects: string[];
  reason: string;
  asked_by: string;
  confirmed_by: string;
  used_at: Date;
  due_at: Date;
  overdue: Generated<boolean>;
  rejections: Generated<number>;
  paid_at: Date | null;
}

export interface ErroredStatesTable {
  attempt_id: string;
  ciphertext: Buffer;
  stored_at: Generated<Date>;
}

export interface GateEvaluationsTable {
  id: string;
  project: string;
  change_id: string;
  revision: number;
  purpose: string;
  go: boolean;
  results: unknown;
  at: Generated<Date>;
}

export interface HoldsTable {
  repository: number;
  project: string;
  change_id: string;
  attempt_id: string | null;
  quarantined: string | null;
  since: Generated<Date>;
}

export interface LoginClaimsTable {
  person: string;
  groups: unknown;
  logged_in_at: Generated<Date>;
}

export interface MandateUsesTable {
  mandate_id: string;
  change_id: string;
  reference: string;
  project: string;
  used_at: Generated<Date>;
}

export interface MandatesTable {
  id: string;
  kind: string;
  terms: unknown;
  terms_hash: string;
  requested_by: string;
  opened_at: Generated<Date>;
  until: Date;
  ticket_key: string | null;
  ticket_url: string | null;
  review_move: string | null;
  heard: unknown;
  heard_at: Generated<Date>;
  ended_at: Date | null;
  end_reason: string | null;
}

export interface OutboxTable {
  id: GeneratedAlways<number>;
  effect: string;
  change_id: string | null;
  payload: unknown;
  coalesce_key: string | null;
  exclusive_key: string | null;
  run_after: Generated<Date>;
  tries: Generated<number>;
  last_error: string | null;
  lease_owner: string | null;
  lease_epoch: Generated<number>;
  lease_until: Date | null;
  started_at: Date | null;
  enqueued_at: Date | null;
  done_at: Date | null;
  gave_up_at: Date | null;
  created_at: Generated<Date>;
  turn: Generated<number>;
  most_at_once: number | null;
}

export interface PlanBundlesTable {
  plan_run_id: string;
  ciphertext: Buffer;
  stored_at: Generated<Date>;
}

export interface PlanRunsTable {
  id: string;
  change_id: string;
  revision: number;
  project: string;
  head_sha: string;
  status: Generated<string>;
  reason: string | null;
  digest: string | null;
  bundle_hash: string | null;
  summary: unknown;
  plan_json: string | null;
  plan_text: string | null;
  plan: unknown;
  checks: unknown;
  diagnostics: unknown;
  timings: unknown;
  queued_at: Generated<Date>;
  started_at: Date | null;
  ended_at: Date | null;
  approved_at: Date | null;
  configuration: unknown;
}

export interface PublishedTable {
  change_id: string;
  kind: string;
  hash: string;
  ref: unknown;
  at: Generated<Date>;
}

export interface ReleaseTagsTable {
  repository: number;
  tag: string;
  change_id: string | null;
  made_sha: string | null;
  made_text: string | null;
  seen_sha: string | null;
  seen_text: string | null;
  turned_at: Generated<Date>;
}

export interface RevisionsTable {
  change_id: string;
  number: number;
  head_sha: string;
  opened_at: Date;
  ended_at: Date | null;
  projects: unknown;
}

export interface RollbacksTable {
  repository: number;
  branch: string;
  ticket_key: string;
  change_id: string;
  note_id: number;
  asked_by: unknown;
  start_sha: string;
  commit_sha: string | null;
  iid: number | null;
  begun_at: Generated<Date>;
}

export interface RunOutputTable {
  run_id: string;
  seq: number;
  at: Generated<Date>;
  stream: string;
  line: string;
}

export interface SchemaMigrationsTable {
  version: number;
  file: string;
  checksum: string;
  breaking: boolean;
  applied_at: Generated<Date>;
}

export interface SessionsTable {
  token_hash: string;
  person: string;
  created_at: Generated<Date>;
  expires_at: Date;
}

export interface SweepCursorsTable {
  name: string;
  at: Date;
}

export interface SweepFaultsTable {
  step: string;
  item: string;
  read_from: Date | null;
  code: string;
  reason: string;
  tries: Generated<number>;
  began_at: Generated<Date>;
  due_at: Date;
}

export interface TicketsTable {
  key: string;
  change_id: string;
  number: number;
  url: string;
  opened_at: Generated<Date>;
  closed_at: Date | null;
  outcome: string | null;
}

export interface WebhookDeliveriesTable {
  id: GeneratedAlways<number>;
  source: string;
  delivery_key: string;
  event: string;
  repository: number | null;
  body: string;
  received_at: Generated<Date>;
  handled_at: Date | null;
  result: string | null;
}

export interface WorkersTable {
  name: string;
  host: string;
  isolation: string;
  terraform_version: string;
  started_at: Generated<Date>;
  seen_at: Generated<Date>;
}

export interface AuditCheckpointsTable {
  size: number;
  root: Buffer;
  note: string;
  at: Generated<Date>;
}

export interface AuditEntriesTable {
  idx: number;
  envelope: string;
  leaf_hash: Buffer;
}

export interface AuditHeadTable {
  only_row: Generated<boolean>;
  size: number;
}

export interface AuditNodesTable {
  level: number;
  idx: number;
  hash: Buffer;
}

export interface AuditPayloadsTable {
  idx: number;
  payload: string | null;
  nonce: Buffer | null;
  erased_by: number | null;
}

export interface Database {
  attempts: AttemptsTable;
  changes: ChangesTable;
  code_host_hooks: CodeHostHooksTable;
  commands: CommandsTable;
  counters: CountersTable;
  debts: DebtsTable;
  errored_states: ErroredStatesTable;
  gate_evaluations: GateEvaluationsTable;
  holds: HoldsTable;
  login_claims: LoginClaimsTable;
  mandate_uses: MandateUsesTable;
  mandates: MandatesTable;
  outbox: OutboxTable;
  plan_bundles: PlanBundlesTable;
  plan_runs: PlanRunsTable;
  published: PublishedTable;
  release_tags: ReleaseTagsTable;
  revisions: RevisionsTable;
  rollbacks: RollbacksTable;
  run_output: RunOutputTable;
  schema_migrations: SchemaMigrationsTable;
  sessions: SessionsTable;
  sweep_cursors: SweepCursorsTable;
  sweep_faults: SweepFaultsTable;
  tickets: TicketsTable;
  webhook_deliveries: WebhookDeliveriesTable;
  workers: WorkersTable;
  'audit.checkpoints': AuditCheckpointsTable;
  'audit.entries': AuditEntriesTable;
  'audit.head': AuditHeadTable;
  'audit.nodes': AuditNodesTable;
  'audit.payloads': AuditPayloadsTable;
}
