import { fieldErrors, JiraError, offScreen } from '../errors.ts';
import { isObject, type JsonObject, objectOrEmpty } from '../json.ts';
import { priorities, resolutions, type Site } from '../model/site.ts';
import type { CustomField, Issue, Project, RichText } from '../model/types.ts';
import { adfLength, isAdfDocument, richTextLimit } from '../text/adf.ts';
import { fromWiki } from '../text/rich-text.ts';
import type { RestVersion } from '../api.ts';

export type FieldValue = string | number | null | string[] | RichText;

/** What a request asks to set, checked and normalised: ids instead of `{name}` objects, documents instead of text. */
export interface FieldRequest {
  values: Map<string, FieldValue>;
  comments: { body: RichText; request: JsonObject }[];
}

/**
 * Reads `fields` and `update` of a create, edit or transition request. `screen` holds the ids of the fields that may be
 * set here. Every problem is reported at once, by field, as JIRA does.
 */
export function readFields(
  site: Site,
  version: RestVersion,
  screen: ReadonlySet<string>,
  { project, issue }: { project: Project; issue: Issue | null },
  body: JsonObject,
): FieldRequest {
  const fields = objectOrEmpty(body['fields']);
  const update = objectOrEmpty(body['update']);
  const errors: Record<string, string> = {};
  const request: FieldRequest = { values: new Map(), comments: [] };

  for (const [fieldId, raw] of Object.entries(fields)) {
    if (fieldId in update) errors[fieldId] = `Field '${fieldId}' cannot appear in both 'fields' and 'update'`;
    else if (!screen.has(fieldId)) errors[fieldId] = offScreen(fieldId);
    else collect(request, errors, fieldId, () => parseField(site, version, project, fieldId, raw));
  }
  for (const [fieldId, operations] of Object.entries(update)) {
    if (fieldId in fields) continue;
    if (!screen.has(fieldId)) errors[fieldId] = offScreen(fieldId);
    else if (fieldId === 'comment') collectComments(site, request, errors, version, operations);
    else {
      const operated = operate(fieldId, operations, issue);
      if (operated === null)
        errors[fieldId] = `The operations given for the field '${fieldId}' are not valid`;
      else
        collect(request, errors, fieldId, () => parseField(site, version, project, fieldId, operated.value));
    }
  }
  if (Object.keys(errors).length > 0) throw fieldErrors(errors);
  return request;
}

/** Rich text as the API version writes it: a document in v3, a string of wiki markup in v2. */
export function parseRichText(site: Site, version: RestVersion, raw: unknown): RichText {
  if (version === '2') {
    if (typeof raw !== 'string') throw new FieldProblem('Operation value must be a string');
    if (raw.length > richTextLimit) throw tooLong();
    return fromWiki(site, raw);
  }
  if (!isObject(raw)) {
    throw new FieldProblem(
      'Operation value must be an Atlassian Document (see the Atlassian Document Format)',
    );
  }
  if (!isAdfDocument(raw)) throw new JiraError(400, ['INVALID_INPUT']);
  if (adfLength(raw) > richTextLimit) throw tooLong();
  return structuredClone(raw);
}

/** A field value JIRA refuses, before it is known under which field name to report it. */
export class FieldProblem extends Error {}

function tooLong(): FieldProblem {
  return new FieldProblem('The entered text is too long. It exceeds the allowed limit of 32,767 characters.');
}

function collect(
  request: FieldRequest,
  errors: Record<string, string>,
  fieldId: string,
  parse: () => FieldValue,
): void {
  try {
    request.values.set(fieldId, parse());
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    errors[fieldId] = error.message;
  }
}

function collectComments(
  site: Site,
  request: FieldRequest,
  errors: Record<string, string>,
  version: RestVersion,
  operations: unknown,
): void {
  for (const operation of Array.isArray(operations) ? operations : []) {
    const added = objectOrEmpty(objectOrEmpty(operation)['add']);
    try {
      request.comments.push({ body: parseRichText(site, version, added['body']), request: added });
    } catch (error) {
      if (!(error instanceof FieldProblem)) throw error;
      errors['comment'] = error.message;
    }
  }
}

/** Folds `[{set}, {add}, {remove}]` into the value the field would have; null when an operation is unknown. */
function operate(fieldId: string, operations: unknown, issue: Issue | null): { value: unknown } | null {
  if (!Array.isArray(operations) || operations.length === 0) return null;
  let value: unknown = listOf(fieldId, issue);
  for (const operation of operations as unknown[]) {
    if (!isObject(operation)) return null;
    if ('set' in operation) value = operation['set'];
    else if (Array.isArray(value) && 'add' in operation) value = [...(value as unknown[]), operation['add']];
    else if (Array.isArray(value) && 'remove' in operation) {
      value = (value as unknown[]).filter((label) => label !== operation['remove']);
    } else return null;
  }
  return { value };
}

/** What is there of a field that can be added to. */
function listOf(fieldId: string, issue: Issue | null): unknown {
  if (fieldId === 'labels') return [...(issue?.labels ?? [])];
  return fieldId === 'components' ? (issue?.components ?? []).map((name) => ({ name })) : undefined;
}

function parseField(
  site: Site,
  version: RestVersion,
  project: Project,
  fieldId: string,
  raw: unknown,
): FieldValue {
  switch (fieldId) {
    case 'summary':
      return parseSummary(raw);
    case 'description':
      return raw === null ? null : parseRichText(site, version, raw);
    case 'labels':
      return parseLabels(raw);
    case 'components':
      return parseComponents(project, raw);
    case 'parent':
      return parseIssueKey(site, objectOrEmpty(raw)['key']);
    case 'duedate':
      return raw === null ? null : parseDate(raw);
    case 'priority':
      return byIdOrName(priorities, raw, 'The priority selected is invalid.');
    case 'resolution':
      return raw === null ? null : byIdOrName(resolutions, raw, 'The resolution selected is invalid.');
    case 'assignee':
      return raw === null ? null : parseUser(site, raw, 'assignee');
    case 'reporter':
      return parseUser(site, raw, 'reporter');
    default:
      return parseCustom(site, version, fieldId, raw);
  }
}

