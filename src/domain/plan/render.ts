import type { AttributePath, ShownValue } from './redact-change.ts';
import { sensitiveText, unknownText } from './redact-change.ts';
import { hasChanges } from './summarize.ts';
import type { AttributeChange, PlanSummary, ResourceSummary, Verb } from './summarize.ts';

/**
 * A plan as text, in the manner of `terraform plan`, a line for each attribute. Unlike terraform's own text it can hold
 * no secret, since it is made of the summary; and no control or bidirectional character, which are written as escapes.
 */
export function renderPlan(summary: PlanSummary): string {
  const blocks = [
    ...renderDrift(summary),
    ...summary.resources.map((each) => renderResource(each)),
    ...renderOutputs(summary),
    ...renderWarnings(summary),
    totals(summary),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Where a text has to stay short: a value longer than `mostOfValue` characters says how much of it is left out. */
export interface Brevity {
  mostOfValue: number;
}

/** What happens to one resource: a sentence, what is to be known beside it, and a line for each attribute. */
export function renderResource(resource: ResourceSummary, brevity?: Brevity): string {
  return [...headLines(resource), ...attributeLines(resource.changes, brevity)].join('\n');
}

/** What happens to one attribute, without its mark: `size = 1 -> 2`. */
export function renderAttribute(change: AttributeChange, brevity?: Brevity): string {
  return `${attributeName(change.path)} = ${renderChange(change, brevity)}`;
}

/** What happens to a resource, as the end of a sentence: "must be replaced". */
export function renderVerb(resource: ResourceSummary): string {
  return sentenceOf(resource);
}

/** `renderResource` without the attributes. */
export function renderHead(resource: ResourceSummary): string {
  return headLines(resource).join('\n');
}

/** What was changed outside of terraform: a heading and a block for each resource; nothing when nothing was. */
export function renderDrift({ drift }: Pick<PlanSummary, 'drift'>, brevity?: Brevity): string[] {
  if (drift.length === 0) return [];
  const blocks = drift.map((resource) => {
    const what = resource.verb === 'delete' ? 'has been deleted' : 'has changed';
    return [`# ${printable(resource.address)} ${what}`, ...attributeLines(resource.changes, brevity)].join(
      '\n',
    );
  });
  return ['Changed outside of Terraform since the last apply:', ...blocks];
}

/** The outputs that change, as one block; nothing when none does. */
export function renderOutputs({ outputs }: Pick<PlanSummary, 'outputs'>, brevity?: Brevity): string[] {
  if (outputs.length === 0) return [];
  const lines = outputs.flatMap(({ name, changes }) =>
    attributeLines(
      changes.map((change) => ({ ...change, path: [name, ...change.path] })),
      brevity,
    ),
  );
  return [['Changes to outputs:', ...lines].join('\n')];
}

/** What an approver has to know beside the list, a line each. */
export function renderWarnings({ warnings }: Pick<PlanSummary, 'warnings'>): string[] {
  return warnings.map(({ text }) => `Warning: ${printable(text)}`);
}

/** The line that says how much a plan does, such as "Plan: 1 to add, 0 to change, 2 to destroy." */
export function totals(summary: PlanSummary): string {
  if (!hasChanges(summary)) return 'No changes.';
  const { counts } = summary;
  const always = [
    `${counts.create + counts.replace} to add`,
    `${counts.update} to change`,
    `${counts.delete + counts.replace} to destroy`,
  ];
  const sometimes = [
    [counts.import, 'to import'],
    [counts.move, 'to move'],
    [counts.forget, 'to forget'],
    [counts.outputs, counts.outputs === 1 ? 'output' : 'outputs'],
  ] as const;
  return `Plan: ${[...always, ...sometimes.flatMap(([n, what]) => (n > 0 ? [`${n} ${what}`] : []))].join(', ')}.`;
}

/** A path as one would write it in HCL: `tags["Name"]`, `ingress[0].from_port`. */
export function attributeName(path: AttributePath): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z_][\w-]*$/u.test(step)) return `[${quoted(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

const marks: Readonly<Record<Verb, string>> = {
  create: '+',
  update: '~',
  delete: '-',
  replace: '-/+',
  forget: '.',
  read: '<=',
  'no-op': ' ',
  other: '?',
};

const sentences: Readonly<Record<Verb, string>> = {
  create: 'will be created',
  update: 'will be updated in-place',
  delete: 'will be destroyed',
  replace: 'must be replaced',
  forget: 'will no longer be managed, but not be destroyed',
  read: 'will be read during apply',
  'no-op': 'will not be changed',
  other: 'has an unknown action',
};

function headLines(resource: ResourceSummary): string[] {
  const { verb, previousAddress, importing, reason, deposed } = resource;
  const asides = [
    ...(deposed === undefined ? [] : [`deposed object ${deposed}`]),
    ...(previousAddress === undefined ? [] : [`moved from ${previousAddress}`]),
    ...(importing === undefined ? [] : [`imported from ${quoted(importing.id)}`]),
    ...(reason === undefined ? [] : [reason]),
  ];
  const mark = verb === 'replace' && resource.createFirst === true ? '+/-' : marks[verb];
  return [
    `# ${printable(resource.address)} ${sentenceOf(resource)}`,
    ...asides.map((aside) => `# (${printable(aside)})`),
    `${mark} ${quoted(resource.type)} ${quoted(resource.name)}`,
  ];
}

/** What is only moved or taken over says so: "will not be changed" would hide what the approval is about. */
function sentenceOf({ verb, previousAddress, importing }: ResourceSummary): string {
  if (verb !== 'no-op') return sentences[verb];
  if (importing !== undefined) return 'will be imported as it is';
  return previousAddress === undefined ? sentences[verb] : 'is only moved in the state';
}

/** Names padded to the longest, as far as that stays readable. */
function attributeLines(changes: readonly AttributeChange[], brevity?: Brevity): string[] {
  const names = changes.map(({ path }) => attributeName(path));
  const width = Math.min(40, Math.max(0, ...names.map((name) => name.length)));
  return changes.map((change, index) => {
    const mark = isNothing(change.before) ? '+' : isNothing(change.after) ? '-' : '~';
    return `    ${mark} ${(names[index] ?? '').padEnd(width)} = ${renderChange(change, brevity)}`;
  });
}

function renderChange(change: AttributeChange, brevity: Brevity | undefined): string {
  const { before, after } = change;
  const show = (value: ShownValue | undefined, of: AttributeChange) => brief(renderValue(value, of), brevity);
  const values = isNothing(before)
    ? show(after, change)
    : `${show(before, { ...change, unknown: false })} -> ${show(after, change)}`;
  return `${values}${change.forcesReplacement ? ' # forces replacement' : ''}`;
}

function isNothing(value: ShownValue | undefined): boolean {
  return value === undefined || value === null;
}

function renderValue(value: ShownValue | undefined, { sensitive, unknown }: AttributeChange): string {
  if (value === undefined || value === null) return 'null';
  if (unknown && value === unknownText) return unknownText;
  if (sensitive && value === sensitiveText) return sensitiveText;
  return typeof value === 'string' ? quoted(value) : printable(JSON.stringify(value));
}

function brief(text: string, brevity: Brevity | undefined): string {
  if (brevity === undefined || text.length <= brevity.mostOfValue) return text;
  const shown = text.slice(0, brevity.mostOfValue).toWellFormed();
  return `${shown}… (${text.length - brevity.mostOfValue} more characters)`;
}

function quoted(text: string): string {
  return printable(JSON.stringify(text));
}

/** Writes control, format (bidirectional among them) and line-separating characters as `\u{…}`. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
