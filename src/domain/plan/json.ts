import canonicalize from 'canonicalize';

/**
 * JSON whose numbers keep the text they were written with. A plan may hold 9007199254740993, which a JavaScript
 * number cannot: two plans that differ only there must not look the same.
 */
export type Json = null | boolean | string | JsonNumber | JsonArray | JsonObject;
export type JsonArray = readonly Json[];
export interface JsonObject {
  readonly [key: string]: Json;
}
export interface JsonNumber {
  readonly [numberText]: string;
}

const numberText: unique symbol = Symbol('number text');

/** A JSON number with the given source text, for instance `1e3` or `9007199254740993`. */
export function jsonNumber(text: string): JsonNumber {
  return { [numberText]: text };
}

export function isJsonNumber(value: Json | undefined): value is JsonNumber {
  return typeof value === 'object' && value !== null && numberText in value;
}

export function isJsonArray(value: Json | undefined): value is JsonArray {
  return Array.isArray(value);
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(numberText in value);
}

export function sourceText(number: JsonNumber): string {
  return number[numberText];
}

/** The member of an object, or undefined when the value is no object or has no such key of its own. */
export function member(value: Json | undefined, key: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The elements of an array; nothing when the value is none. */
export function elements(value: Json | undefined): JsonArray {
  return isJsonArray(value) ? value : [];
}

export function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/**
 * One text for one value, whatever the order of keys (RFC 8785). Injective: a number is written as its source text
 * under the key `#n`, and keys of the value that start with `#` are escaped, so that nothing can imitate a number or
 * one of the `leaf` replacements, which arrive as `{ '#…': text }`.
 *
 * @param leaf replaces a value before it is written; undefined leaves it alone.
 */
export function canonicalText(value: Json, leaf: Replace = () => undefined): string {
  return canonicalize(tagged(value, leaf)) ?? 'null';
}

/** Returns `{ tag, text }` to write a value as that tagged text, or undefined to write it as it is. */
export type Replace = (value: Json) => { tag: string; text: string } | undefined;

function tagged(value: Json, leaf: Replace): unknown {
  const replaced = leaf(value);
  if (replaced !== undefined) return { [`#${replaced.tag}`]: replaced.text };
  if (isJsonNumber(value)) return { '#n': sourceText(value) };
  if (isJsonArray(value)) return value.map((each) => tagged(each, leaf));
  if (isJsonObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key.startsWith('#') ? `#${key}` : key, tagged(each, leaf)]),
    );
  return value;
}

/** Whether two values are the same JSON, numbers compared by their source text. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return canonicalText(a) === canonicalText(b);
}
