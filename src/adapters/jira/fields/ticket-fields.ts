import type { TicketValues } from '#domain/ticket-document.ts';
import { ticketKey } from '../answer.ts';
import { askOnce } from '../ask-once.ts';
import { JiraFault } from '../fault.ts';
import type { IssueRequest, JiraSite } from '../site.ts';
import { type FieldSchema, readFieldSchemas } from './field-schema.ts';
import { fill } from './fill.ts';
import type { FieldSetting, FieldSettings } from '#domain/ticket-fields.ts';
import { labelOf, misfit, typed } from './typed.ts';

/** The configured fields of our tickets, typed as JIRA wants them. What JIRA says of its fields is read once. */
export interface TicketFields {
  forOpen(values: TicketValues | undefined, labels: readonly string[]): Promise<Record<string, unknown>>;
  /** Labels and components are added to those that are there; what else is configured takes its present value. */
  forEdit(values: TicketValues | undefined): Promise<Pick<IssueRequest, 'fields' | 'update'>>;
  schemas(): Promise<ReadonlyMap<string, FieldSchema>>;
}

const NONE: FieldSettings = { labels: [], components: [], custom: {} };
const EPIC_LINK = 'com.pyxis.greenhopper.jira:gh-epic-link';

export function createTicketFields(site: JiraSite): TicketFields {
  const settings = site.options.fields ?? NONE;
  const own: readonly (readonly [string, FieldSetting])[] = [
    ...(settings.priority === undefined ? [] : [['priority', settings.priority] as const]),
    ...(settings.dueDate === undefined ? [] : [['duedate', settings.dueDate] as const]),
    ...Object.entries(settings.custom),
  ];
  // Not kept after a failure, and not after a misfit either: somebody may have put it right in JIRA.
  const known = askOnce(() => readFieldSchemas(site));
  const schemas = known.get;
  const forget = (error: unknown): never => {
    if (error instanceof JiraFault && error.code === 'jira-field') known.forget();
    throw error;
  };
  const extraLabels = (values: TicketValues | undefined) =>
    settings.labels
      .flatMap((each) => fill(each, values))
      .map(labelOf)
      .filter((label) => label !== '');

  const present = async (values: TicketValues | undefined, absent: 'left-out' | 'emptied') => {
    const fields: Record<string, unknown> = {};
    for (const [id, setting] of own) {
      const field = shownField(await schemas(), id);
      const value = await typed(site, field, fill(setting, values));
      if (value !== undefined) fields[id] = value;
      else if (absent === 'emptied' && !field.required) fields[id] = null;
    }
    return fields;
  };
  const components = async () => {
    if (settings.components.length === 0) return [];
    const value = await typed(site, shownField(await schemas(), 'components'), settings.components);
    return value as unknown[];
  };

  return {
    schemas,
    async forOpen(values, labels) {
      try {
        const chosen = await components();
        return {
          labels: [...new Set([...labels, ...extraLabels(values)])],
          ...(chosen.length === 0 ? {} : { components: chosen }),
          ...(settings.parent === undefined ? {} : parentField(await schemas(), settings.parent)),
          ...(await present(values, 'left-out')),
        };
      } catch (error) {
        return forget(error);
      }
    },
    async forEdit(values) {
      try {
        const labels = extraLabels(values);
        const chosen = await components();
        const update = {
          ...(labels.length === 0 ? {} : { labels: labels.map((add) => ({ add })) }),
          ...(chosen.length === 0 ? {} : { components: chosen.map((add) => ({ add })) }),
        };
        const fields = await present(values, 'emptied');
        return Object.keys(update).length === 0 ? { fields } : { fields, update };
      } catch (error) {
        return forget(error);
      }
    },
  };
}

/** A configured field that JIRA has and shows where our tickets are made. */
export function shownField(schemas: ReadonlyMap<string, FieldSchema>, id: string): FieldSchema {
  const field = schemas.get(id);
  if (field === undefined) throw misfit({ id, name: 'unknown' }, 'is configured, and JIRA has no such field');
  if (!field.onScreen)
    throw misfit(field, 'is configured, but is not on the screen on which our issue type is created');
  return field;
}

/** What an issue belongs to: `parent` where its type has that, the epic's own field where it does not. */
export function parentField(schemas: ReadonlyMap<string, FieldSchema>, key: string): Record<string, unknown> {
  const epicLink = [...schemas.values()].find(({ custom, onScreen }) => custom === EPIC_LINK && onScreen);
  if (schemas.get('parent')?.onScreen === true) return { parent: { key: ticketKey(key) } };
  if (epicLink !== undefined) return { [epicLink.id]: ticketKey(key) };
  const missing = { id: 'parent', name: 'Parent' };
  throw misfit(
    missing,
    'is configured, but our issue type is created with neither a parent nor an epic link',
  );
}
