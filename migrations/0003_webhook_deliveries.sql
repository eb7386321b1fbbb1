-- The inbox. A delivery is stored once; what it says is only a hint to read again.
create table webhook_deliveries (
  id            bigint generated always as identity primary key,
  source        text not null check (source in ('gitlab', 'jira')),
  delivery_key  text not null,
  event         text not null,
  repository    bigint,
  body          text not null,
  received_at   timestamptz not null default now(),
  handled_at    timestamptz,
  result        text,
  unique (source, delivery_key)
);

-- How far the sweep has read, per source and repository or project.
create table sweep_cursors (
  name  text primary key,
  at    timestamptz not null
);

-- Counters that survive restarts and are summed over processes.
create table counters (
  name   text primary key,
  value  bigint not null default 0
);

-- Worker processes by their own word, so that the server can tell whether there are any and how they isolate runs.
create table workers (
  name               text primary key,
  host               text not null,
  isolation          text not null,
  terraform_version  text not null,
  started_at         timestamptz not null default now(),
  seen_at            timestamptz not null default now()
);

-- Browser sessions of the pages: only the SHA-256 of a session's token is kept.
create table sessions (
  token_hash  text primary key,
  person      text not null,
  created_at  timestamptz not null default now(),
  expires_at  timestamptz not null
);

grant select, insert, update on webhook_deliveries, sweep_cursors, counters, workers to countersign_app;
grant delete on workers to countersign_app;
grant select, insert, delete on sessions to countersign_app;
