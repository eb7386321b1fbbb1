import type { TicketValues } from './ticket-document.ts';

/** What our tickets carry beside summary and description, as it is configured. */
export interface FieldSettings {
  /** Beside the labels that the service finds its tickets by. */
  labels: readonly string[];
  components: readonly string[];
  /** Key of the issue that our tickets belong to: a parent, or an epic. */
  parent?: string;
  priority?: FieldSetting;
  dueDate?: FieldSetting;
  /** By field id, such as `customfield_10042`. */
  custom: Readonly<Record<string, FieldSetting>>;
}

/** A text in which `{tier}` and the like stand for what is known of the change; or one text for each value of one of these. */
export type FieldSetting =
  | string
  | { by: ValueName; values: Readonly<Record<string, string>>; otherwise?: string };

export const VALUE_NAMES = [
  'tier',
  'changeType',
  'tierReasons',
  'repository',
  'mergeRequest',
  'change',
  'projects',
  'labels',
  'reason',
  'impact',
  'fallBack',
  'window',
] as const satisfies readonly (keyof TicketValues)[];

/** `labels.network` is the label `network` alone; `labels` are all values of all labels. */
export type ValueName = (typeof VALUE_NAMES)[number] | `labels.${string}`;

export function isValueName(name: string): name is ValueName {
  return VALUE_NAMES.some((each) => each === name) || /^labels\.[A-Za-z0-9_.-]+$/.test(name);
}

/** What stands in braces in a text. */
export function placesIn(text: string): string[] {
  return [...text.matchAll(PLACE)].map(([, name = '']) => name);
}

/** A text with what stands for each of its places. */
export function fillPlaces(text: string, textFor: (place: string) => string): string {
  return text.replaceAll(PLACE, (_, name: string) => textFor(name));
}

const PLACE = /\{([A-Za-z][A-Za-z0-9_.-]*)\}/g;
