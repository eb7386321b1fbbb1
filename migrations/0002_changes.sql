-- The truth about changes. One aggregate per merge request in `changes.state`; the other columns and tables are what
-- people search, what workers lease, and what must be unique.

create table changes (
  id               text primary key,
  repository       bigint not null,
  iid              bigint not null,
  state            jsonb not null,
  version          bigint not null default 0,
  status           text not null,
  title            text not null default '',
  url              text not null default '',
  author_id        bigint,
  author_username  text not null default '',
  head_sha         text,
  target_branch    text,
  approval_id      text,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  unique (repository, iid)
);
create index changes_updated on changes (updated_at desc);
create index changes_status on changes (status);

-- Earlier revisions, as they stood when a newer head took their place.
create table revisions (
  change_id   text not null references changes,
  number      integer not null,
  head_sha    text not null,
  opened_at   timestamptz not null,
  ended_at    timestamptz,
  projects    jsonb,
  primary key (change_id, number)
);

create table tickets (
  key        text primary key,
  change_id  text not null references changes,
  number     integer not null,
  url        text not null,
  opened_at  timestamptz not null default now(),
  closed_at  timestamptz,
  outcome    text,
  unique (change_id, number)
);

create table plan_runs (
  id            text primary key,
  change_id     text not null references changes,
  revision      integer not null,
  project       text not null,
  head_sha      text not null,
  status        text not null default 'queued',   -- queued running planned no-changes failed stopped
  reason        text,
  digest        text,
  bundle_hash   text,
  summary       jsonb,                            -- redacted: what pages, notes and tickets show
  plan_json     text,                             -- redacted plan JSON, attached to the ticket
  plan_text     text,                             -- terraform's own human text, as printed (it masks), scrubbed
  plan          jsonb,                            -- PlanRef
  checks        jsonb,                            -- what each check came to, with its findings
  diagnostics   jsonb,
  timings       jsonb,
  queued_at     timestamptz not null default now(),
  started_at    timestamptz,
  ended_at      timestamptz
);
create index plan_runs_change on plan_runs (change_id, revision);

create table plan_bundles (
  plan_run_id  text primary key references plan_runs,
  ciphertext   bytea not null,
  stored_at    timestamptz not null default now()
);

-- Comments that were taken as commands, so that a webhook and the sweep together make one.
create table commands (
  repository  bigint not null,
  note_id     bigint not null,
  change_id   text not null references changes,
  at          timestamptz not null default now(),
  primary key (repository, note_id)
);

-- Output of plan runs and attempts, a row a line; `seq` is dense per run, so a reader that reconnects loses none.
create table run_output (
  run_id  text not null,
  seq     integer not null,
  at      timestamptz not null default now(),
  stream  text not null,
  line    text not null,
  primary key (run_id, seq)
);

create table gate_evaluations (
  id          text not null,
  project     text not null,
  change_id   text not null references changes,
  revision    integer not null,
  purpose     text not null,
  go          boolean not null,
  results     jsonb not null,                     -- every gate: answer, reason, remedy, evidence
  at          timestamptz not null default now(),
  primary key (id, project)
);
create index gate_evaluations_change on gate_evaluations (change_id, at);

-- At most one attempt per bundle, ever.
create table attempts (
  id             text primary key,
  change_id      text not null references changes,
  revision       integer not null,
  project        text not null,
  plan_run_id    text not null references plan_runs,
  bundle_hash    text not null unique,
  approval_id    text,
  commanded_by   jsonb,
  status         text not null,                   -- claimed running ended lost resolved
  outcome        text,                            -- succeeded failed-clean failed-partial aborted unknown
  reason         text,
  host           text,
  boot_id        text,
  supervisor_pid integer,
  supervisor_start text,
  terraform_pid  integer,
  terraform_start text,
  spool          text,
  epoch          bigint not null default 1,
  heartbeat_at   timestamptz,
  serial_before  text,
  serial_after   text,
  log_digest     text,
  interrupt_requested boolean not null default false,
  resolved_by    jsonb,
  resolved_as    text,
  claimed_at     timestamptz not null default now(),
  started_at     timestamptz,
  ended_at       timestamptz
);
create index attempts_change on attempts (change_id);
create index attempts_open on attempts (status) where status in ('claimed', 'running');

-- errored.tfstate of a failed attempt, sealed like a bundle.
create table errored_states (
  attempt_id  text primary key references attempts,
  ciphertext  bytea not null,
  stored_at   timestamptz not null default now()
);

-- A project belongs to one change from the start of its apply until that change is merged or closed.
create table holds (
  repository   bigint not null,
  project      text not null,
  change_id    text not null references changes,
  attempt_id   text not null,
  quarantined  text,                              -- why nobody may apply here, this change included
  since        timestamptz not null default now(),
  primary key (repository, project)
);

-- What must now be done. A row is done when the fact that ends it is recorded, in the same transaction.
create table outbox (
  id            bigint generated always as identity primary key,
  effect        text not null,
  change_id     text references changes,
  payload       jsonb not null,
  coalesce_key  text,                             -- desired state: one waiting row per key
  exclusive_key text,                             -- rows of one key are done one after another, oldest first
  run_after     timestamptz not null default now(),
  tries         integer not null default 0,
  last_error    text,
  lease_owner   text,
  lease_epoch   bigint not null default 0,
  lease_until   timestamptz,
  started_at    timestamptz,                      -- of the present try; null again when it failed
  enqueued_at   timestamptz,
  done_at       timestamptz,
  gave_up_at    timestamptz,
  created_at    timestamptz not null default now()
);
create unique index outbox_coalesce on outbox (coalesce_key)
  where coalesce_key is not null and started_at is null and done_at is null and gave_up_at is null;
create index outbox_open on outbox (run_after) where done_at is null and gave_up_at is null;
create index outbox_exclusive on outbox (exclusive_key, id)
  where exclusive_key is not null and done_at is null and gave_up_at is null;
create index outbox_change on outbox (change_id) where done_at is null and gave_up_at is null;

-- The last thing shown in each desired-state place, so that nothing equal is written twice.
create table published (
  change_id  text not null references changes,
  kind       text not null,
  hash       text not null,
  ref        jsonb,
  at         timestamptz not null default now(),
  primary key (change_id, kind)
);

create function notify_outbox() returns trigger language plpgsql as $$
begin
  perform pg_notify('countersign_outbox', '');
  return null;
end $$;
create trigger outbox_wakes_relay after insert on outbox for each statement execute function notify_outbox();

create function notify_run_output() returns trigger language plpgsql as $$
begin
  perform pg_notify('countersign_output', (select run_id from added limit 1));
  return null;
end $$;
create trigger run_output_wakes_readers after insert on run_output
  referencing new table as added for each statement execute function notify_run_output();

grant select, insert, update on changes, revisions, tickets, plan_runs, plan_bundles, run_output, gate_evaluations,
  attempts, errored_states, holds, outbox, published, commands to countersign_app;
grant delete on plan_bundles, holds to countersign_app;
grant usage on all sequences in schema public to countersign_app;
