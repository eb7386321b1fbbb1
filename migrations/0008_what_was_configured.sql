-- What was configured for the project when it was planned, and where each setting was said; for people to look at.
alter table plan_runs add column configuration jsonb;
