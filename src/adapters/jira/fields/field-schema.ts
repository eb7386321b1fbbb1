import { z } from 'zod';
import { parse } from '../answer.ts';
import { JiraFault } from '../fault.ts';
import type { JiraSite } from '../site.ts';

/** One field of JIRA, as far as a value for it depends on it. */
export interface FieldSchema {
  id: string;
  name: string;
  /** `string`, `number`, `option`, `array` … */
  type: string;
  /** Of an array. */
  items?: string;
  /** Kind of a custom field, such as `com.atlassian.jira.plugin.system.customfieldtypes:textarea`. */
  custom?: string;
  /** Whether the screen on which our issues are created has it. */
  onScreen: boolean;
  required: boolean;
  hasDefault: boolean;
  /** Names of the values that may be chosen, where there is a choice. */
  choices?: readonly string[];
}

/** Every field there is, by id, with what the create screen of our issue type says of it. */
export async function readFieldSchemas(site: JiraSite): Promise<ReadonlyMap<string, FieldSchema>> {
  const all = parse(fieldList, await site.fields(), 'field');
  const onScreen = new Map(
    (await site.createFields(await issueTypeId(site))).map((each) => {
      const field = parse(createField, each, 'createmeta');
      return [field.fieldId, field] as const;
    }),
  );
  return new Map(
    all.flatMap(({ id, name, schema }) => {
      const shown = onScreen.get(id);
      const { type, items, custom } = shown?.schema ?? schema ?? {};
      if (type === undefined) return [];
      const choices = shown?.allowedValues?.flatMap(({ value, name: called }) => value ?? called ?? []);
      const field: FieldSchema = {
        id,
        name,
        type,
        ...(items === undefined ? {} : { items }),
        ...(custom === undefined ? {} : { custom }),
        onScreen: shown !== undefined,
        required: shown?.required ?? false,
        hasDefault: shown?.hasDefaultValue ?? false,
        ...(choices === undefined ? {} : { choices }),
      };
      return [[id, field] as const];
    }),
  );
}

/** The id of our issue type, by its name where that is what is configured. */
export async function issueTypeId(site: JiraSite): Promise<string> {
  const { issueType, projectKey } = site.options;
  const types = (await site.createIssueTypes()).map((each) => parse(namedType, each, 'createmeta'));
  const found = types.find((each) =>
    'id' in issueType ? each.id === issueType.id : each.name === issueType.name,
  );
  if (found !== undefined) return found.id;
  const wanted = 'id' in issueType ? issueType.id : issueType.name;
  throw new JiraFault(
    'jira-not-found',
    `the project ${projectKey} has no issue type ${wanted} that our account may create; it has ${types.map(({ name }) => name).join(', ')}`,
    { status: 200, retryable: false },
  );
}

const namedType = z.object({ id: z.string(), name: z.string() });

const schema = z.object({
  type: z.string(),
  items: z.string().optional(),
  custom: z.string().optional(),
});

export const fieldList = z.array(z.object({ id: z.string(), name: z.string(), schema: schema.optional() }));

const createField = z.object({
  fieldId: z.string(),
  required: z.boolean().optional(),
  hasDefaultValue: z.boolean().optional(),
  schema: schema.optional(),
  allowedValues: z.array(z.object({ value: z.string().optional(), name: z.string().optional() })).optional(),
});
