import type { Api } from '../api.ts';
import type { JsonObject } from '../json.ts';
import { priorities, resolutions } from '../model/site.ts';
import { optionId } from '../changes/field-values.ts';
import type { CustomField, CustomFieldType, Project } from '../model/types.ts';
import { presentComponent, presentPriority, presentResolution, restUrl } from './common.ts';

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
  system('Component/s', 'components', 'array', ['add', 'set', 'remove'], 'component'),
  system('Parent', 'parent', 'issuelink'),
  system('Due date', 'duedate', 'date'),
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
export function fieldMetadata(
  api: Api,
  project: Project | null,
  fieldId: string,
  required: boolean,
): JsonObject {
  const custom = api.site.customFields.get(fieldId);
  if (custom !== undefined) {
    return {
      required: required || custom.required,
      schema: customSchema(custom),
      name: custom.name,
      key: fieldId,
      hasDefaultValue: false,
      operations: ['set'],
      ...(custom.options.length === 0
        ? {}
        : { allowedValues: custom.options.map((_, index) => presentOption(api, custom, index)) }),
    };
  }
  const field = systemFields.get(fieldId);
  if (field === undefined) throw new Error(`There is no field ${fieldId}`);
  const allowedValues = allowedValuesOf(api, project, fieldId);
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

function allowedValuesOf(api: Api, project: Project | null, fieldId: string): (JsonObject | null)[] | null {
  switch (fieldId) {
    case 'priority':
      return priorities.map(({ id }) => presentPriority(api, id));
    case 'components':
      return (project?.components ?? []).map((name) => presentComponent(api, name));
    case 'resolution':
      return resolutions.map(({ id }) => presentResolution(api, id));
    default:
      return null;
  }
}

/** One of the values that may be chosen, as fields show it. */
export function presentOption(api: Api, field: CustomField, index: number): JsonObject {
  const id = optionId(field, index);
  return { self: restUrl(api, `/customFieldOption/${id}`), value: field.options[index] ?? '', id };
}

const kinds: Record<CustomFieldType, { type: string; items?: string; kind: string }> = {
  string: { type: 'string', kind: 'textfield' },
  textarea: { type: 'string', kind: 'textarea' },
  number: { type: 'number', kind: 'float' },
  option: { type: 'option', kind: 'select' },
  'multi-option': { type: 'array', items: 'option', kind: 'multiselect' },
  user: { type: 'user', kind: 'userpicker' },
  'multi-user': { type: 'array', items: 'user', kind: 'multiuserpicker' },
  date: { type: 'date', kind: 'datepicker' },
  datetime: { type: 'datetime', kind: 'datetime' },
  labels: { type: 'array', items: 'string', kind: 'labels' },
  group: { type: 'group', kind: 'grouppicker' },
  url: { type: 'string', kind: 'url' },
  'epic-link': { type: 'any', kind: 'gh-epic-link' },
  cascading: { type: 'option-with-child', kind: 'cascadingselect' },
};

function customSchema(field: CustomField): JsonObject {
  const { kind, ...schema } = kinds[field.type];
  const plugin =
    field.type === 'epic-link'
      ? 'com.pyxis.greenhopper.jira'
      : 'com.atlassian.jira.plugin.system.customfieldtypes';
  return { ...schema, custom: `${plugin}:${kind}`, customId: numberOf(field) };
}

function numberOf(field: CustomField): number {
  return Number(field.id.replace('customfield_', ''));
}
