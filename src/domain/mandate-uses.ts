import { approvalNamed } from './approval.ts';
import type { Change } from './change.ts';
import { type Decision, withEntry } from './decision.ts';
import type { MandateRef } from './mandate.ts';
import { matchesPath } from './path-match.ts';
import type { Applying, Asker } from './project.ts';

/** What the entry of a use says: which mandate, for what. */
export interface MandateUsed extends MandateRef {
  project: string;
  /** The attempt, or the comment. */
  reference: string;
}

/** Enters the mandates under which an attempt goes: the approval's, and that of whoever commanded it. */
export function withUses(decision: Decision, change: Change, project: Applying): Decision {
  const approval = approvalNamed(change, project.approval, project.key);
  const approved = approval?.kind === 'standing' ? approval.mandate : undefined;
  const granted = project.command === undefined ? undefined : grantFor(project.command.by, project.dir);
  const reference = project.attemptId;
  return [approved, granted]
    .filter((each) => each !== undefined)
    .reduce((done, mandate) => entered(done, { ...mandate, project: project.key, reference }), decision);
}

/** Enters that a command was given by virtue of granted rights, where it was. */
export function withGrantUsed(
  decision: Decision,
  { by, noteId }: { by: Asker; noteId: number },
  project: string,
): Decision {
  const dir = decision.change.projects.find(({ key }) => key === project)?.dir;
  const mandate = dir === undefined || by.roles.includes('operator') ? undefined : grantFor(by, dir);
  return mandate === undefined
    ? decision
    : entered(decision, { ...mandate, project, reference: `note-${noteId}` });
}

/** The grant by which somebody without the role is an operator of the project, if there is one. */
function grantFor({ grants = [], roles }: Asker, dir: string): MandateRef | undefined {
  if (roles.includes('operator')) return undefined;
  return grants.find(({ projects }) => projects.some((pattern) => matchesPath(pattern, dir)))?.mandate;
}

/** Whether somebody may do what operators do, in all these folders. */
export function operatesIn(by: Asker, dirs: readonly string[]): boolean {
  if (by.roles.includes('operator')) return true;
  return dirs.length > 0 && dirs.every((dir) => grantFor(by, dir) !== undefined);
}

function entered(decision: Decision, used: MandateUsed): Decision {
  return withEntry(decision, 'mandate-used', { ...used });
}
