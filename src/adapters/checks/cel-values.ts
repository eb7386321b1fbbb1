import { sensitiveText, type ShownValue, unknownText } from '#domain/plan/redact-change.ts';

/** A rule touched a value that is not there to be judged. Thrown through the expression, so that CEL's own rules about errors decide whether it matters. */
class Unjudgeable extends Error {
  override readonly name = 'Unjudgeable';
}

/** A place in a value that raises `Unjudgeable` when it is read. */
class Hole {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

/** Stands for a value that is not there to be judged, and says why. */
export function hole(why: string): unknown {
  return new Hole(why);
}

/** A map for CEL: no prototype, so that a key such as `constructor` is only a key. */
export type CelMap = Record<string, unknown>;

/**
 * A shown value as CEL sees it: integers as int, other numbers as double, and in place of what is unknown or hidden a
 * getter that throws. A text that merely reads like the mark of a hidden value is taken for one: that errs on the
 * side of not knowing.
 */
export function celMap(members: Readonly<Record<string, ShownValue | undefined>>, path: string): CelMap {
  return withMembers(converted(members, path));
}

/** A map for CEL of values that are CEL values already. */
export function withMembers(entries: readonly (readonly [string, unknown])[]): CelMap {
  const map = Object.create(null) as CelMap;
  // The engine looks at a map's first member to tell its type, so plain values go first and holes last.
  const ordered = [...entries].sort(([, a], [, b]) => rank(a) - rank(b));
  for (const [key, value] of ordered) define(map, key, value);
  return map;
}

function rank(value: unknown): number {
  if (value instanceof Hole) return 2;
  return typeof value === 'object' && value !== null ? 1 : 0;
}

function define(target: object, key: PropertyKey, value: unknown): void {
  const common = { enumerable: true, configurable: false };
  if (value instanceof Hole) {
    const { why } = value;
    Object.defineProperty(target, key, {
      ...common,
      get: () => {
        throw new Unjudgeable(why);
      },
    });
  } else {
    Object.defineProperty(target, key, { ...common, value, writable: false });
  }
}

function convert(value: ShownValue, path: string): unknown {
  if (typeof value === 'string') return convertText(value, path);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    value.forEach((each, index) => define(list, index, convert(each, `${path}[${index}]`)));
    return list;
  }
  if (value === null || typeof value === 'boolean') return value;
  if (Object.keys(value).some((key) => key.includes(sensitiveText)))
    return new Hole(`${path} has a hidden key`);
  return withMembers(converted(value, path));
}

function converted(
  members: Readonly<Record<string, ShownValue | undefined>>,
  path: string,
): [string, unknown][] {
  return Object.entries(members).flatMap(([key, each]): [string, unknown][] =>
    each === undefined ? [] : [[key, convert(each, `${path}.${key}`)]],
  );
}

function convertText(text: string, path: string): unknown {
  if (text === unknownText) return new Hole(`${path} is known only after apply`);
  if (text.includes(sensitiveText)) return new Hole(`${path} is hidden`);
  return text;
}
