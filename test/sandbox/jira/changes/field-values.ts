import { fieldErrors, JiraError, offScreen } from '../errors.ts';
import { isObject, type JsonObject, objectOrEmpty } from '../json.ts';
import { priorities, resolutions, type Site } from '../model/site.ts';
import type { AdfDocument, Issue } from '../model/types.ts';
import { adfLength, isAdfDocument, richTextLimit } from '../text/adf.ts';
import { wikiToAdf } from '../text/wiki.ts';
import type { RestVersion } from '../api.ts';

export type FieldValue = string | number | null | string[] | AdfDocument;

/** What a request asks to set, checked and normalised: ids instead of `{name}` objects, documents instead of text. */
export interface FieldRequest {
  values: Map<string, FieldValue>;
  comments: { body: AdfDocument; request: JsonObject }[];
}

/**
 * Reads `fields` and `update` of a create, edit or transition request. `screen` holds the ids of the fields that may be
 * set here. Every problem is reported at once, by field, as JIRA does.
 */
export function readFields(
  site: Site,
  version: RestVersion,
  screen: ReadonlySet<string>,
  issue: Issue | null,
  body: JsonObject,
): FieldRequest {
  const fields = objectOrEmpty(body['fields']);
  const update = objectOrEmpty(body['update']);
  const errors: Record<string, string> = {};
  const request: FieldRequest = { values: new Map(), comments: [] };

  for (const [fieldId, raw] of Object.entries(fields)) {
    if (fieldId in update) errors[fieldId] = `Field '${fieldId}' cannot appear in both 'fields' and 'update'`;
    else if (!screen.has(fieldId)) errors[fieldId] = offScreen(fieldId);
    else collect(request, errors, fieldId, () => parseField(site, version, fieldId, raw));
  }
  for (const [fieldId, operations] of Object.entries(update)) {
    if (fieldId in fields) continue;
    if (!screen.has(fieldId)) errors[fieldId] = offScreen(fieldId);
    else if (fieldId === 'comment') collectComments(request, errors, version, operations);
    else {
      const operated = operate(fieldId, operations, issue);
      if (operated === null)
        errors[fieldId] = `The operations given for the field '${fieldId}' are not valid`;
      else collect(request, errors, fieldId, () => parseField(site, version, fieldId, operated.value));
    }
  }
  if (Object.keys(errors).length > 0) throw fieldErrors(errors);
  return request;
}

/** Rich text as the API version writes it: a document in v3, a string of wiki markup in v2. */
export function parseRichText(version: RestVersion, raw: unknown): AdfDocument {
  if (version === '2') {
    if (typeof raw !== 'string') throw new FieldProblem('Operation value must be a string');
    if (raw.length > richTextLimit) throw tooLong();
    return wikiToAdf(raw);
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
  request: FieldRequest,
  errors: Record<string, string>,
  version: RestVersion,
  operations: unknown,
): void {
  for (const operation of Array.isArray(operations) ? operations : []) {
    const added = objectOrEmpty(objectOrEmpty(operation)['add']);
    try {
      request.comments.push({ body: parseRichText(version, added['body']), request: added });
    } catch (error) {
      if (!(error instanceof FieldProblem)) throw error;
      errors['comment'] = error.message;
    }
  }
}

/** Folds `[{set}, {add}, {remove}]` into the value the field would have; null when an operation is unknown. */
function operate(fieldId: string, operations: unknown, issue: Issue | null): { value: unknown } | null {
  if (!Array.isArray(operations) || operations.length === 0) return null;
  let value: unknown = fieldId === 'labels' ? [...(issue?.labels ?? [])] : undefined;
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

function parseField(site: Site, version: RestVersion, fieldId: string, raw: unknown): FieldValue {
  switch (fieldId) {
    case 'summary':
      return parseSummary(raw);
    case 'description':
      return raw === null ? null : parseRichText(version, raw);
    case 'labels':
      return parseLabels(raw);
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

function parseUser(site: Site, raw: unknown, field: string): string {
  const { accountId, id } = objectOrEmpty(raw);
  const user = site.users.get(String(accountId ?? id));
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
      if (typeof raw !== 'string') throw new FieldProblem('Operation value must be a string');
      if (raw.length > 255)
        throw new FieldProblem(
          'The entered text is too long. It exceeds the allowed limit of 255 characters.',
        );
      return raw;
    case 'textarea':
      return parseRichText(version, raw);
  }
}
