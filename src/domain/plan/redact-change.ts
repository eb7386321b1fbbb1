import { elements, isJsonArray, isJsonNumber, isJsonObject, member, sameJson, sourceText } from './json.ts';
import type { Json } from './json.ts';
import type { Change } from './plan.ts';
import type { SecretMatcher } from './secret-matcher.ts';

export interface RedactedChange {
  actions: string[];
  before: ShownValue;
  after: ShownValue;
  /** Where `before` or `after` is hidden, and whether the hidden value would change. */
  sensitive: { path: AttributePath; changed: boolean }[];
  /** Where `after` is known only after apply. */
  unknown: AttributePath[];
  /** Whose change makes the resource be replaced. */
  replacePaths: AttributePath[];
}

/** A number that JavaScript cannot hold exactly is shown as its text. */
export type ShownValue = null | boolean | number | string | ShownValue[] | { [key: string]: ShownValue };
export type AttributePath = (string | number)[];

export const sensitiveText = '(sensitive value)';
export const unknownText = '(known after apply)';

/** Both sides of one change as they may be shown; see `redactPlan` for what is hidden. */
export function redactChange(change: Change, matcher: SecretMatcher): RedactedChange {
  const found: Found = { matcher, sensitive: [], unknown: [] };
  const shown = redactNode(
    {
      before: change['before'],
      after: change['after'],
      // Terraform always writes the marks; without them nothing can be known to be safe.
      beforeMark: change['before_sensitive'] ?? true,
      afterMark: change['after_sensitive'] ?? true,
      unknown: change['after_unknown'],
    },
    [],
    found,
  );
  return {
    actions: [...change.actions],
    before: shown.before ?? null,
    after: shown.after ?? null,
    sensitive: found.sensitive,
    unknown: found.unknown,
    replacePaths: elements(change['replace_paths']).map(attributePath),
  };
}

export function startsWith(path: AttributePath, start: AttributePath): boolean {
  return start.every((segment, index) => path[index] === segment);
}

interface Node {
  before: Json | undefined;
  after: Json | undefined;
  beforeMark: Json | undefined;
  afterMark: Json | undefined;
  unknown: Json | undefined;
}

interface Found {
  matcher: SecretMatcher;
  sensitive: { path: AttributePath; changed: boolean }[];
  unknown: AttributePath[];
}

interface Shown {
  before: ShownValue | undefined;
  after: ShownValue | undefined;
}

/** Goes through both sides at once, so that what is hidden on one side is hidden on the other, as terraform does. */
function redactNode(node: Node, path: AttributePath, found: Found): Shown {
  const { before, after } = node;
  const isUnknown = node.unknown === true;
  if (hides(node.beforeMark, before) || hides(node.afterMark, after)) {
    if (isUnknown) found.unknown.push(path);
    found.sensitive.push({ path, changed: isUnknown || !sameJson(before, after) });
    return { before: cover(before), after: isUnknown ? unknownText : cover(after) };
  }
  if (isUnknown) {
    found.unknown.push(path);
    return { before: redactNode(onlyBefore(node), path, found).before, after: unknownText };
  }
  const shapes = new Set(
    [shapeOf(before), shapeOf(after ?? node.unknown)].filter((shape) => shape !== 'nothing'),
  );
  if (shapes.size > 1)
    return {
      before: redactNode(onlyBefore(node), path, found).before,
      after: redactNode(onlyAfter(node), path, found).after,
    };
  if (shapes.has('object')) return redactObject(node, path, found);
  if (shapes.has('array')) return redactArray(node, path, found);
  return redactLeaf(before, after, path, found);
}

/** Marks hide a value when they say so, and when they are of another shape than the value. */
function hides(mark: Json | undefined, value: Json | undefined): boolean {
  if (mark === undefined || mark === false) return false;
  if (mark === true || value === undefined || value === null) return mark === true;
  if (isJsonObject(mark)) return !isJsonObject(value) && Object.keys(mark).length > 0;
  if (isJsonArray(mark)) return !isJsonArray(value) && mark.length > 0;
  return true;
}

