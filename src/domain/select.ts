import type { Selector } from './command/selector.ts';
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
