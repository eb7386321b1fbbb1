import { approvalInForce } from './approval.ts';
import type { Change, RequestedProjects, Revision, WaitingCommand } from './change.ts';
import { nothingSelected } from './command-refusals.ts';
import { refuse } from './commanded/answer.ts';
import type { Project, ProjectTarget } from './project.ts';
import { type Decision, signal, undisturbed, withChange, withEffects, withEntry } from './decision.ts';
import type { CommandOutcome, Effect } from './effect.ts';
import type { MergeRequestReading } from './fact.ts';
import type { Signal } from './lifecycle/step.ts';
import { goesOnAfterMerge, isOver, missedByMerge } from './over.ts';
import type { Refusal } from './refusal.ts';
import { isSelected } from './select.ts';
import { busy, takeOutOfReview, withdraw } from './ticket-steps.ts';

/** The merge request was read again: over, refused, as before, or at a head that needs a new revision. */
export function onMergeRequestRead(change: Change, reading: MergeRequestReading, at: string): Decision {
  const seen: Change = {
    ...change,
    url: reading.url,
    title: reading.title,
    description: reading.description,
    author: reading.author,
    ...(reading.openedForAuthor === undefined ? {} : { openedForAuthor: reading.openedForAuthor }),
    ...(reading.telling === undefined ? {} : { telling: reading.telling }),
  };
  // What is merged stays merged; a reading that says otherwise is an old one.
  if (change.merge.status === 'merged') return undisturbed(seen);
  switch (reading.state) {
    case 'merged':
      return onMerged(seen, reading.mergedSha, at);
    case 'closed':
      return change.merge.status === 'closed'
        ? undisturbed(seen)
        : withChange(undisturbed(seen), { merge: { status: 'closed', at } });
    case 'open':
      return onOpen(seen, reading, at);
  }
}

/** The merge is known; what that means for the projects is settled with the rest. */
export function onMerged(change: Change, sha: string | undefined, at: string): Decision {
  const merged = withChange(undisturbed(change), { merge: { status: 'merged', sha, at } });
  const compared = tellLeftBehind(withEffects(merged, { type: 'compare-after-merge' }));
  if (isOver(compared.change)) return compared;
  // Once merged it is no draft any more, and whatever else kept it from being planned is past as well.
  const { notAdmitted: _, ...admitted } = compared.change;
  const rest = signal({ ...compared, change: admitted }, at, { type: 'merged' }, isLeftBehind);
  return approvalInForce(rest.change) === undefined
    ? rest
    : signal(rest, at, { type: 'approved' }, goesOnAfterMerge);
}

/** Nobody can take a merge back: that it went past what was to be applied before it is on record. */
function tellLeftBehind(decision: Decision): Decision {
  const projects = decision.change.projects.filter(missedByMerge);
  return projects.length === 0
    ? decision
    : withEntry(decision, 'merged-unapplied', { projects: projects.map(({ key }) => key) });
}

/** It was to be applied before the merge, and was not; what is applied beside what the merge sets off stays with that. */
function isLeftBehind(project: Project): boolean {
  return !goesOnAfterMerge(project) && project.status !== 'applied' && project.status !== 'no-changes';
}

function onOpen(change: Change, reading: MergeRequestReading, at: string): Decision {
  if (reading.notAdmitted !== undefined) return refuseAdmission(change, reading, reading.notAdmitted, at);
  const { contents } = reading;
  if (contents === undefined) return undisturbed(change);
  const { notAdmitted: _, newerHead: __, ...admitted } = change;
  if (!needsRevision(admitted, reading, contents.configurationHash))
    return answerRequested(learnPushers(undisturbed(admitted), contents.pushers, at));
  return busy(change)
    ? waitWithHead(withChange(undisturbed(admitted), newerHeadOf(change)), reading.headSha, at)
    : answerRequested(openRevision(admitted, reading, contents, at));
}

/** Who pushed the revision is told late where GitLab had not written it down yet: what waits for that is asked again. */
function learnPushers(decision: Decision, pushers: Revision['pushers'], at: string): Decision {
  const { revision } = decision.change;
  if (revision === undefined || revision.pushers !== undefined || pushers === undefined) return decision;
  return signal(withChange(decision, { revision: { ...revision, pushers } }), at, {
    type: 'surroundings-changed',
    source: 'sweep',
  });
}

/** Whoever asked for a project that the merge request does not touch learns whether the repository has it. */
function answerRequested(decision: Decision): Decision {
  const { projects, requested } = decision.change;
  const found = ({ select }: RequestedProjects) => projects.filter((each) => isSelected(each, select));
  const answers = requested
    .filter(({ answered }) => answered !== true)
    .map((asked): Effect => {
      const keys = found(asked).map(({ key }) => key);
      const { noteId, select } = asked;
      const outcome: CommandOutcome =
        keys.length > 0
          ? { kind: 'accepted', doing: `planned with the rest: ${keys.slice(0, 5).join(', ')}` }
          : { kind: 'refused', refusals: [nothingSelected(decision.change, select)] };
      return { type: 'answer-command', noteId, command: { verb: 'plan', select }, outcome };
    });
  const kept = requested.filter((asked) => found(asked).length > 0);
  const known = withChange(decision, { requested: kept.map((asked) => ({ ...asked, answered: true })) });
  return answers.length === 0 ? decision : withEffects(known, ...answers);
}

