-- What the identity provider said of somebody when they logged in last: groups that may make an approver of them for a while.
create table login_claims (
  person        text primary key,
  groups        jsonb not null,
  logged_in_at  timestamptz not null default now()
);

grant select, insert, update on login_claims to countersign_app;
