import type { TicketValues } from '#domain/ticket-document.ts';
import {
  type FieldSetting,
  fillPlaces,
  isValueName,
  placesIn,
  type ValueName,
} from '#domain/ticket-fields.ts';

/**
 * The texts that a setting comes to: one, or several where it is nothing but the place of a value that has several. None
 * where nothing is known of anything it names.
 */
export function fill(setting: FieldSetting, values: TicketValues | undefined): readonly string[] {
  if (typeof setting === 'string') return fillText(setting, values);
  const [value] = textsOf(setting.by, values);
  const isListed = value !== undefined && Object.hasOwn(setting.values, value);
  const chosen = isListed ? setting.values[value] : setting.otherwise;
  return chosen === undefined ? [] : fillText(chosen, values);
}

/** True when the text is the same for every change. */
export function isConstant(text: string): boolean {
  return !placesIn(text).some(isValueName);
}

function fillText(text: string, values: TicketValues | undefined): readonly string[] {
  const names = placesIn(text).filter(isValueName);
  const isKnown = names.some((name) => textsOf(name, values).length > 0);
  if (names.length > 0 && !isKnown) return [];
  const [only] = names;
  if (only !== undefined && text === `{${only}}`) return textsOf(only, values);
  return [fillPlaces(text, (name) => (isValueName(name) ? textsOf(name, values).join(', ') : `{${name}}`))];
}

function textsOf(name: ValueName, values: TicketValues | undefined): readonly string[] {
  if (values === undefined) return [];
  const { labels, ...others } = values;
  if (name === 'labels') return Object.values(labels).flat();
  const label = name.startsWith('labels.') ? name.slice('labels.'.length) : undefined;
  if (label !== undefined) return Object.hasOwn(labels, label) ? (labels[label] ?? []) : [];
  const found = others[name as keyof typeof others];
  return found === undefined ? [] : [found].flat();
}
