-- The audit log: an RFC 6962 Merkle tree whose leaves are written by audit.append alone, in the caller's transaction.
--
-- audit_owner             owns the schema; nobody logs in as it
-- countersign_app         the service: may append, grow the tree, file checkpoints, and read
-- countersign_retention   whoever carries out retention and privacy rules: may erase payloads, each with an entry
-- countersign_auditor     may read the log and nothing else
--
-- Triggers refuse changes even to the owner. They cannot stop an owner who drops them first: that is what the
-- checkpoints in release tags and tickets are for (docs/audit-log.md).

do $roles$
declare
  name text;
begin
  -- Roles belong to the whole server: another database of it, or an earlier run, may have made them.
  foreach name in array array['audit_owner', 'countersign_app', 'countersign_retention', 'countersign_auditor'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = name) then
      begin
        execute format('create role %I nologin', name);
      exception when duplicate_object or unique_violation then
        null;
      end;
    end if;
  end loop;
  -- To act as a role one must be a member of it, unless one is a superuser; given back at the end.
  if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    execute format('grant audit_owner to %I', current_user);
  end if;
end
$roles$;

create schema audit authorization audit_owner;
set role audit_owner;

-- One row: how many entries there are. Its lock puts appenders in line, which is what keeps the index free of gaps.
create table audit.head (
  only_row boolean primary key default true check (only_row),
  size     bigint not null check (size >= 0)
) with (fillfactor = 10);
insert into audit.head (size) values (0);