function newerHeadOf({ newerHead }: Change): Partial<Change> {
  return newerHead === undefined ? {} : { newerHead };
}

/** A newer head waits for the end of what is running; what is only queued is asked about again, and its gates say no. */
function waitWithHead(decision: Decision, headSha: string, at: string): Decision {
  if (decision.change.newerHead === headSha) return decision;
  const waiting = withChange(decision, { newerHead: headSha });
  return signal(waiting, at, askAgain);
}

function askAgain(project: Project): Signal {
  const evaluationId = 'evaluationId' in project ? project.evaluationId : '';
  return { type: 'evaluation-stale', evaluationId };
}

function needsRevision(change: Change, reading: MergeRequestReading, configurationHash: string): boolean {
  const { revision } = change;
  return (
    revision === undefined ||
    change.merge.status === 'closed' ||
    revision.headSha !== reading.headSha ||
    revision.targetBranch !== reading.targetBranch ||
    revision.configurationHash !== configurationHash ||
    (revision.boundToTarget === true && revision.targetSha !== reading.targetSha)
  );
}

function refuseAdmission(
  change: Change,
  reading: MergeRequestReading,
  { code, reason, problems }: NonNullable<MergeRequestReading['notAdmitted']>,
  at: string,
): Decision {
  const refused = withChange(undisturbed(change), {
    notAdmitted: {
      code,
      reason,
      headSha: reading.headSha,
      ...(problems === undefined
        ? {}
        : { problems, target: { branch: reading.targetBranch, sha: reading.targetSha } }),
    },
  });
  const { revision } = change;
  if (revision === undefined) return refused;
  if (revision.headSha === reading.headSha && revision.targetBranch === reading.targetBranch)
    return setAside(refused, reason);
  if (busy(change)) return waitWithHead(refused, reading.headSha, at);
  const { change: gone, ...rest } = withEffects(takeOutOfReview(refused, reason), ...stopPlans(change));
  const { revision: _, ...without } = gone;
  return { ...rest, change: { ...without, projects: [], release: { status: 'none' } } };
}

/** The same commits, which nobody is to review for now: a draft, say. What was begun under the ticket goes its own way. */
function setAside(decision: Decision, reason: string): Decision {
  const { ticket } = decision.change;
  if (ticket.status !== 'open' || ticket.spent || ticket.review.status === 'withdrawn') return decision;
  return withdraw(decision, reason);
}

function openRevision(
  change: Change,
  reading: MergeRequestReading,
  contents: NonNullable<MergeRequestReading['contents']>,
  at: string,
): Decision {
  const number = change.counters.revisions + 1;
  const revision: Revision = {
    number,
    headSha: reading.headSha,
    baseSha: contents.baseSha,
    targetBranch: reading.targetBranch,
    targetSha: reading.targetSha,
    sourceBranch: reading.sourceBranch,
    commitAuthors: contents.commitAuthors,
    committers: contents.committers,
    pushers: contents.pushers,
    configurationHash: contents.configurationHash,
    ...(contents.boundToTarget === undefined ? {} : { boundToTarget: contents.boundToTarget }),
    ...(contents.mergeAfterApply === undefined ? {} : { mergeAfterApply: contents.mergeAfterApply }),
    ...(contents.parallelism === undefined ? {} : { parallelism: contents.parallelism }),
    ...(contents.warnings === undefined || contents.warnings.length === 0
      ? {}
      : { warnings: contents.warnings }),
    openedAt: at,
  };
  const superseding = withEffects(
    undisturbed({
      ...change,
      revision,
      merge: { status: 'open' },
      counters: { ...change.counters, revisions: number },
    }),
    ...stopPlans(change),
  );
  const unreviewed = takeOutOfReview(
    superseding,
    `revision ${number} at ${reading.headSha.slice(0, 12)} took its place`,
  );
  const told = refuseApplies(unreviewed, revision);
  const opened = withEntry(told, 'revision-opened', { revision: number, headSha: revision.headSha });
  return startProjects(
    withChange(opened, { release: { status: 'none' }, wave: 0, projects: [] }),
    contents.projects,
    at,
  );
}

/** Whoever wanted it applied meant the commits they saw. A wish for a plan is one for whatever is there. */
function refuseApplies(decision: Decision, { headSha, number }: Revision): Decision {
  const { waiting } = decision.change;
  const refusal: Refusal = {
    code: 'stale',
    reason: `it waited for its turn, and revision ${number} at ${headSha.slice(0, 12)} took the place of what it was about`,
    remedy: 'look at the new plan, and comment `countersign apply` again',
  };
  const isApply = ({ command }: WaitingCommand) => command.verb === 'apply';
  const kept = waiting.filter((each) => !isApply(each));
  return waiting
    .filter(isApply)
    .reduce(
      (told, each) => refuse(told, each.command, each, [refusal]),
      withChange(decision, { waiting: kept }),
    );
}

/** All are planned at once, but those that want the approval number while no ticket has one. */
function startProjects(decision: Decision, targets: readonly ProjectTarget[], at: string): Decision {
  const projects: Project[] = targets.map((target) => ({ ...target, status: 'opening-ticket' }));
  const listed = withChange(decision, { projects });
  return signal(listed, at, { type: 'ticket-opened' });
}

function stopPlans(change: Change): Effect[] {
  return change.projects.flatMap((project) =>
    project.status === 'planning' ? [{ type: 'stop-plan', planRunId: project.planRunId } as const] : [],
  );
}
