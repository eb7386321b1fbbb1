import { differsUnseen, type PlanDifference } from '#domain/plan/compare.ts';
import { renderDifference } from '#domain/plan/render-difference.ts';
import { plural } from './counts.ts';
import { fence, html, inlineCode, link } from './escape.ts';
import type { Part } from './fit.ts';
import { projectUrl } from './note-model.ts';

/** The present plan of a project beside the one that was approved, or else the one before. */
export interface PlanComparison {
  key: string;
  /** Absent when there is no other plan, or none at present. */
  base?: { isApproved: boolean; at: string; revision: number };
  difference?: PlanDifference;
  hasPlan: boolean;
  /** It was approved with the change and is no part of it any more. */
  isGone?: true;
}

const MOST_OF_VALUE = 500;
const MOST_OF_ONE = 16_000;
/** This much stands open; more is folded away. */
const MOST_OPEN = 4_000;

/** What changed in each plan since the approved, else the previous one: resource by resource. */
export function diffParts(comparisons: readonly PlanComparison[], pageUrl: string): Part[] {
  return comparisons.map((each): Part => ({ versions: versionsOf(each, pageUrl), importance: 1 }));
}

function versionsOf(comparison: PlanComparison, pageUrl: string): [string, ...string[]] {
  const { difference, key } = comparison;
  const lead = `${inlineCode(key)}: ${differenceInWords(comparison)}`;
  if (difference === undefined) return [lead];
  const blocks = renderDifference(difference, { mostOfValue: MOST_OF_VALUE });
  if (blocks.length === 0) return [lead];
  const shown = blocks.filter(roomFor(MOST_OF_ONE));
  const left = blocks.length - shown.length;
  const rest =
    left > 0 ? `${plural(left, 'more difference')}: ${link('see the plan', projectUrl(pageUrl, key))}.` : '';
  const text = shown.join('\n\n');
  const block = [fence(text, 'diff'), rest].filter((part) => part !== '').join('\n\n');
  const told =
    text.length <= MOST_OPEN
      ? block
      : `<details><summary><code>${html(key)}</code></summary>\n\n${block}\n\n</details>`;
  return [lead, `${lead}\n\n${told}`];
}

function roomFor(most: number): (text: string) => boolean {
  let room = most;
  return (text) => {
    room -= text.length + 2;
    return room >= 0;
  };
}

/** What is different about the plan, as a sentence without the project's name. */
export function differenceInWords({ base, difference, hasPlan, isGone }: PlanComparison): string {
  if (isGone === true)
    return `was approved in revision ${base?.revision ?? 0} and is no part of this change any more.`;
  if (!hasPlan) return 'has no plan at present, so there is nothing to compare.';
  if (base === undefined || difference === undefined)
    return 'this is its first plan, so there is nothing to compare it with.';
  const which = base.isApproved ? 'the approved plan' : 'the previous plan';
  const since = `${which} of revision ${base.revision} (${base.at.slice(0, 16).replace('T', ' ')} UTC)`;
  if (difference.isEqual) return `equal to ${since}.`;
  if (differsUnseen(difference))
    return `shows the same resources as ${since}, but is not equal to it: hidden values, provisioners or the code of modules differ.`;
  return `since ${since}, ${countsOf(difference)}.`;
}

function countsOf({ added, changed, dropped, outputs, same }: PlanDifference): string {
  const parts: [number, string][] = [
    [added.length, 'new in the plan'],
    [changed.length, 'planned differently'],
    [dropped.length, 'no longer in the plan'],
  ];
  const told = parts.filter(([n]) => n > 0).map(([n, what]) => `${plural(n, 'resource')} ${what}`);
  if (outputs.length > 0) told.push(plural(outputs.length, 'output'));
  return `${told.join(', ')}; ${same} alike`;
}
