import { invalidParameter } from './errors.ts';

/**
 * The parameters of one call. GitLab's API (Grape over Rack) takes them from the query, a JSON body or a form body alike,
 * for every verb, so they are merged here and read with the coercions of Grape's declared types.
 */
export class Params {
  readonly all: Record<string, unknown>;

  constructor(query: unknown, body: unknown) {
    this.all = { ...asRecord(query), ...asRecord(body) };
  }

  has(name: string): boolean {
    return this.all[name] !== undefined;
  }

  /** Grape lists every missing name in one answer. */
  require(...names: string[]): void {
    const missing = names.filter((name) => !this.has(name));
    if (missing.length > 0) throw invalidParameter(missing.map((name) => `${name} is missing`).join(', '));
  }

  string(name: string): string | undefined {
    const value = this.all[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'object') throw invalidParameter(`${name} is invalid`);
    return String(value as string | number | boolean);
  }

  text(name: string): string {
    this.require(name);
    return this.string(name) ?? '';
  }

  integer(name: string): number | undefined {
    const value = this.string(name);
    if (value === undefined || value === '') return undefined;
    if (!/^-?\d+$/.test(value)) throw invalidParameter(`${name} is invalid`);
    return Number(value);
  }

  boolean(name: string): boolean | undefined {
    const value = this.string(name)?.toLowerCase();
    if (value === undefined || value === '') return undefined;
    if (['true', '1', 't', 'yes', 'on'].includes(value)) return true;
    if (['false', '0', 'f', 'no', 'off'].includes(value)) return false;
    throw invalidParameter(`${name} is invalid`);
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.string(name);
    if (value === undefined) return undefined;
    const found = values.find((one) => one === value);
    if (found === undefined) throw invalidParameter(`${name} does not have a valid value`);
    return found;
  }

  /** A list as GitLab takes it: an array, or one comma-separated string. */
  list(name: string): string[] | undefined {
    const value = this.all[name];
    if (value === undefined || value === null) return undefined;
    const parts = Array.isArray(value)
      ? (value as unknown[]).map(String)
      : String(value as string).split(',');
    return parts.map((part) => part.trim()).filter((part) => part !== '');
  }

  integers(name: string): number[] | undefined {
    return this.list(name)?.map((part) => {
      if (!/^\d+$/.test(part)) throw invalidParameter(`${name} is invalid`);
      return Number(part);
    });
  }

  records(name: string): Record<string, unknown>[] {
    const value = this.all[name];
    return Array.isArray(value) ? value.map(asRecord) : [];
  }
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** Reads a query or form the way Rack does: `a[]=1`, `a[b]=1` and `a[][b]=1` nest. */
export function parseNestedQuery(text: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const head = /^[^[]*/.exec(key)?.[0] ?? key;
    const keys = [...key.slice(head.length).matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? '');
    assign(result, head, keys, value);
  }
  return result;
}

function assign(target: Record<string, unknown>, key: string, rest: string[], value: string): void {
  if (key === '__proto__') return;
  const [next, ...deeper] = rest;
  if (next === undefined) {
    target[key] = value;
    return;
  }
  if (next !== '') {
    const inner = asRecord(target[key]);
    target[key] = inner;
    assign(inner, next, deeper, value);
    return;
  }
  const list: unknown[] = Array.isArray(target[key]) ? target[key] : [];
  target[key] = list;
  const [field, ...below] = deeper;
  if (field === undefined) {
    list.push(value);
    return;
  }
  // Rack starts a new element when the field was already seen in the last one.
  const last = asRecord(list.at(-1));
  const element = list.length > 0 && last[field] === undefined ? last : {};
  if (element !== last) list.push(element);
  assign(element, field, below, value);
}
