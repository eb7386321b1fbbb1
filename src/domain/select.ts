import type { Selector } from './command/selector.ts';
import { nearest } from './nearest.ts';
import { matchesPath } from './path-match.ts';
import type { ProjectTarget } from './project.ts';

/** Whether a command with this selector is about the project; without a selector it is about every one. */
export function isSelected(
  { key, name, dir, workspace }: Pick<ProjectTarget, 'key' | 'name' | 'dir' | 'workspace'>,
  selector: Selector | undefined,
): boolean {
  if (selector === undefined) return true;
  if (selector.project !== undefined)
    return matchesPath(selector.project, name) || matchesPath(selector.project, key);
  return (
    (selector.dir === undefined || matchesPath(selector.dir, dir)) &&
    (selector.workspace === undefined || matchesPath(selector.workspace, workspace))
  );
}

/** The selector as it is typed, for sentences. */
export function selectorText({ dir, workspace, project }: Selector): string {
  const part = (flag: string, value: string | undefined) => (value === undefined ? [] : [`${flag} ${value}`]);
  return [...part('-p', project), ...part('-d', dir), ...part('-w', workspace)].join(' ');
}

/** The selector that was probably meant where one fits nothing, as it is typed: each part as the nearest there is. */
export function similarSelector(
  projects: readonly Pick<ProjectTarget, 'key' | 'name' | 'dir' | 'workspace'>[],
  { dir, project, workspace }: Selector,
): string | undefined {
  const near = (part: keyof Selector, typed: string | undefined, known: readonly string[]): Selector => {
    if (typed === undefined) return {};
    return {
      [part]: known.includes(typed) ? typed : (nearest(typed, known) ?? atTheEnd(typed, known) ?? typed),
    };
  };
  const all = (part: 'dir' | 'workspace') => projects.map((each) => each[part]);
  const namesAndKeys = projects.flatMap(({ key, name }) => [name, key]);
  const meant = {
    ...near('project', project, namesAndKeys),
    ...near('dir', dir, all('dir')),
    ...near('workspace', workspace, all('workspace')),
  };
  return projects.some((each) => isSelected(each, meant)) ? selectorText(meant) : undefined;
}

/** People type the last part of a folder for the whole of it. */
function atTheEnd(typed: string, known: readonly string[]): string | undefined {
  const [only, ...others] = new Set(known.filter((each) => each.endsWith(`/${typed}`)));
  return others.length === 0 ? only : undefined;
}
