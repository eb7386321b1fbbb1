import type { JsonValue } from '#domain/audit/entry.ts';

/** What JSON keeps of a value: undefined members are dropped, as the stored payload would. */
export function plainJson(value: object): { [key: string]: JsonValue } {
  return JSON.parse(JSON.stringify(value)) as { [key: string]: JsonValue };
}