-- The envelope is the exact text that was hashed; it is never written anew to be verified.
create table audit.entries (
  idx       bigint primary key,
  envelope  text   not null,
  leaf_hash bytea  not null check (octet_length(leaf_hash) = 32)
);
create index entries_change on audit.entries (((envelope::jsonb) #>> '{subject,changeId}'), idx);

create table audit.payloads (
  idx       bigint primary key references audit.entries,
  payload   text,
  nonce     bytea check (octet_length(nonce) = 32),
  erased_by bigint references audit.entries,
  check ((payload is null) = (nonce is null) and (payload is null) = (erased_by is not null))
);

-- Hashes of complete subtrees, level 1 and up; level 0 is audit.entries.leaf_hash.
create table audit.nodes (
  level smallint not null check (level > 0),
  idx   bigint   not null,
  hash  bytea    not null check (octet_length(hash) = 32),
  primary key (level, idx)
);

create table audit.checkpoints (
  size bigint      primary key,
  root bytea       not null check (octet_length(root) = 32),
  note text        not null,
  at   timestamptz not null default clock_timestamp()
);

-- A flat object of strings as RFC 8785 writes it. Keys are ASCII words, so byte order is the order it asks for; and
-- PostgreSQL escapes strings exactly as RFC 8785 does (short escapes, \u00xx in lower case, nothing else).
create function audit.canonical_ids(ids jsonb) returns text
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return (
  select '{' || coalesce(string_agg(to_json(key)::text || ':' || to_json(value)::text, ',' order by key collate "C"), '') || '}'
  from jsonb_each_text(ids)
);

-- HMAC-SHA-256 for keys of 32 bytes (RFC 2104), by 64-bit words: the server has no hmac() without an extension.
create function audit.hmac_sha256(key bytea, message bytea) returns bytea
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return (
  with words as (
    select ('x' || encode(substring(key from 8 * i + 1 for 8), 'hex'))::bit(64)::bigint as word, i
    from generate_series(0, 3) as i
  ), pads as (
    select string_agg(int8send(word # 3906369333256140342), ''::bytea order by i) as inner_half, -- 0x36 × 8
           string_agg(int8send(word # 6655295901103053916), ''::bytea order by i) as outer_half  -- 0x5c × 8
    from words
  )
  select sha256(outer_half || decode(repeat('5c', 32), 'hex')
      || sha256(inner_half || decode(repeat('36', 32), 'hex') || message))
  from pads
);

-- Writes one entry at an index that the caller has taken from the head. The envelope is made here and nowhere else,
-- so that no caller can store one that is not canonical, or choose its index or its time.
create function audit.write_entry(index bigint, entry jsonb) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  payload  text  := entry ->> 'payload';
  nonce    bytea := decode(entry ->> 'nonce', 'hex');
  subject  jsonb := entry -> 'subject';
  envelope text;
begin
  if coalesce(entry ->> 'type', '') !~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' then
    raise exception 'audit entry: not a type: %', entry ->> 'type' using errcode = 'check_violation';
  end if;
  if coalesce(entry ->> 'actor', '') !~ '^(person|gitlab-user|jira-user|service|operator-cli):[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}$' then
    raise exception 'audit entry: not an opaque actor id' using errcode = 'check_violation';
  end if;
  if payload is null or nonce is null or octet_length(nonce) <> 32 then
    raise exception 'audit entry: a payload and a nonce of 32 bytes are needed' using errcode = 'check_violation';
  end if;
  if jsonb_typeof(subject) is distinct from 'object' or exists (
    select from jsonb_each(subject)
    where key !~ '^[a-z][A-Za-z0-9]{0,39}$' or jsonb_typeof(value) <> 'string' or length(value #>> '{}') > 1024
  ) then
    raise exception 'audit entry: a subject is ids by name, each a string' using errcode = 'check_violation';
  end if;

  envelope := '{"actor":' || to_json(entry ->> 'actor')
    || ',"idx":' || index
    || ',"payload_digest":"' || encode(audit.hmac_sha256(nonce, convert_to(payload, 'UTF8')), 'hex')
    || '","req_id":' || coalesce(to_json(entry ->> 'req_id')::text, 'null')
    || ',"subject":' || audit.canonical_ids(subject)
    || ',"ts":"' || to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    || '","type":' || to_json(entry ->> 'type')
    || ',"v":1}';
  insert into audit.entries values (index, envelope, sha256('\x00'::bytea || convert_to(envelope, 'UTF8')));
  insert into audit.payloads values (index, payload, nonce);
end
$$;

-- Appends entries and returns the index of the first. Takes the head lock: call it last before commit.
-- Each entry: {type, actor, subject: {name: id}, payload: text, nonce: hex, req_id: text or absent}.
create function audit.append(entries jsonb) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  count bigint := jsonb_array_length(entries);
  first bigint;
begin
  if entries @> '[{"type": "payload-erased"}]' then
    raise exception 'only audit.erase records an erasure' using errcode = 'insufficient_privilege';
  end if;
  update audit.head set size = size + count returning size - count into strict first;
  for i in 0 .. count - 1 loop
    perform audit.write_entry(first + i, entries -> i::int);
  end loop;
  return first;
end
$$;

-- Erases one payload with its nonce, and records that with its reason; returns the index of that entry.
-- The entry: {actor, payload: text, nonce: hex, req_id: text or absent}.
create function audit.erase(index bigint, entry jsonb) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  erasure bigint;
begin
  update audit.head set size = size + 1 returning size - 1 into strict erasure;
  if exists (select from audit.entries e where e.idx = index and (e.envelope::jsonb) ->> 'type' = 'payload-erased') then
    raise exception 'the reason of an erasure is not erased' using errcode = 'restrict_violation';
  end if;
  perform audit.write_entry(erasure, entry || jsonb_build_object(
    'type', 'payload-erased', 'subject', jsonb_build_object('entry', index::text)));
  update audit.payloads set payload = null, nonce = null, erased_by = erasure where idx = index and payload is not null;
  if not found then
    raise exception 'entry % has no payload to erase', index using errcode = 'no_data_found';
  end if;
  return erasure;
end
$$;

-- Hashes every subtree completed since the last call, level by level, and returns the size that is now covered.
create function audit.grow_tree() returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  covered bigint;
  lvl     int := 1;
  done    bigint;
begin
  select size into strict covered from audit.head;
  while covered >> lvl > 0 loop
    select coalesce(max(idx) + 1, 0) into done from audit.nodes where level = lvl;
    if lvl = 1 then
      insert into audit.nodes
      select 1, l.idx / 2, sha256('\x01'::bytea || l.leaf_hash || r.leaf_hash)
      from audit.entries l join audit.entries r on r.idx = l.idx + 1
      where l.idx >= 2 * done and l.idx < 2 * (covered >> 1) and l.idx % 2 = 0
      on conflict do nothing;
    else
      insert into audit.nodes
      select lvl, l.idx / 2, sha256('\x01'::bytea || l.hash || r.hash)
      from audit.nodes l join audit.nodes r on r.level = lvl - 1 and r.idx = l.idx + 1
      where l.level = lvl - 1 and l.idx >= 2 * done and l.idx < 2 * (covered >> lvl) and l.idx % 2 = 0
      on conflict do nothing;
    end if;
    lvl := lvl + 1;
  end loop;
  return covered;
end
$$;

-- Files a signed head. Filing the same one twice is nothing; another one of the same size is refused.
create function audit.file_checkpoint(checkpoint_size bigint, checkpoint_root bytea, checkpoint_note text) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if checkpoint_size > (select size from audit.head)
    or split_part(checkpoint_note, E'\n', 2) <> checkpoint_size::text
    or split_part(checkpoint_note, E'\n', 3) <> encode(checkpoint_root, 'base64') then
    raise exception 'the note does not say what is filed with it' using errcode = 'check_violation';
  end if;
  insert into audit.checkpoints (size, root, note) values (checkpoint_size, checkpoint_root, checkpoint_note)
  on conflict do nothing;
  if not exists (select from audit.checkpoints where size = checkpoint_size and root = checkpoint_root) then
    raise exception 'another root was filed for size %', checkpoint_size using errcode = 'unique_violation';
  end if;
end
$$;

-- Only what the functions above do may happen to a row, whoever asks.
create function audit.refuse() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'audit.% is append-only: % refused', tg_table_name, tg_op using errcode = 'insufficient_privilege';
end
$$;

create function audit.allow_growth_only() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.size >= old.size then
    return new;
  end if;
  raise exception 'audit.head only grows' using errcode = 'insufficient_privilege';
end
$$;

create function audit.allow_erasure_only() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.idx = old.idx and old.payload is not null and new.payload is null and exists (
    select from audit.entries e
    where e.idx = new.erased_by and e.idx > old.idx
      and (e.envelope::jsonb) ->> 'type' = 'payload-erased'
      and (e.envelope::jsonb) #>> '{subject,entry}' = old.idx::text
  ) then
    return new;
  end if;
  raise exception 'audit.payloads is append-only, except for audit.erase' using errcode = 'insufficient_privilege';
end
$$;

create trigger keep before update or delete on audit.entries for each row execute function audit.refuse();
create trigger keep before update or delete on audit.nodes for each row execute function audit.refuse();
create trigger keep before update or delete on audit.checkpoints for each row execute function audit.refuse();
create trigger keep before delete on audit.payloads for each row execute function audit.refuse();
create trigger keep before insert or delete on audit.head for each row execute function audit.refuse();
create trigger keep_payload before update on audit.payloads for each row execute function audit.allow_erasure_only();
create trigger keep_growing before update on audit.head for each row execute function audit.allow_growth_only();
create trigger keep_all before truncate on audit.entries for each statement execute function audit.refuse();
create trigger keep_all before truncate on audit.payloads for each statement execute function audit.refuse();
create trigger keep_all before truncate on audit.nodes for each statement execute function audit.refuse();
create trigger keep_all before truncate on audit.checkpoints for each statement execute function audit.refuse();
create trigger keep_all before truncate on audit.head for each statement execute function audit.refuse();

revoke all on all functions in schema audit from public;
grant usage on schema audit to countersign_app, countersign_retention, countersign_auditor;
grant select on all tables in schema audit to countersign_app, countersign_retention, countersign_auditor;
grant execute on function audit.append(jsonb), audit.grow_tree(), audit.file_checkpoint(bigint, bytea, text) to countersign_app;
grant execute on function audit.erase(bigint, jsonb) to countersign_retention;

reset role;

do $roles$
begin
  if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    execute format('revoke audit_owner from %I', current_user);
  end if;
end
$roles$;
