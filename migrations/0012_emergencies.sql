-- What was applied in an emergency and is approved afterwards; one for each ticket at most. The aggregate says the same.
create table debts (
  ticket_key      text primary key,
  change_id       text not null references changes,
  repository      bigint not null,
  iid             integer not null,
  projects        text[] not null,
  reason          text not null,
  asked_by        text not null,             -- people of the directory
  confirmed_by    text not null,
  used_at         timestamptz not null,
  due_at          timestamptz not null,
  overdue         boolean not null default false,
  rejections      integer not null default 0,
  paid_at         timestamptz
);
create index debts_unpaid on debts (due_at) where paid_at is null;

-- Merge requests that our own account opened to take a release back, and for whom: the merge request's text is believed in nothing.
create table rollbacks (
  repository      bigint not null,
  branch          text not null,
  ticket_key      text not null,             -- under which that release was made
  change_id       text not null references changes,
  note_id         bigint not null,           -- the comment that asked for it
  asked_by        jsonb not null,            -- who that is on the code host, in the directory, and by e-mail
  start_sha       text not null,             -- the target branch's head that it was made on
  commit_sha      text,
  iid             integer,
  begun_at        timestamptz not null default clock_timestamp(),
  primary key (repository, branch)
);

grant select, insert, update on debts, rollbacks to countersign_app;
