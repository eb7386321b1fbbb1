-- What a round of the sweep stumbled over, each by itself, so that everything else goes on; tried again until it succeeds.
create table sweep_faults (
  step       text not null,
  item       text not null,             -- a repository, merge request, ticket or change; a part of the round itself
  read_from  timestamptz,               -- what happened there since then has not been read
  code       text not null,
  reason     text not null,
  tries      integer not null default 1,
  began_at   timestamptz not null default clock_timestamp(),
  due_at     timestamptz not null,      -- not tried again before
  primary key (step, item)
);

grant select, insert, update, delete on sweep_faults to countersign_app;
