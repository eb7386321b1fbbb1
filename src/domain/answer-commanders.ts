import type { Change } from './change.ts';
import type { Project } from './project.ts';
import type { Decision } from './decision.ts';
import type { Effect } from './effect.ts';

/**
 * Whoever commanded an apply is told how it goes on, in the one answer their comment has: the refusals of the projects
 * whose gates said no, else where every project of the change stands now.
 */
export function answerCommanders(before: Change, { change, refusals }: Decision): readonly Effect[] {
  const moved = before.projects.flatMap((project, i) => {
    const noteId = noteOf(project);
    const now = change.projects[i];
    const rests = now !== undefined && now.status !== project.status && now.status !== 'gating';
    return noteId !== undefined && rests
      ? [{ noteId, key: project.key, wasGating: project.status === 'gating' }]
      : [];
  });
  const notes = [...new Set(moved.map(({ noteId }) => noteId))];
  return notes.map((noteId): Effect => {
    const asked = new Set(
      moved.filter((each) => each.noteId === noteId && each.wasGating).map(({ key }) => key),
    );
    const refused = refusals.filter(({ project }) => project !== undefined && asked.has(project));
    const base = { type: 'answer-command', noteId, command: { verb: 'apply' } } as const;
    if (refused.length > 0) return { ...base, outcome: { kind: 'refused', refusals: refused } };
    return { ...base, outcome: { kind: 'accepted', doing: standing(change) } };
  });
}

/** "a and b are being applied, c is ready to be applied" */
function standing({ projects }: Change): string {
  const byWord = Map.groupBy(projects, ({ status }) => WORDS[status] ?? status);
  return [...byWord]
    .map(([word, alike]) => {
      const keys = alike.map(({ key }) => key);
      const last = keys.pop() ?? '';
      return keys.length === 0 ? `${last} is ${word}` : `${keys.join(', ')} and ${last} are ${word}`;
    })
    .join(', ');
}

/** Where a status word alone would not be a sentence. */
const WORDS: Partial<Record<Project['status'], string>> = {
  'awaiting-approval': 'waiting for approval',
  'apply-failed': 'not applied: its apply failed',
  'apply-interrupted': 'in an unknown state: its apply was interrupted',
  'applied-unmerged': 'applied and not merged yet',
  'no-changes': 'without changes',
  planning: 'being planned again',
  applying: 'being applied',
  ready: 'ready to be applied',
};

/** The comment that asked for what the project is doing. */
function noteOf(project: Project): number | undefined {
  if (project.status === 'applying') return project.command?.noteId;
  return project.status === 'gating' && project.purpose.kind === 'apply'
    ? project.purpose.command?.noteId
    : undefined;
}
