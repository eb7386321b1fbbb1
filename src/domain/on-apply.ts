import { approvalInForce, approvalNamed } from './approval.ts';
import type { Change } from './change.ts';
import { type Decision, signal, undisturbed, withChange, withEffects, withRefusals } from './decision.ts';
import type { FactOf, GateVerdict } from './fact.ts';
import { useGlass } from './glass.ts';
import { noteMandate } from './in-advance.ts';
import type { Signal } from './lifecycle/step.ts';
import { withUses } from './mandate-uses.ts';
import { tagIsRight } from './on-release-tag.ts';
import { askOn, planAnew, refuseVerdict } from './on-ticket.ts';
import { disputed, settleObjections } from './objections.ts';
import type { Project } from './project.ts';
import { releaseTagName } from './release-tag.ts';
import { busy } from './ticket-steps.ts';

/** The gates have answered for some projects; an answer to a question nobody asks any more is dropped. */
export function onGatesEvaluated(change: Change, fact: FactOf<'gates-evaluated'>, at: string): Decision {
  const current = fact.verdicts.filter((verdict) =>
    change.projects.some((project) => project.key === verdict.project && isAsked(project, verdict)),
  );
  // While an attempt is ready to start the ticket stays what it is; what was found of it is found again after its end.
  const judging = current.filter(({ project }) => !isClaimed(change, project));
  const refused = judging.find((verdict) => verdict.verdictRefused !== undefined)?.verdictRefused;
  const asksOn = judging.find((verdict) => verdict.asksOn !== undefined)?.asksOn;
  // First, so that no project goes on what another's gates have just found not to count.
  const asked =
    approvalInForce(change) === undefined
      ? undisturbed(change)
      : noteMandate(judgedApproval(noteDispute(change, judging), refused, asksOn), current);
  const told = current.reduce(
    (decision, verdict) =>
      signal(
        decision,
        at,
        { type: 'gates-evaluated', verdict },
        (project) => project.key === verdict.project,
      ),
    asked,
  );
  return plannedAgain(settleObjections(told, current), judging, at);
}

/** What of it has to be planned again, unless something of the change runs: then it is found once more after that. */
function plannedAgain(decision: Decision, verdicts: readonly GateVerdict[], at: string): Decision {
  const again = verdicts.filter(({ planAgain }) => planAgain !== undefined);
  const [first] = again;
  if (first?.planAgain === undefined || busy(decision.change)) return decision;
  const keys = again.map(({ project }) => project);
  return planAnew(decision, first.planAgain, keys, at);
}

/** What the gates found of the approval itself. */
function judgedApproval(
  decision: Decision,
  refused: GateVerdict['verdictRefused'],
  asksOn: GateVerdict['asksOn'],
): Decision {
  if (refused !== undefined) return refuseVerdict(decision, refused);
  return asksOn === undefined ? decision : askOn(decision, asksOn);
}

function noteDispute(change: Change, verdicts: readonly GateVerdict[]): Decision {
  const isDisputed = verdicts.some((verdict) => verdict.disputed === true);
  return isDisputed ? disputed(undisturbed(change)) : undisturbed(change);
}

function isClaimed({ projects }: Change, key: string): boolean {
  return projects.some(
    (project) => project.key === key && project.status === 'applying' && project.phase === 'claimed',
  );
}

/** It waits for this very answer, or for its turn with an older one that this renews. */
function isAsked(project: Project, { evaluationId, renews }: GateVerdict): boolean {
  if (project.status === 'gating') return project.evaluationId === evaluationId;
  if (project.status !== 'applying') return false;
  return project.phase === 'queued'
    ? project.evaluationId === renews
    : project.renewing?.evaluationId === evaluationId;
}

/**
 * From the first claim on the ticket is spent: a later revision asks under a new number. A claim for an attempt that is
 * no longer wanted, or that somebody else claimed, is refused, and whoever made it must not start anything.
 */
