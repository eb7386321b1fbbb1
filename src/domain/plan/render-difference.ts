import type { PlanDifference } from './compare.ts';
import { type Brevity, printable, renderAttribute, renderResource, renderVerb } from './render.ts';
import type { AttributeChange, OutputSummary, ResourceSummary } from './summarize.ts';

/**
 * How two plans differ, a block for each resource, what is only in the earlier one first. Lines that begin with `-` are of the
 * earlier plan, those with `+` of the later one. Empty when nothing differs that may be shown.
 */
export function renderDifference(difference: PlanDifference, brevity: Brevity): string[] {
  const { added, changed, dropped, outputs } = difference;
  return [
    ...dropped.map((each) => `# ${name(each)}: no longer in the plan\n- ${name(each)} ${renderVerb(each)}`),
    ...changed.map(({ before, after }) => renderChanged(before, after, brevity)),
    ...added.map((each) => `# ${name(each)}: new in the plan\n${indented(renderResource(each, brevity))}`),
    ...outputs.map(({ name: output, before, after }) => renderOutput(output, before, after, brevity)),
  ];
}

function renderChanged(before: ResourceSummary, after: ResourceSummary, brevity: Brevity): string {
  const [was, is] = [renderVerb(before), renderVerb(after)];
  const verbs = was === is ? [`# ${name(after)} ${is}`] : [`# ${name(after)}: ${was}, now ${is}`];
  const asides =
    aside(before) === aside(after) ? [] : [`- ${printable(aside(before))}`, `+ ${printable(aside(after))}`];
  return [...verbs, ...asides, ...attributeLines(before.changes, after.changes, brevity)].join('\n');
}

function name({ address, deposed }: ResourceSummary): string {
  return printable(deposed === undefined ? address : `${address} (deposed object ${deposed})`);
}

function aside({ previousAddress, importing, reason, createFirst }: ResourceSummary): string {
  const parts = [
    previousAddress === undefined ? '' : `moved from ${previousAddress}`,
    importing === undefined ? '' : `imported from ${importing.id}`,
    createFirst === true ? 'the new one first' : '',
    reason ?? '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '(as it is)' : `(${parts.join('; ')})`;
}

/** The attributes that differ between the plans: as they were to change, and as they are to change now. */
function attributeLines(
  before: readonly AttributeChange[],
  after: readonly AttributeChange[],
  brevity: Brevity,
): string[] {
  const text = (change: AttributeChange) => renderAttribute(change, brevity);
  const [was, is] = [new Set(before.map(text)), new Set(after.map(text))];
  return [
    ...[...was].filter((line) => !is.has(line)).map((line) => `-     ${line}`),
    ...[...is].filter((line) => !was.has(line)).map((line) => `+     ${line}`),
  ];
}

function renderOutput(
  output: string,
  before: OutputSummary | undefined,
  after: OutputSummary | undefined,
  brevity: Brevity,
): string {
  const named = ({ changes }: OutputSummary) =>
    changes.map((change) => ({ ...change, path: [output, ...change.path] }));
  const was = before === undefined ? [] : named(before);
  const is = after === undefined ? [] : named(after);
  return ['# outputs', ...attributeLines(was, is, brevity)].join('\n');
}

/** A whole block of the later plan, each line marked as such. */
function indented(block: string): string {
  return block
    .split('\n')
    .slice(1)
    .map((line) => `+ ${line}`)
    .join('\n');
}
