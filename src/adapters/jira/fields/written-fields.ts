import { parse } from '../answer.ts';
import type { History } from '../schema.ts';
import type { JiraSite } from '../site.ts';
import { fieldList } from './field-schema.ts';

type Item = History['items'][number];

/**
 * Tells which items of a changelog are about a priority, due date or custom field that is ours to write. Data Center gives a
 * custom field's name alone: one of the same name counts like ours.
 */
export async function writtenFields(
  site: JiraSite,
  items: readonly Item[],
): Promise<(item: Item) => boolean> {
  const { custom = {}, dueDate, priority } = site.options.fields ?? {};
  const own = new Set([
    ...(priority === undefined ? [] : ['priority']),
    ...(dueDate === undefined ? [] : ['duedate']),
    ...Object.keys(custom),
  ]);
  const isAsked = Object.keys(custom).length > 0 && items.some(isNamedOnly);
  // Asked anew each time, since somebody may have renamed a field.
  const names = isAsked ? await namesOf(site, own) : new Set<string>();
  return (item) => {
    if (isNamedOnly(item)) return names.has(item.field ?? '');
    return own.has(item.fieldId ?? item.field?.toLowerCase() ?? '');
  };
}

function isNamedOnly({ fieldId, fieldtype }: Item): boolean {
  return fieldId === undefined && fieldtype === 'custom';
}

async function namesOf(site: JiraSite, ids: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const all = parse(fieldList, await site.fields(), 'field');
  return new Set(all.flatMap(({ id, name }) => (ids.has(id) ? [name] : [])));
}