export function onAttemptClaimed(change: Change, fact: FactOf<'attempt-claimed'>, at: string): Decision {
  const wanted = change.projects.find(
    (each) =>
      each.key === fact.project &&
      each.status === 'applying' &&
      each.phase === 'queued' &&
      each.attemptId === fact.attemptId &&
      each.plan.bundleHash === fact.bundleHash &&
      approvalNamed(change, each.approval, each.key) !== undefined,
  );
  if (wanted?.status !== 'applying') {
    const reason = `attempt ${fact.attemptId} is not wanted any more`;
    return withRefusals(undisturbed(change), { code: 'stale', reason, remedy: '', project: fact.project });
  }
  const { ticket } = change;
  const spent =
    ticket.status === 'open'
      ? withChange(undisturbed(change), { ticket: { ...ticket, spent: true } })
      : undisturbed(change);
  const claimed: Signal = { type: 'attempt-claimed', attemptId: fact.attemptId };
  const begun = wanted.approval.kind === 'break-glass' ? useGlass(spent, at) : spent;
  return signal(withUses(begun, change, wanted), at, claimed, (project) => project.key === fact.project);
}

/** The last word before terraform starts: refused when the attempt was given up meanwhile, and then nothing may start. */
export function onAttemptStarted(
  change: Change,
  { attemptId, project }: FactOf<'attempt-started'>,
): Decision {
  const claimed = change.projects.some(
    (each) => each.status === 'applying' && each.phase === 'claimed' && each.attemptId === attemptId,
  );
  if (claimed) return undisturbed(change);
  const reason = `attempt ${attemptId} was given up before terraform started`;
  return withRefusals(undisturbed(change), { code: 'stale', reason, remedy: '', project });
}

/** The tag's message is fixed here, in the transaction that asks for the tag. */
export function onReleasePrepared(change: Change, fact: FactOf<'release-prepared'>): Decision {
  const { release, revision, ticket } = change;
  if (
    release.status !== 'preparing' ||
    revision === undefined ||
    ticket.status === 'none' ||
    ticket.status === 'opening'
  ) {
    return undisturbed(change);
  }
  const tag = releaseTagName(ticket.key);
  const making = { tag, sha: revision.headSha, message: fact.message };
  return withEffects(withChange(undisturbed(change), { release: { status: 'tagging', ...making } }), {
    type: 'tag-release',
    ...making,
  });
}

/** The tag stands. One that was asked for by an earlier revision says nothing about this one. */
export function onReleaseTagged(change: Change, fact: FactOf<'release-tagged'>, at: string): Decision {
  const { release } = change;
  const asked = release.status === 'tagging' || release.status === 'refused';
  if (!asked || release.tag !== fact.tag || release.sha !== fact.sha) return undisturbed(change);
  const { tag, sha } = fact;
  return withChange(tagIsRight(undisturbed(change), tag), { release: { status: 'tagged', tag, sha, at } });
}

export function onReleaseRefused(change: Change, fact: FactOf<'release-refused'>): Decision {
  const { release } = change;
  if (release.status !== 'tagging' || release.tag !== fact.tag) return undisturbed(change);
  return withChange(undisturbed(change), {
    release: { ...release, status: 'refused', reason: fact.reason },
  });
}

/**
 * GitLab refused the merge; what is applied stays applied, and the merge is tried again. A merge that an earlier revision
 * asked for says nothing about this one.
 */
export function onMergeRefused(change: Change, fact: FactOf<'merge-refused'>, at: string): Decision {
  if (change.merge.status !== 'merging' && change.merge.status !== 'refused') return undisturbed(change);
  const tries = change.merge.status === 'refused' ? change.merge.tries + 1 : 1;
  const refused = withChange(undisturbed(change), {
    merge: { status: 'refused', reason: fact.reason, tries, at },
  });
  return signal(refused, at, { type: 'merge-refused', reason: fact.reason });
}

/** A tag that was refused is tried again once something moved: what took its name may be gone. */
export function retryTag(decision: Decision): Decision {
  const { release } = decision.change;
  if (release.status !== 'refused') return decision;
  const { tag, sha, message } = release;
  const tagging = withChange(decision, { release: { status: 'tagging', tag, sha, message } });
  return withEffects(tagging, { type: 'tag-release', tag, sha, message });
}
