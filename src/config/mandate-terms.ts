import { z } from 'zod';
import type { Terms } from '#domain/mandate.ts';
import { readYaml, type YamlReading } from './read-yaml.ts';
import { pathPattern } from './rule-schema.ts';

const count = z.int().nonnegative('expected a number from 0');
const days = z.int().positive('expected a number of days');

/** For how long mandates may hold, in the server's file. */
export const mandatesSchema = z.strictObject({
  standingApprovalMaxDays: days.default(366),
  operatorGrantMaxDays: days.default(30),
});

const day = z.iso.date();
const time = z.iso.datetime({ offset: true });

/** A day means its end; all times become UTC, so that equal terms are the same terms. */
const until = z
  .string()
  .refine(
    (text) => day.safeParse(text).success || time.safeParse(text).success,
    'expected a day such as 2026-12-31, or a time such as 2026-12-31T18:00:00+01:00',
  )
  .transform((text) => new Date(Date.parse(text) + (day.safeParse(text).success ? DAY_MS : 0)).toISOString());

const common = {
  repository: z.int().positive('expected the numeric id of a GitLab project').exactOptional(),
  projects: z.array(pathPattern).min(1, 'expected at least one path pattern'),
  until,
};

const termsSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('standing-approval'),
    name: z.string().trim().min(1).max(100),
    ...common,
    tier: z.string().min(1),
    most: z
      .strictObject({
        changesPerDay: z.int().positive('expected a number from 1').exactOptional(),
        resourcesPerChange: z.int().positive('expected a number from 1').exactOptional(),
        destroys: count.default(0),
        replaces: count.default(0),
      })
      .prefault({}),
  }),
  z.strictObject({
    kind: z.literal('operator-grant'),
    person: z.string().min(1),
    ...common,
    reason: z.string().trim().min(1).max(1_000),
  }),
]);

const DAY_MS = 86_400_000;

/** Reads the terms of a mandate from a YAML file. */
export function readMandateTerms(path: string): YamlReading<Terms> {
  return readYaml(path, termsSchema);
}
