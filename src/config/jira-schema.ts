import { z } from 'zod';
import { isValueName, placesIn } from '#domain/ticket-fields.ts';
import { file, seconds, segment, twoAtMost, url } from './schema-parts.ts';

const statusId = z.string().regex(/^[0-9]{1,18}$/, 'expected a status id in quotes, such as "10001"');
const deskId = z.string().regex(/^[0-9]{1,18}$/, 'expected an id in quotes, such as "12"');
const issueKey = z.string().regex(/^[A-Z][A-Z0-9_]{1,19}-[1-9][0-9]{0,9}$/, 'expected a key such as CHG-12');

const text = z
  .string()
  .min(1)
  .refine((each) => placesIn(each).every(isValueName), {
    error: (issue) =>
      `there is nothing called ${placesIn(String(issue.input)).find((name) => !isValueName(name))}; docs/jira.md lists what there is`,
  });

const value = z.union([
  text,
  z.strictObject({
    by: z.string().refine(isValueName, 'expected the name of a value such as tier'),
    values: z.record(z.string(), text),
    otherwise: text.exactOptional(),
  }),
]);

const fields = z.strictObject({
  labels: z.array(text).default([]),
  components: z.array(z.string().min(1)).default([]),
  parent: issueKey.exactOptional(),
  priority: value.exactOptional(),
  dueDate: value.exactOptional(),
  custom: z
    .record(z.string().regex(/^customfield_[0-9]{1,10}$/, 'expected an id such as customfield_10042'), value)
    .default({}),
});

const everyJira = {
  baseUrl: url,
  projectKey: z.string().regex(/^[A-Z][A-Z0-9_]{1,19}$/, 'expected a JIRA project key such as CHG'),
  issueType: z.string().min(1),
  /** The service's own account: its account id on Cloud, its user key on Data Center. */
  botAccount: z.string().min(1),
  /** Groups in JIRA whose members may approve, and our own account must not be in. */
  approverGroups: z.array(z.string().min(1)).default([]),
  statuses: z.strictObject({
    requested: statusId,
    'in-review': statusId,
    approved: statusId,
    rejected: statusId,
    applying: statusId,
    done: statusId,
    failed: statusId,
    superseded: statusId,
    expired: statusId,
  }),
  fields: fields.prefault({}),
  /** Approvals are given in Jira Service Management; with ids, tickets are opened as requests of that type. */
  serviceManagement: z
    .union([z.boolean(), z.strictObject({ serviceDeskId: deskId, requestTypeId: deskId })])
    .default(false),
  hook: z.strictObject({ segment, secretFiles: twoAtMost }),
  /** How long one answer is waited for. */
  timeoutSeconds: seconds.default(20),
};

/** Where approvals are decided. */
export const jiraSchema = z.discriminatedUnion('flavour', [
  z.strictObject({
    flavour: z.literal('cloud'),
    email: z.email('expected the e-mail address of the service account'),
    apiTokenFile: file,
    ...everyJira,
  }),
  z.strictObject({
    flavour: z.literal('data-center'),
    /** A personal access token. */
    tokenFile: file,
    /** User keys that no person uses: automation, integrations. What they do is no decision. */
    machineAccounts: z.array(z.string().min(1)).default([]),
    ...everyJira,
  }),
]);
