import { plural } from './counts.ts';
import { clause, html, inlineCode } from './escape.ts';

/** Something in a configuration file, at `file:line:col`. */
interface Placed {
  place: string;
  what: string;
}

/** More of them mostly follow from the first ones. */
const MOST_SHOWN = 50;

/** What has to be mended in the configuration before anything is planned, a line for each place. */
export function problemList(
  notAdmitted: { reason: string; problems?: readonly Placed[] } | undefined,
): string {
  return placedList(notAdmitted?.problems ?? []);
}

/** What is odd in the configuration and stops nothing, folded away. */
export function warningFold(revision: { number: number; warnings?: readonly Placed[] } | undefined): string {
  const warnings = revision?.warnings ?? [];
  if (warnings.length === 0) return '';
  const title = html(plural(warnings.length, 'warning'));
  return `<details><summary>${title} about the configuration</summary>\n\n${placedList(warnings)}\n\n</details>`;
}

function placedList(problems: readonly Placed[]): string {
  const lines = problems
    .slice(0, MOST_SHOWN)
    .map(({ place, what }) => `- ${inlineCode(place, 300)}: ${clause(what)}`);
  const more = problems.length - lines.length;
  return [...lines, ...(more > 0 ? [`- and ${plural(more, 'more place')}.`] : [])].join('\n');
}
