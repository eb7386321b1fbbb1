-- What GitLab says of the webhooks that lead here, one row each as last seen. Row 0 of a repository stands for what is no
-- hook: that there is none, or that our account may not see them.
create table code_host_hooks (
  repository  bigint not null,
  hook        bigint not null,
  state       text not null check (state in ('working', 'asleep', 'ended', 'missing', 'hidden')),
  wakes_at    timestamptz,
  seen_at     timestamptz not null default now(),
  primary key (repository, hook)
);

grant select, insert, update, delete on code_host_hooks to countersign_app;
