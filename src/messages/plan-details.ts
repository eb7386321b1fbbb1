import { isNoise } from '#domain/plan/noise.ts';
import {
  attributeName,
  renderDrift,
  renderHead,
  renderOutputs,
  renderResource,
  renderWarnings,
  totals,
} from '#domain/plan/render.ts';
import type { ResourceSummary, Verb } from '#domain/plan/summarize.ts';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import { countsInWords, plural } from './counts.ts';
import { diagnosticVersions, type SourceTree } from './diagnostics.ts';
import { fence, html, inlineCode, link } from './escape.ts';
import type { PlanModel, Telling } from './note-model.ts';

/** What an approver must not miss stands first; what is only moved, taken over or read stands last. */
const ORDER: readonly Verb[] = ['other', 'delete', 'replace', 'forget', 'update', 'create', 'no-op', 'read'];

/** Destroyed and replaced resources first, otherwise in terraform's order. */
export function byGravity(resources: readonly ResourceSummary[]): ResourceSummary[] {
  return resources.toSorted((a, b) => ORDER.indexOf(a.verb) - ORDER.indexOf(b.verb));
}

/** A plan as the note folds it away. */
export interface ToldPlan {
  key: string;
  plan: PlanModel;
  isForecast: boolean;
  /** What terraform warned of while it planned. */
  diagnostics: readonly Diagnostic[];
  telling: Telling;
  tree: SourceTree;
  /** Where the whole plan is. */
  url: string;
}

const MOST_OF_ONE_PLAN = 16_000;
const MOST_OF_ONE_RESOURCE = 6_000;
const MOST_OF_VALUE = 500;
const MOST_NAMES = 100;

/**
 * One plan, folded away, in versions: left out, its resources by name, and attribute by attribute, before and after,
 * secrets hidden. A resource is shown whole or by its name, never in part.
 */
export function planVersions(told: ToldPlan): [string, ...string[]] {
  const { plan, telling } = told;
  const news = byGravity(plan.summary.resources.filter((each) => !isNoise(each, telling.volatile)));
  const names = fold(told, fence(forDiff(`${heads(news)}\n\n${totals(plan.summary)}`.trim()), 'diff'), '');
  const { text, left } = whole(told, news);
  const rest = left > 0 ? `${plural(left, 'more resource')}: ${link('see the whole plan', told.url)}.` : '';
  return ['', names, fold(told, fence(forDiff(text), 'diff'), rest)];
}

function fold(told: ToldPlan, text: string, rest: string): string {
  const { key, plan, isForecast, url } = told;
  const forecast = isForecast ? ' (forecast)' : '';
  const quiet = noiseOf(told).length;
  const ofNoise = quiet > 0 ? `, ${quiet} only in volatile tags` : '';
  return [
    `<details><summary><code>${html(key)}</code>: ${countsInWords(plan.summary.counts)}${ofNoise}${forecast}</summary>`,
    text,
    rest,
    noise(told),
    warnings(told),
    digest(plan, url),
    '</details>',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function digest({ digest: of }: PlanModel, url: string): string {
  return of === ''
    ? link('The plan by itself', url)
    : `Plan digest \`${of}\` · ${link('the plan by itself', url)}`;
}

function heads(resources: readonly ResourceSummary[]): string {
  const lines = resources.slice(0, MOST_NAMES).map((each) => renderHead(each));
  const more = resources.length - lines.length;
  return [...lines, ...(more > 0 ? [`(${plural(more, 'more resource')})`] : [])].join('\n');
}

/** Blocks as far as there is room, each whole; of a resource that is a page by itself only the head. */
function whole({ plan }: ToldPlan, resources: readonly ResourceSummary[]): { text: string; left: number } {
  const { summary } = plan;
  const brevity = { mostOfValue: MOST_OF_VALUE };
  const end = [
    ...renderOutputs(summary, brevity),
    ...renderWarnings(summary),
    ...renderDrift(summary, brevity),
  ];
  const last = [...end.filter((block) => block.length <= MOST_OF_ONE_RESOURCE), totals(summary)];
  const shown: string[] = [];
  let used = 0;
  for (const resource of resources) {
    const inFull = renderResource(resource, brevity);
    const block =
      inFull.length <= MOST_OF_ONE_RESOURCE
        ? inFull
        : `${renderHead(resource)}\n    (${plural(resource.changes.length, 'attribute')}, too long to be shown here)`;
    if (used + block.length > MOST_OF_ONE_PLAN) break;
    used += block.length + 2;
    shown.push(block);
  }
  let room = MOST_OF_ONE_PLAN - used;
  const closing = last.filter((block) => (room -= block.length + 2) >= 0);
  return { text: [...shown, ...closing].join('\n\n'), left: resources.length - shown.length };
}

/** Moves the sign to the first column, where a diff is coloured by it. */
function forDiff(text: string): string {
  return text.replaceAll(/^( +)([-+~])(?= )/gm, '$2$1');
}

/** What differs in nothing but volatile attributes, by name, so that it neither hides nor drowns the rest. */
function noise(told: ToldPlan): string {
  const quiet = noiseOf(told);
  if (quiet.length === 0) return '';
  const lines = quiet.slice(0, MOST_NAMES).map(({ address, changes }) => {
    const names = changes.map(({ path }) => attributeName(path));
    return `${address}: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
  });
  const more = quiet.length - lines.length;
  return [
    `<details><summary>Only volatile tags: ${plural(quiet.length, 'resource')}</summary>`,
    fence([...lines, ...(more > 0 ? [`(${more} more)`] : [])].join('\n')),
    '</details>',
  ].join('\n\n');
}

function noiseOf({ plan, telling }: ToldPlan): ResourceSummary[] {
  return plan.summary.resources.filter((each) => isNoise(each, telling.volatile));
}

function warnings({ diagnostics, tree }: ToldPlan): string {
  const found = diagnostics.filter(({ severity }) => severity === 'warning');
  const shown = diagnosticVersions(found, tree).at(-1) ?? '';
  if (shown === '') return '';
  return [
    `<details><summary>${plural(found.length, 'warning')} of terraform</summary>`,
    shown,
    '</details>',
  ].join('\n\n');
}

/** What the note says of the plans that it has no room for. */
export function plansLeftOut(keys: readonly string[], pageUrl: string): string {
  if (keys.length === 0) return '';
  const shown = keys
    .slice(0, 5)
    .map((key) => inlineCode(key))
    .join(', ');
  const more = keys.length > 5 ? ` and ${keys.length - 5} more` : '';
  return `Not shown here for want of room: ${shown}${more}. ${link('See every plan', pageUrl)}.`;
}
