-- When a person moved the ticket to Approved for this plan: what later plans of the project are compared with.
alter table plan_runs add column approved_at timestamptz;

-- What terraform found wrong while it applied, as it is told to people.
alter table attempts add column diagnostics jsonb;
