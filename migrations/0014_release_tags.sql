-- Release tags, one row each: what we made of it, and what stood in GitLab when it was looked at last. Who moves or deletes
-- one, or makes one for which nothing was released, is found by comparing the two.
create table release_tags (
  repository  bigint not null,
  tag         text not null,
  change_id   text references changes,      -- whose approval the tag is named after; null for a ticket that is not ours
  made_sha    text,                         -- null for one that we never made
  made_text   text,                         -- SHA-256 of its message
  seen_sha    text,                         -- null where nothing stood
  seen_text   text,
  turned_at   timestamptz not null default clock_timestamp(),
  primary key (repository, tag)
);

grant select, insert, update, delete on release_tags to countersign_app;
