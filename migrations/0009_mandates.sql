-- Terms that a ticket of their own puts in force until an end date: standing approvals and operator grants.
create table mandates (
  id              text primary key,
  kind            text not null check (kind in ('standing-approval', 'operator-grant')),
  terms           jsonb not null,
  terms_hash      text not null,             -- SHA-256 of the canonical terms, bound to the ticket
  requested_by    text not null,             -- a person of the directory
  opened_at       timestamptz not null default now(),
  until           timestamptz not null,
  ticket_key      text unique,
  ticket_url      text,
  review_move     text,                      -- our own move to In review; only a decision that follows it counts
  heard           jsonb not null,            -- what its ticket was last found to say; the ticket itself decides
  heard_at        timestamptz not null default now(),
  ended_at        timestamptz,
  end_reason      text
);

-- The same terms are opened once, however often it is asked for.
create unique index mandates_open on mandates (terms_hash, requested_by) where ended_at is null;

-- What was done under each: an attempt, or a command of somebody whose role is granted.
create table mandate_uses (
  mandate_id      text not null references mandates,
  change_id       text not null references changes,
  reference       text not null,             -- the attempt, or the comment
  project         text not null,
  used_at         timestamptz not null default clock_timestamp(),
  primary key (mandate_id, change_id, reference, project)
);
create index mandate_uses_lately on mandate_uses (mandate_id, used_at desc);

grant select, insert, update on mandates to countersign_app;
grant select, insert on mandate_uses to countersign_app;
