-- A project may belong to a change from its plan on, before there is an attempt.
alter table holds alter column attempt_id drop not null;

-- Changes of before had one wave, one kind of hold, and never let a command wait.
update changes
   set state = '{"wave": 0, "waiting": [], "requested": []}'::jsonb || state || jsonb_build_object(
         'projects',
         coalesce(
           (select jsonb_agg(
                     jsonb_build_object('name', project ->> 'key', 'holdFrom', 'apply', 'wave', 0, 'after', '[]'::jsonb)
                     || project order by place)
              from jsonb_array_elements(state -> 'projects') with ordinality as each (project, place)),
           '[]'::jsonb));
