import { readFileSync } from 'node:fs';
import { parsePlanJson } from '#adapters/terraform/plan-json.ts';
import type { Plan } from '#domain/plan/plan.ts';

/** Made by Terraform 1.11.4: every verb, sensitive values, a module, a check that is known after apply. */
export function recordedPlan(edit: (text: string) => string = (text) => text): Plan {
  return parsePlanJson(edit(recorded));
}

export const recorded = readFileSync(new URL('fixtures/every-verb.json', import.meta.url), 'utf8');

/** A plan with one resource, for what the recorded one does not have. */
export function planOf(change: object, rest: object = {}, edit = (text: string) => text): Plan {
  return parsePlanJson(
    edit(
      JSON.stringify({
        format_version: '1.2',
        terraform_version: '1.11.4',
        resource_changes: [resourceOf(change)],
        ...rest,
      }),
    ),
  );
}

export function resourceOf(change: object, rest: object = {}): object {
  return {
    address: 'thing.x',
    mode: 'managed',
    type: 'thing',
    name: 'x',
    provider_name: 'example.com/thing/thing',
    change: { actions: ['update'], before_sensitive: {}, after_sensitive: {}, after_unknown: {}, ...change },
    ...rest,
  };
}
