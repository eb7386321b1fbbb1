-- Plans of changes take turns, so that a change of hundreds does not keep another's only one waiting.
alter table outbox
  add column turn integer not null default 0,     -- 0: needs none; of equal turns the older goes first
  add column most_at_once integer;                -- of the same change and effect, when there is a limit
create index outbox_turns on outbox (turn) where turn > 0 and done_at is null and gave_up_at is null;
create index outbox_turns_of_change on outbox (change_id, turn)
  where turn > 0 and done_at is null and gave_up_at is null;

-- How long a project's plans took lately decides which of a change is begun first.
create index plan_runs_lately on plan_runs (project, ended_at desc) where timings is not null;
