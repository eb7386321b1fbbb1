import { posix } from 'node:path';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import { plural } from './counts.ts';
import { fence, inlineCode, link, oneLine, shortened } from './escape.ts';

/** Where the files that diagnostics name are found. */
export interface SourceTree {
  /** Address of the merge request and commit that was planned, for links to the lines; no links without. */
  mergeRequestUrl: string;
  headSha: string | undefined;
  /** Where the whole output is. */
  logUrl: string;
}

const MOST_SHOWN = 10;
const MOST_LINES_OF_DETAIL = 25;
const MOST_OF_LINE = 400;

/**
 * What terraform found wrong, each with its place, the failing line and what terraform says about it. The shortest
 * version is a line of text, the longest has ten diagnostics in full; none is cut.
 */
export function diagnosticVersions(
  diagnostics: readonly Diagnostic[],
  tree: SourceTree,
): [string, ...string[]] {
  const [first, ...others] = diagnostics;
  if (first === undefined) return [''];
  const more = others.length > 0 ? ` and ${plural(others.length, `more ${first.severity}`)}` : '';
  const brief = `${placeOf(first, tree)}${inlineCode(first.summary, 200)}${more}. ${link('All of the output', tree.logUrl)}.`;
  const shown = diagnostics.slice(0, MOST_SHOWN);
  const left = diagnostics.length - shown.length;
  const rest = left > 0 ? `${plural(left, 'more problem')}: ${link('all of the output', tree.logUrl)}.` : '';
  const one = [
    block(first, tree),
    more === ''
      ? ''
      : `There ${others.length === 1 ? 'is' : 'are'}${more.replace(' and', '')}: ${link('all of the output', tree.logUrl)}.`,
  ];
  const full = [...shown.map((each) => block(each, tree)), rest];
  const join = (parts: readonly string[]) => parts.filter((part) => part !== '').join('\n\n');
  return others.length === 0 ? [brief, join(full)] : [brief, join(one), join(full)];
}

/** A diagnostic as terraform prints it, with a link to the line above. */
function block(diagnostic: Diagnostic, tree: SourceTree): string {
  const { severity, summary, address, context } = diagnostic;
  const kind = severity === 'error' ? 'Error' : 'Warning';
  const about = [
    ...(address === undefined ? [] : [`   with ${oneLine(address)}`]),
    ...(context === undefined ? [] : [`   in ${oneLine(context)}`]),
  ];
  const snippet = snippetOf(diagnostic);
  const { lines, left } = detailOf(diagnostic);
  const text = [`${kind}: ${oneLine(summary)}`, ...spaced([...about, ...snippet]), ...spaced(lines)].map(
    (line) => shortened(line, MOST_OF_LINE),
  );
  const rest = left > 0 ? `\n${plural(left, 'more line')} in ${link('the output', tree.logUrl)}.` : '';
  return `${placeOf(diagnostic, tree).trim()}\n\n${fence(text.join('\n'))}${rest}`.trim();
}

function spaced(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}

/** The source lines, numbered, the failing one marked. */
function snippetOf({ code, line }: Diagnostic): string[] {
  if (code === undefined || line === undefined) return [];
  const lines = code.replaceAll('\r', '').split('\n');
  const width = String(line + lines.length - 1).length;
  return lines
    .slice(0, MOST_LINES_OF_DETAIL)
    .map((text, at) => ` ${at === 0 ? '>' : ' '} ${String(line + at).padStart(width)}: ${text}`);
}

function detailOf({ detail }: Diagnostic): { lines: string[]; left: number } {
  const lines = detail.trim() === '' ? [] : detail.trim().split(/\r?\n/);
  return {
    lines: lines.slice(0, MOST_LINES_OF_DETAIL),
    left: Math.max(0, lines.length - MOST_LINES_OF_DETAIL),
  };
}

/** "`fin/prod/main.tf:12` ", linked to the line on GitLab; empty when terraform named no file. */
function placeOf({ file, line }: Diagnostic, { mergeRequestUrl, headSha }: SourceTree): string {
  if (file === undefined) return '';
  const path = posix.normalize(file);
  const name = inlineCode(line === undefined ? path : `${path}:${line}`, 300);
  const [project, rest] = mergeRequestUrl.split('/-/merge_requests/');
  const isInTree = !path.startsWith('..') && !path.startsWith('/') && !path.includes('.terraform/');
  if (rest === undefined || project === undefined || headSha === undefined || !isInTree) return `${name} `;
  const segments = path.split('/').map((part) => encodeURIComponent(part));
  const anchor = line === undefined ? '' : `#L${line}`;
  return `${link(name, `${project}/-/blob/${headSha}/${segments.join('/')}${anchor}`)} `;
}
