import type { Api } from '../api.ts';
import type { JsonObject } from '../json.ts';
import { priorities, resolutions } from '../model/site.ts';
import type { CustomField } from '../model/types.ts';
import { presentPriority, presentResolution, restUrl } from './common.ts';

interface SystemField {
  name: string;
  schema: { type: string; system: string; items?: string };
  operations: string[];
  navigable: boolean;
}

function system(
  name: string,
  id: string,
  type: string,
  operations: string[] = ['set'],
  items?: string,
): [string, SystemField] {
  const schema = { type, system: id, ...(items === undefined ? {} : { items }) };
  return [id, { name, schema, operations, navigable: id !== 'comment' && id !== 'attachment' }];
}

const systemFields = new Map<string, SystemField>([
  system('Summary', 'summary', 'string'),
  system('Description', 'description', 'string'),
  system('Issue Type', 'issuetype', 'issuetype', []),
  system('Project', 'project', 'project'),
  system('Status', 'status', 'status', []),
  system('Resolution', 'resolution', 'resolution'),
  system('Priority', 'priority', 'priority'),
  system('Labels', 'labels', 'array', ['add', 'set', 'remove'], 'string'),
  system('Assignee', 'assignee', 'user'),
  system('Reporter', 'reporter', 'user'),
  system('Creator', 'creator', 'user', []),
  system('Created', 'created', 'datetime', []),
  system('Updated', 'updated', 'datetime', []),
  system('Resolved', 'resolutiondate', 'datetime', []),
  system('Attachment', 'attachment', 'array', ['set', 'copy'], 'attachment'),
  system('Comment', 'comment', 'comments-page', ['add', 'edit', 'remove']),
  system('Linked Issues', 'issuelinks', 'array', ['add', 'copy'], 'issuelinks'),
]);

/** `GET /field`: every field of the site. */
export function presentFields(api: Api): JsonObject[] {
  const fields = [...systemFields].map(([id, field]) => ({
    id,
    key: id,
    name: field.name,
    custom: false,
    orderable: field.operations.length > 0,
    navigable: field.navigable,
    searchable: true,
    clauseNames: [id],
    schema: field.schema,
  }));
  const custom = [...api.site.customFields.values()].map((field) => ({
    id: field.id,
    key: field.id,
    name: field.name,
    untranslatedName: field.name,
    custom: true,
    orderable: true,
    navigable: true,
    searchable: true,
    clauseNames: [`cf[${numberOf(field)}]`, field.name],
    schema: customSchema(field),
  }));
  return [...fields, ...custom];
}

/** A field as screens describe it (create, edit and transition metadata). */
export function fieldMetadata(api: Api, fieldId: string, required: boolean): JsonObject {
  const custom = api.site.customFields.get(fieldId);
  if (custom !== undefined) {
    return {
      required,
      schema: customSchema(custom),
      name: custom.name,
      key: fieldId,
      hasDefaultValue: false,
      operations: ['set'],
    };
  }
  const field = systemFields.get(fieldId);
  if (field === undefined) throw new Error(`There is no field ${fieldId}`);
  const allowedValues = allowedValuesOf(api, fieldId);
  return {
    required,
    schema: field.schema,
    name: field.name,
    key: fieldId,
    hasDefaultValue: fieldId === 'priority',
    operations: field.operations,
    ...(allowedValues === null ? {} : { allowedValues }),
    ...(fieldId === 'labels'
      ? { autoCompleteUrl: `${api.baseUrl()}/rest/api/1.0/labels/suggest?query=` }
      : {}),
    ...(field.schema.type === 'user'
      ? { autoCompleteUrl: restUrl(api, '/user/assignable/search?query=') }
      : {}),
  };
}

function allowedValuesOf(api: Api, fieldId: string): (JsonObject | null)[] | null {
  switch (fieldId) {
    case 'priority':
      return priorities.map(({ id }) => presentPriority(api, id));
    case 'resolution':
      return resolutions.map(({ id }) => presentResolution(api, id));
    default:
      return null;
  }
}

function customSchema(field: CustomField): JsonObject {
  const kind = { string: 'textfield', textarea: 'textarea', number: 'float' }[field.type];
  return {
    type: field.type === 'number' ? 'number' : 'string',
    custom: `com.atlassian.jira.plugin.system.customfieldtypes:${kind}`,
    customId: numberOf(field),
  };
}

function numberOf(field: CustomField): number {
  return Number(field.id.replace('customfield_', ''));
}
