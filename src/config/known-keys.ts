import type { z } from 'zod';

/** The keys that a schema knows at a path of the input; none where it takes any key, or nothing with keys. */
export function knownKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const [first, ...rest] = path;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return knownKeys(def.innerType, path);
    case 'pipe':
      return knownKeys(def.in, path);
    case 'union':
      return [...new Set(def.options.flatMap((option) => knownKeys(option, path)))];
    case 'array':
      return first === undefined ? [] : knownKeys(def.element, rest);
    case 'record':
      return first === undefined ? [] : knownKeys(def.valueType, rest);
    case 'object': {
      if (first === undefined) return Object.keys(def.shape);
      const key = String(first);
      const inner = Object.hasOwn(def.shape, key) ? def.shape[key] : undefined;
      return inner === undefined ? [] : knownKeys(inner, rest);
    }
    default:
      return [];
  }
}
