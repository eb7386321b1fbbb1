import { parse } from 'lossless-json';
import { z } from 'zod';
import { Fault } from '#domain/fault.ts';
import { isJsonArray, isJsonObject, jsonNumber } from '#domain/plan/json.ts';
import type { Json } from '#domain/plan/json.ts';
import type { Plan } from '#domain/plan/plan.ts';

/**
 * Reads the output of `terraform show -json <plan>`, numbers as they are written. The parts Countersign uses are
 * checked, keys it does not know are kept. Fault `plan-unreadable` for anything else.
 */
export function parsePlanJson(text: string): Plan {
  const tree = parseJson(text);
  const checked = planShape.safeParse(tree);
  if (!checked.success) throw unreadable(z.prettifyError(checked.error));
  if (!isPlan(tree)) throw unreadable('it is not an object');
  // What has no entries is left out by terraform.
  return { ...absentParts, ...tree };
}

/** Reads JSON, numbers by their source text. Fault `plan-unreadable` when it is none, or has a key twice. */
export function parseJson(text: string): Json {
  try {
    return parse(text, undefined, { parseNumber: jsonNumber }) as Json;
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
}

const absentParts = {
  resource_changes: [],
  resource_drift: [],
  output_changes: {},
  checks: [],
  configuration: {},
};

const json = z.custom<Json>((value) => value !== undefined);
const change = z.looseObject({ actions: z.array(z.string()).min(1) });
const resourceChange = z.looseObject({
  address: z.string(),
  mode: z.string(),
  type: z.string(),
  name: z.string(),
  provider_name: z.string(),
  change,
});
const planShape = z.looseObject({
  format_version: z.string().regex(/^1\.\d+$/u, 'format version 1.x is supported'),
  terraform_version: z.string(),
  errored: z.literal(false).optional(),
  resource_changes: z.array(resourceChange).optional(),
  resource_drift: z.array(resourceChange).optional(),
  output_changes: z.record(z.string(), change).optional(),
  checks: z.array(json).optional(),
  configuration: z.custom<Json>((value) => isJsonObject(value as Json)).optional(),
});

/** What `planShape` has established, for the tree itself: zod's copy would not keep every key as it was. */
function isPlan(tree: Json): tree is Plan {
  return isJsonObject(tree) && !isJsonArray(tree);
}

function unreadable(detail: string): Fault {
  return new Fault('plan-unreadable', `The plan's JSON cannot be read: ${detail}`, { retryable: false });
}
