import type { Actor } from '#domain/audit/actor.ts';
import type { AuditEntryInput } from '#domain/audit/entry.ts';
import { changeStatus } from '#domain/change-status.ts';
import type { Change } from '#domain/change.ts';
import type { Decision } from '#domain/decision.ts';
import type { Fact } from '#domain/fact.ts';
import { particularsOf } from '#domain/particulars.ts';
import { plainJson } from './plain-json.ts';

/** What the audit log says of a fact: its own entry first, then what it led to that an auditor will ask for by name. */
export function entriesOf(
  { actor, fact, requestId }: { actor: Actor; fact: Fact; requestId?: string },
  before: Change,
  decision: Decision,
): AuditEntryInput[] {
  const { change } = decision;
  const base = { actor, subject: subjectOf(change, fact), ...(requestId === undefined ? {} : { requestId }) };
  const { type, ...details } = fact;
  const own = {
    ...base,
    type,
    payload: plainJson({
      ...details,
      ...particularsOf(fact, before, change),
      status: { before: changeStatus(before), after: changeStatus(change) },
      effects: decision.effects.map((effect) => effect.type),
      refusals: decision.refusals,
    }),
  };
  const others = decision.entries.map((entry) => ({
    ...base,
    type: entry.type,
    payload: plainJson(entry.details),
  }));
  return [own, ...others];
}

function subjectOf(change: Change, fact: Fact): AuditEntryInput['subject'] {
  const { ticket, mergeRequest, revision } = change;
  return {
    changeId: change.id,
    mergeRequest: `${mergeRequest.repository}!${mergeRequest.iid}`,
    ...(revision === undefined ? {} : { revision: String(revision.number) }),
    ...('key' in ticket ? { approvalId: ticket.key } : {}),
    ...('project' in fact ? { project: fact.project } : {}),
    ...('attemptId' in fact ? { attemptId: fact.attemptId } : {}),
    ...('planRunId' in fact ? { planRunId: fact.planRunId } : {}),
  };
}