function cover(value: Json | undefined): ShownValue | undefined {
  return value === undefined || value === null ? value : sensitiveText;
}

function onlyBefore(node: Node): Node {
  return { ...node, after: undefined, afterMark: undefined, unknown: undefined };
}

function onlyAfter(node: Node): Node {
  return { ...node, before: undefined, beforeMark: undefined };
}

function shapeOf(value: Json | undefined): 'object' | 'array' | 'leaf' | 'nothing' {
  if (value === undefined || value === null) return 'nothing';
  return isJsonObject(value) ? 'object' : isJsonArray(value) ? 'array' : 'leaf';
}

function redactObject(node: Node, path: AttributePath, found: Found): Shown {
  const keys = new Set(
    [node.before, node.after, node.unknown].flatMap((side) => (isJsonObject(side) ? Object.keys(side) : [])),
  );
  const children = [...keys].map((key) => {
    const name = found.matcher.mask(key, () => sensitiveText);
    const child = childOf(node, (side) => member(side, key));
    return { name, ...redactNode(child, [...path, name], found) };
  });
  const side = (pick: 'before' | 'after') =>
    Object.fromEntries(
      children.flatMap((child) => (child[pick] === undefined ? [] : [[child.name, child[pick]]])),
    );
  return {
    before: isJsonObject(node.before) ? side('before') : absent(node.before),
    after: isJsonObject(node.after ?? node.unknown) ? side('after') : absent(node.after),
  };
}

function redactArray(node: Node, path: AttributePath, found: Found): Shown {
  const length = Math.max(...[node.before, node.after, node.unknown].map((side) => elements(side).length));
  const children = Array.from({ length }, (_, index) => {
    const child = childOf(node, (side) => elements(side)[index]);
    return redactNode(child, [...path, index], found);
  });
  const side = (pick: 'before' | 'after') =>
    children.flatMap((child) => (child[pick] === undefined ? [] : [child[pick]]));
  return {
    before: isJsonArray(node.before) ? side('before') : absent(node.before),
    after: isJsonArray(node.after ?? node.unknown) ? side('after') : absent(node.after),
  };
}

function childOf(node: Node, pick: (side: Json | undefined) => Json | undefined): Node {
  return {
    before: pick(node.before),
    after: pick(node.after),
    beforeMark: pick(node.beforeMark),
    afterMark: pick(node.afterMark),
    unknown: pick(node.unknown),
  };
}

function absent(value: Json | undefined): null | undefined {
  return value === null ? null : undefined;
}

function redactLeaf(
  before: Json | undefined,
  after: Json | undefined,
  path: AttributePath,
  found: Found,
): Shown {
  const shown = { before: shownLeaf(before, found.matcher), after: shownLeaf(after, found.matcher) };
  if (shown.before.hidden || shown.after.hidden)
    found.sensitive.push({ path, changed: !sameJson(before, after) });
  return { before: shown.before.value, after: shown.after.value };
}

function shownLeaf(
  value: Json | undefined,
  matcher: SecretMatcher,
): { value: ShownValue | undefined; hidden: boolean } {
  if (value === undefined || value === null || typeof value === 'boolean') return { value, hidden: false };
  const whole = isJsonNumber(value) ? sourceText(value) : typeof value === 'string' ? value : sensitiveText;
  const masked = matcher.mask(whole, () => sensitiveText);
  if (masked !== whole || !isJsonNumber(value)) return { value: masked, hidden: masked !== whole };
  return { value: String(Number(whole)) === whole ? Number(whole) : whole, hidden: false };
}

function attributePath(path: Json): AttributePath {
  return elements(path).map((step) =>
    isJsonNumber(step) ? Number(sourceText(step)) : typeof step === 'string' ? step : sensitiveText,
  );
}