function parseSummary(raw: unknown): string {
  if (typeof raw !== 'string') throw new FieldProblem('Operation value must be a string');
  const summary = raw.trim();
  if (summary === '') throw new FieldProblem('You must specify a summary of the issue.');
  if (/[\r\n]/.test(summary))
    throw new FieldProblem('The summary is invalid because it contains newline characters.');
  if (summary.length > 255) throw new FieldProblem("Summary can't exceed 255 characters.");
  return summary;
}

function parseLabels(raw: unknown): string[] {
  if (!Array.isArray(raw)) throw new FieldProblem('data was not an array');
  const labels: string[] = [];
  for (const label of raw as unknown[]) {
    if (typeof label !== 'string') throw new FieldProblem('string expected at index 0');
    if (label === '' || /\s/.test(label))
      throw new FieldProblem(`The label '${label}' contains spaces which is invalid.`);
    if (label.length > 255) throw new FieldProblem('The label exceeds the limit of 255 characters.');
    labels.push(label);
  }
  return [...new Set(labels)].toSorted();
}

function byIdOrName(known: readonly { id: string; name: string }[], raw: unknown, refusal: string): string {
  const { id, name } = objectOrEmpty(raw);
  const found = known.find((candidate) => candidate.id === id || candidate.name === name);
  if (found === undefined) throw new FieldProblem(refusal);
  return found.id;
}

function parseComponents(project: Project, raw: unknown): string[] {
  if (!Array.isArray(raw)) throw new FieldProblem('data was not an array');
  const names = (raw as unknown[]).map((each) => {
    const { name } = objectOrEmpty(each);
    if (typeof name !== 'string' || !project.components.includes(name))
      throw new FieldProblem(`Component name '${String(name)}' is not valid`);
    return name;
  });
  return [...new Set(names)];
}

function parseIssueKey(site: Site, raw: unknown): string {
  const issue = typeof raw === 'string' ? site.findIssue(raw) : undefined;
  if (issue === undefined) throw new FieldProblem(`Could not find valid 'id' or 'parent issue key'.`);
  return issue.key;
}

function parseDate(raw: unknown): string {
  if (typeof raw !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(raw))
    throw new FieldProblem("Error parsing date string: must be of the format 'yyyy-MM-dd'");
  return raw;
}

/** Cloud knows people by account id alone, Data Center by name alone. */
function parseUser(site: Site, raw: unknown, field: string): string {
  const { accountId, id, name } = objectOrEmpty(raw);
  const user = site.keepsWiki
    ? [...site.users.values()].find((each) => each.name === name)
    : site.users.get(String(accountId ?? id));
  if (user === undefined || !user.active) throw new FieldProblem(`The ${field} specified is not a user.`);
  return user.accountId;
}

function parseCustom(site: Site, version: RestVersion, fieldId: string, raw: unknown): FieldValue {
  const field = site.customFields.get(fieldId);
  if (field === undefined) throw new FieldProblem(offScreen(fieldId));
  if (raw === null) return null;
  switch (field.type) {
    case 'number':
      if (typeof raw !== 'number') throw new FieldProblem('Operation value must be a number');
      return raw;
    case 'string':
    case 'url':
      return parseLine(raw);
    case 'textarea':
      return parseRichText(site, version, raw);
    case 'option':
      return parseOption(field, raw);
    case 'multi-option':
      return listed(raw).map((each) => parseOption(field, each));
    case 'user':
      return parseUser(site, raw, 'user');
    case 'multi-user':
      return listed(raw).map((each) => parseUser(site, each, 'user'));
    case 'date':
      return parseDate(raw);
    case 'datetime':
      if (typeof raw !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$/.test(raw))
        throw new FieldProblem('Error parsing time: is not valid date time');
      return raw;
    case 'labels':
      return parseLabels(raw);
    case 'group': {
      const { name } = objectOrEmpty(raw);
      if (typeof name !== 'string' || !site.groups.has(name)) throw new FieldProblem('Group is not valid');
      return name;
    }
    case 'epic-link':
      return parseIssueKey(site, raw);
    case 'cascading':
      throw new FieldProblem('This double writes no cascading values.');
  }
}

function parseLine(raw: unknown): string {
  if (typeof raw !== 'string') throw new FieldProblem('Operation value must be a string');
  if (raw.length > 255)
    throw new FieldProblem('The entered text is too long. It exceeds the allowed limit of 255 characters.');
  if (/[\r\n]/.test(raw)) throw new FieldProblem('The text may not hold newline characters.');
  return raw;
}

function parseOption(field: CustomField, raw: unknown): string {
  const { value, id } = objectOrEmpty(raw);
  const found = field.options.find((option, index) => option === value || optionId(field, index) === id);
  if (found === undefined) throw new FieldProblem(`Option value '${String(value ?? id)}' is not valid`);
  return found;
}

/** Options are numbered within their field. */
export function optionId(field: CustomField, index: number): string {
  return `${field.id.replace('customfield_', '')}${String(index).padStart(2, '0')}`;
}

function listed(raw: unknown): unknown[] {
  if (!Array.isArray(raw)) throw new FieldProblem('data was not an array');
  return raw;
}
