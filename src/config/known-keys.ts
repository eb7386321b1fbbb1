import type { z } from 'zod';

/** The keys that a schema knows at a path of the input; none where it takes any key, or nothing with keys. */
export function knownKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const [first, ...rest] = path;
  // Optional, default and their like.
  if ('innerType' in def) return knownKeys(def.innerType, path);
  if (def.type === 'pipe') return knownKeys(def.in, path);
  if (def.type === 'union') return [...new Set(def.options.flatMap((option) => knownKeys(option, path)))];
  if (def.type === 'array' && first !== undefined) return knownKeys(def.element, rest);
  if (def.type === 'record' && first !== undefined) return knownKeys(def.valueType, rest);
  if (def.type !== 'object') return [];
  if (first === undefined) return Object.keys(def.shape);
  const key = String(first);
  const inner = Object.hasOwn(def.shape, key) ? def.shape[key] : undefined;
  return inner === undefined ? [] : knownKeys(inner, rest);
}
