import { badRequest } from '../errors.ts';
import type { Site } from '../model/site.ts';
import type { IndexedIssue } from './search-index.ts';
import type { JqlClause, JqlOperator, JqlOrder, JqlQuery } from './jql.ts';

type Term = Extract<JqlClause, { kind: 'term' }>;

const dateFields = ['created', 'updated'] as const;
const textOperators: readonly JqlOperator[] = ['=', '!=', 'in', 'not in'];
const orderOperators: readonly JqlOperator[] = ['>', '>=', '<', '<='];

/** Refuses what JIRA refuses before it searches: unknown fields, values and operators that do not fit. */
export function checkJql(site: Site, query: JqlQuery): void {
  if (query.where !== null) checkClause(site, query.where);
  for (const { field } of query.orderBy) {
    if (!['created', 'updated', 'key', 'issuekey', 'status', 'id'].includes(field)) throw noField(field);
  }
}

/** True when the clause holds for the issue as the index knows it. */
export function matches(site: Site, clause: JqlClause, issue: IndexedIssue): boolean {
  switch (clause.kind) {
    case 'and':
      return clause.clauses.every((inner) => matches(site, inner, issue));
    case 'or':
      return clause.clauses.some((inner) => matches(site, inner, issue));
    case 'term':
      return matchesTerm(site, clause, issue);
  }
}

/** Order of ORDER BY; without one, the newest issue first. */
export function compareBy(
  site: Site,
  order: readonly JqlOrder[],
): (a: IndexedIssue, b: IndexedIssue) => number {
  const effective = order.length === 0 ? [{ field: 'created', descending: true }] : order;
  return (a, b) => {
    for (const { field, descending } of effective) {
      const [left, right] = [sortValue(site, field, a), sortValue(site, field, b)];
      if (left !== right) return (left < right ? -1 : 1) * (descending ? -1 : 1);
    }
    return Number(b.id) - Number(a.id);
  };
}

function checkClause(site: Site, clause: JqlClause): void {
  if (clause.kind === 'term') checkTerm(site, clause);
  else for (const inner of clause.clauses) checkClause(site, inner);
}

function checkTerm(site: Site, term: Term): void {
  const { field, operator, values } = term;
  const allowed = operatorsFor(field);
  if (allowed === null) throw noField(field);
  if (!allowed.includes(operator)) {
    throw badRequest(`The operator '${operator}' is not supported by the '${field}' field.`);
  }
  for (const value of values) {
    const known =
      field === 'project'
        ? findProject(site, value) !== undefined
        : field === 'status'
          ? findStatus(site, value) !== undefined
          : field === 'key' || field === 'issuekey' || field === 'issue'
            ? site.findIssue(value) !== undefined
            : true;
    if (!known && field !== 'key' && field !== 'issuekey' && field !== 'issue') {
      throw badRequest(`The value '${value}' does not exist for the field '${field}'.`);
    }
    if (!known) throw badRequest(`An issue with key '${value}' does not exist for field '${field}'.`);
    if (isDateField(field) && parseMoment(value) === null) {
      throw badRequest(
        `Date value '${value}' for field '${field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.`,
      );
    }
  }
}

function operatorsFor(field: string): readonly JqlOperator[] | null {
  switch (field) {
    case 'project':
    case 'status':
      return textOperators;
    case 'labels':
      return [...textOperators, 'is', 'is not'];
    case 'key':
    case 'issuekey':
    case 'issue':
    case 'id':
      return [...textOperators, ...orderOperators];
    case 'summary':
      return ['~'];
    case 'created':
    case 'updated':
      return [...orderOperators, '=', '!='];
    default:
      return null;
  }
}

function matchesTerm(site: Site, term: Term, issue: IndexedIssue): boolean {
  const { field, operator, values } = term;
  switch (field) {
    case 'project':
      return negate(
        operator,
        values.some((value) => findProject(site, value)?.key === issue.projectKey),
      );
    case 'status':
      return negate(
        operator,
        values.some((value) => findStatus(site, value)?.id === issue.statusId),
      );
    case 'labels':
      if (operator === 'is') return issue.labels.length === 0;
      if (operator === 'is not') return issue.labels.length > 0;
      // JIRA leaves issues without labels out of `labels != x`.
      if (operator === '!=' || operator === 'not in') {
        return issue.labels.length > 0 && !values.some((value) => issue.labels.includes(value));
      }
      return values.some((value) => issue.labels.includes(value));
    case 'summary':
      return issue.summary.toLowerCase().includes((values[0] ?? '').toLowerCase());
    case 'created':
    case 'updated': {
      const moment = parseMoment(values[0] ?? '');
      return moment !== null && compare(operator, minute(issue[field]), moment);
    }
    default:
      return matchesKey(site, operator, values, issue);
  }
}

function matchesKey(
  site: Site,
  operator: JqlOperator,
  values: readonly string[],
  issue: IndexedIssue,
): boolean {
  const ids = values.map((value) => site.findIssue(value)?.id ?? value);
  if (orderOperators.includes(operator)) return compare(operator, Number(issue.id), Number(ids[0]));
  return negate(operator, ids.includes(issue.id));
}

function negate(operator: JqlOperator, found: boolean): boolean {
  return operator === '!=' || operator === 'not in' ? !found : found;
}

function compare(operator: JqlOperator, left: number, right: number): boolean {
  if (operator === '>') return left > right;
  if (operator === '>=') return left >= right;
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '!=' ? left !== right : left === right;
}

/** JQL knows time to the minute. */
function minute(milliseconds: number): number {
  return Math.floor(milliseconds / 60_000) * 60_000;
}

/** An absolute date in the site's time zone (UTC) or a period such as `-30m`, `-1d`; null when neither. */
function parseMoment(text: string): number | null {
  const period = /^(-?\d+)([mhdw])$/.exec(text);
  if (period !== null) {
    const unit = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[period[2] ?? ''] ?? 0;
    return minute(Date.now() + Number(period[1]) * unit);
  }
  const absolute = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?: (\d{1,2}):(\d{2}))?$/.exec(text);
  if (absolute === null) return null;
  const [, year, month, day, hour, minutes] = absolute.map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour || 0, minutes || 0);
}

function findProject(site: Site, value: string) {
  return site.findProject(value) ?? [...site.projects.values()].find((project) => project.name === value);
}

function findStatus(site: Site, value: string) {
  return site.workflow.statuses.find(
    (status) => status.id === value || status.name.toLowerCase() === value.toLowerCase(),
  );
}

function isDateField(field: string): boolean {
  return dateFields.some((known) => known === field);
}

function sortValue(site: Site, field: string, issue: IndexedIssue): number {
  if (field === 'created') return issue.created;
  if (field === 'updated') return issue.updated;
  if (field === 'status') return site.workflow.statuses.findIndex((status) => status.id === issue.statusId);
  return Number(issue.id);
}

function noField(field: string) {
  return badRequest(`Field '${field}' does not exist or you do not have permission to view it.`);
}
