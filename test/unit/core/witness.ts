import type { ApprovalRef, Change, Review } from '#domain/change.ts';
import type { Project } from '#domain/project.ts';
import { decide } from '#domain/decide.ts';
import type { EffectOf, EffectType } from '#domain/effect.ts';
import type { FactOf } from '#domain/fact.ts';
import { APPROVER, BOT } from './facts.ts';
import { deepFreeze, type Event } from './world.ts';

/**
 * Somebody who watches what happens and objects. It keeps its own books from the facts told and the effects asked for,
 * and uses none of the core's own judgements: two who reason alike would be wrong alike.
 */
export class Witness {
  /** What every tuple that was put in front of the approver said: project → plan digest and commit. */
  readonly #shown = new Map<string, Map<string, string>>();
  /** The tuple that stands approved on the ticket, as its changelog told. */
  #approved: string | undefined;
  /** The tuple that the ticket only tells, with nobody asked: approved once the gates name a mandate for it. */
  #prepared: string | undefined;
  #presented: { tuple: string; moveId: string } | undefined;
  /** Moves to Approved after which another was wanted. */
  readonly #tooFew = new Set<string>();
  /** At which head each comment was written. */
  readonly #commanded = new Map<number, string | undefined>();
  readonly #claimed = new Set<string>();
  /** What kind of approval the gates said they had judged when they let an attempt go: by attempt. */
  readonly #judged = new Map<string, ApprovalRef['kind'] | undefined>();
  readonly #revisions = new Set<string>();
  /** Who asked for which plans in an emergency: project → plan digest and commit; and what two people agreed on. */
  #asked: { by: string; plans: Map<string, string> } | undefined;
  #broken = new Map<string, string>();
  /** Tickets under which something was applied that nobody had approved. */
  readonly #owed = new Set<string>();
  /** Attempts that may have a process: project by attempt. */
  readonly #open = new Map<string, string>();
  readonly #planRuns = new Set<string>();
  readonly #evaluations = new Set<string>();
  /** Of the present revision: what each plan came to, and what was applied. */
  readonly #changes = new Map<string, boolean>();
  readonly #applied = new Set<string>();
  /** How many plan runs had been asked for when a project was applied. */
  readonly #runsBefore = new Map<string, number>();
  #runs = 0;
  /** Held projects, and those whose state nobody vouches for. */
  readonly #held = new Map<string, 'for its plan' | 'held' | 'quarantined'>();
  #head: string | undefined;

  watch(event: Event): void {
    this.#noRunIsNamedTwice(event);
    this.#opened(event);
    this.#planned(event);
    this.#heard(event);
    this.#onTicket(event);
    this.#emergency(event);
    this.#appliesOnlyWhatIsApproved(event);
    this.#claimsOnce(event);
    this.#leavesNoOpenAttempt(event);
    this.#tagsOnlyTheWhole(event);
    this.#keepsHolds(event);
    this.#reviewsOnlyThePresent(event);
    this.#answersEveryCommand(event);
    this.#appliesNothingTwice(event);
  }

  #noRunIsNamedTwice({ before, decision }: Event): void {
    this.#runs = before.counters.planRuns;
    for (const { planRunId } of asked(decision, 'run-plan')) once(this.#planRuns, planRunId);
    for (const { projects } of asked(decision, 'collect-evidence'))
      for (const { evaluationId } of projects) once(this.#evaluations, evaluationId);
  }

  /** A new head, as far as no attempt is open, is a new revision: nothing of the older one counts any more. */
  #opened({ before, decision }: Event): void {
    if (decision.change.revision === before.revision) return;
    if (this.#open.size > 0) object('a revision was replaced while an attempt was open');
    const { revision } = decision.change;
    if (revision !== undefined) once(this.#revisions, `revision ${revision.number}`);
    this.#head = revision?.headSha;
    this.#changes.clear();
    this.#applied.clear();
    this.#approved = this.#prepared = undefined;
    this.#broken.clear();
    this.#asked = undefined;
  }

  #planned({ before, fact }: Event): void {
    if (fact.type !== 'plan-run-ended') return;
    const awaited = before.projects.find((project) => project.key === fact.project);
    if (awaited?.status !== 'planning' || awaited.planRunId !== fact.planRunId) return;
    this.#changes.set(fact.project, fact.outcome.kind !== 'no-changes');
  }

  #heard({ before, fact }: Event): void {
    if (fact.type === 'command-received') this.#commanded.set(fact.noteId, before.revision?.headSha);
  }

  #onTicket({ before, fact, decision }: Event): void {
    if (fact.type === 'ticket-presented' && before.ticket !== decision.change.ticket)
      this.#presented = { tuple: fact.tupleHash, moveId: fact.moveId };
    if (fact.type === 'ticket-prepared' && before.ticket !== decision.change.ticket)
      this.#prepared = fact.tupleHash;
    if (fact.type === 'gates-evaluated' && this.#prepared !== undefined && isCovered(before, fact))
      this.#approved = this.#prepared;
    if (fact.type === 'ticket-read' && this.#isOurs(before, fact) && !isOld(before, fact))
      this.#approved = this.#prepared === undefined ? this.#decidedIn(fact) : this.#undisturbed(fact);
    if (
      fact.type === 'gates-evaluated' &&
      asked(decision, 'present-ticket').length + asked(decision, 'ask-on').length > 0
    )
      this.#approved = undefined;
    if (asked(decision, 'ask-on').length > 0 && before.ticket.status === 'open')
      this.#notEnough(before.ticket.review);
    for (const type of ['withdraw-ticket', 'close-ticket', 'open-ticket'] as const)
      if (asked(decision, type).length > 0) this.#nothingIsShown();
    if (asked(decision, 'present-ticket').length === 0) return;
    this.#nothingIsShown();
    const { ticket, projects } = decision.change;
    if (ticket.status !== 'open' || ticket.review.status !== 'presenting') return;
    const parts = projects.flatMap((project) =>
      'plan' in project ? [[project.key, `${project.plan.digest}@${project.plan.headSha}`] as const] : [],
    );
    this.#shown.set(ticket.review.tupleHash, new Map(parts));
  }

  #nothingIsShown(): void {
    this.#approved = this.#presented = this.#prepared = undefined;
  }

  /** What was approved by now does not do; whoever approves next may. */
  #notEnough(review: Review): void {
    if (review.status === 'approved') this.#tooFew.add(review.verdict.moveId);
  }

  #isOurs(before: Change, { reading }: FactOf<'ticket-read'>): boolean {
    return before.ticket.status === 'open' && before.ticket.key === reading.key;
  }

  /** Where nobody is asked, whoever moves the ticket all the same takes back what was approved in advance. */
  #undisturbed({ reading: { moves, boundTuple } }: FactOf<'ticket-read'>): string | undefined {
    const last = moves.at(-1);
    const isOurs = last === undefined || last.account === BOT;
    return isOurs && boundTuple === this.#prepared ? this.#approved : undefined;
  }

  /** Our own last move to In review is the one for what was presented last, and a person's last word after it is yes. */
  #decidedIn({ reading: { moves, boundTuple } }: FactOf<'ticket-read'>): string | undefined {
    const asking = moves
      .filter(({ account, from, to }) => account === BOT && to === 'in-review' && from !== 'approved')
      .at(-1);
    const answer = moves.at(-1);
    if (answer === undefined || this.#tooFew.has(answer.id)) return undefined;
    const yes = answer.account === APPROVER && answer.from === 'in-review' && answer.to === 'approved';
    const { moveId, tuple } = this.#presented ?? {};
    return yes && asking?.id === moveId && boundTuple === tuple ? tuple : undefined;
  }

  #appliesOnlyWhatIsApproved({ before, fact, decision }: Event): void {
    for (const { project: key, attemptId } of asked(decision, 'run-apply')) {
      const was = before.projects.find((project) => project.key === key);
      if (fact.type !== 'gates-evaluated' || was?.status !== 'gating')
        return object(`${attemptId} was asked for without gates`);
      const verdict = fact.verdicts.find((each) => each.evaluationId === was.evaluationId);
      if (verdict?.go !== true || verdict.project !== key) object(`${attemptId}: its gates did not say yes`);
      this.#judged.set(attemptId, verdict?.approval?.kind);
      if (!this.#isApproved(was, attemptId)) object(`${attemptId}: nobody approved this plan`);
      if (was.plan.headSha !== this.#head) object(`${attemptId}: its plan is of another commit`);
      this.#isNoForecast(before, was);
      this.#isMeant(was);
    }
  }

  /** Whoever commands an apply means the commits that were there then. */
  #isMeant({ key, purpose }: Extract<Project, { status: 'gating' }>): void {
    const noteId = purpose.kind === 'apply' ? purpose.command?.noteId : undefined;
    if (noteId !== undefined && this.#commanded.get(noteId) !== this.#head)
      object(`${key} is applied for comment ${noteId}, which was about other commits`);
  }

  /** What it reads is applied or changes nothing; and its plan was made after that. */
  #isNoForecast({ projects }: Change, { key, wave, plan }: Extract<Project, { plan: unknown }>): void {
    const before = projects.filter((project) => project.wave < wave).map((project) => project.key);
    const open = before.filter((each) => !this.#applied.has(each) && this.#changes.get(each) !== false);
    if (open.length > 0) object(`${key} is applied before ${open.join(', ')}`);
    const since = this.#appliedAt(before);
    if (Number(plan.planRunId.split('.p')[1]) <= since) object(`${key} is applied as it was forecast`);
  }

  /** The number of plan runs there were when the last of the projects was applied. */
  #appliedAt(keys: readonly string[]): number {
    return Math.max(0, ...keys.map((key) => this.#runsBefore.get(key) ?? 0));
  }

  /** One person asks and another confirms, for the plans as they stood when it was asked; what is applied so is owed. */
  #emergency({ before, fact, decision }: Event): void {
    if (fact.type === 'command-received' && isAccepted(decision, fact.noteId)) {
      const { by, command } = fact;
      const person = by.person ?? '';
      if (command.verb === 'apply' && command.breakGlass !== undefined) {
        const chosen = before.projects.filter(
          ({ key }) => command.select === undefined || command.select.project === key,
        );
        this.#broken.clear();
        this.#asked = { by: person, plans: new Map(chosen.flatMap(planOf)) };
      }
      if (command.verb === 'confirm') {
        if (this.#asked === undefined || this.#asked.by === person || person === '')
          object(`${person} confirmed what ${this.#asked?.by ?? 'nobody'} asked for`);
        this.#broken = this.#asked?.plans ?? new Map<string, string>();
        this.#asked = undefined;
      }
    }
    if (decision.entries.some(({ type }) => type === 'break-glass-over')) this.#broken = new Map();
    if (fact.type === 'debt-judged' && fact.judgement.kind === 'approved') this.#owed.delete(fact.key);
    for (const { key } of asked(decision, 'close-ticket'))
      if (this.#owed.has(key)) object(`${key} is closed, and nobody approved what was applied under it`);
    const owed = (decision.change.debts ?? []).filter(({ status }) => status === 'owed');
    if (owed.length !== this.#owed.size && fact.type !== 'attempt-claimed')
      object(`${owed.length} debts are owed, and should be ${this.#owed.size}`);
  }

  /** Whether the plan stands approved in the very way that its gates judged: on the ticket, or under broken glass. */
  #isApproved(
    { key, plan }: Pick<Extract<Project, { plan: unknown }>, 'key' | 'plan'>,
    attemptId: string,
  ): boolean {
    const shown = this.#approved === undefined ? undefined : this.#shown.get(this.#approved);
    const approved = this.#isEmergency(attemptId) ? this.#broken.get(key) : shown?.get(key);
    return approved === `${plan.digest}@${plan.headSha}`;
  }

  #isEmergency(attemptId: string): boolean {
    return this.#judged.get(attemptId) === 'break-glass';
  }

  #claimsOnce({ before, fact, decision }: Event): void {
    if (fact.type !== 'attempt-claimed' || decision.refusals.length > 0) return;
    once(this.#claimed, fact.attemptId);
    const queued = before.projects.find(({ key }) => key === fact.project);
    if (queued?.status !== 'applying' || !this.#isApproved(queued, fact.attemptId))
      object(`${fact.attemptId} is claimed, and its plan is not approved any more`);
    this.#open.set(fact.attemptId, fact.project);
    const { ticket } = before;
    if (!this.#isEmergency(fact.attemptId) || ticket.status !== 'open') return;
    // Whatever was approved there before is not in front of anybody any more.
    this.#owed.add(ticket.key);
    this.#approved = this.#presented = undefined;
    if (
      !(decision.change.debts ?? []).some((debt) => debt.ticket.key === ticket.key && debt.status === 'owed')
    )
      object(`${fact.attemptId} is claimed under broken glass, and nothing is owed for it`);
  }

  #leavesNoOpenAttempt({ fact, decision }: Event): void {
    const over = fact.type === 'attempt-ended' || fact.type === 'attempt-resolved';
    const how = over ? (fact.type === 'attempt-ended' ? fact.outcome.kind : fact.as) : undefined;
    if (over && this.#open.delete(fact.attemptId) && (how === 'succeeded' || how === 'applied'))
      this.#nowApplied(fact.project);
    for (const [attemptId, key] of this.#open) {
      const now = decision.change.projects.find((project) => project.key === key);
      const stays =
        (now?.status === 'applying' && now.phase === 'claimed' && now.attemptId === attemptId) ||
        (now?.status === 'apply-interrupted' && now.attemptId === attemptId);
      if (!stays) object(`${key} left ${attemptId}, which may be running, for ${now?.status ?? 'nowhere'}`);
    }
  }

  #nowApplied(key: string): void {
    this.#applied.add(key);
    this.#runsBefore.set(key, this.#runs);
  }

  #tagsOnlyTheWhole({ decision }: Event): void {
    const releasing = [...asked(decision, 'prepare-release'), ...asked(decision, 'tag-release')];
    if (releasing.length === 0) return;
    const left = [...this.#changes].filter(([key, changes]) => changes && !this.#applied.has(key));
    if (left.length > 0) object(`a release without ${left.map(([key]) => key).join(', ')}`);
    for (const tag of asked(decision, 'tag-release'))
      if (tag.sha !== this.#head) object(`${tag.tag} on ${tag.sha}, which is not what was applied`);
  }

  /** From the claim to the merge, the close or an operator's word; and a quarantine to an operator's word alone. */
  #keepsHolds({ before, fact, decision }: Event): void {
    const { merge, holds } = decision.change;
    if (fact.type === 'projects-reserved' && decision.refusals.length === 0)
      for (const key of fact.projects) if (!this.#held.has(key)) this.#held.set(key, 'for its plan');
    this.#keepsNoneWithoutPlan(decision.change);
    if (fact.type === 'attempt-claimed' && decision.refusals.length === 0)
      this.#held.set(fact.project, 'held');
    if (fact.type === 'attempt-lost' && this.#open.get(fact.attemptId) === fact.project)
      this.#held.set(fact.project, 'quarantined');
    if (fact.type === 'attempt-resolved' && isInterrupted(before, fact)) this.#held.set(fact.project, 'held');
    if (fact.type === 'attempt-ended' && isOpenIn(before, fact))
      this.#held.set(fact.project, fact.outcome.kind === 'failed-partial' ? 'quarantined' : 'held');
    if (fact.type === 'hold-released') this.#held.delete(fact.project);
    if (
      fact.type === 'command-received' &&
      fact.command.verb === 'unlock' &&
      isAccepted(decision, fact.noteId)
    )
      this.#held.delete(fact.command.project ?? '');
    const { projects } = decision.change;
    const leftOne = projects.some(({ status }) => GIVEN_UP.has(status) && status !== 'no-changes');
    const goesOn = projects.some(
      ({ applyOn, status }) =>
        applyOn === 'merge' && !GIVEN_UP.has(status) && !(status === 'applied' && leftOne),
    );
    const over = merge.status === 'closed' || (merge.status === 'merged' && !goesOn);
    const running = new Set(this.#open.values());
    for (const [key, kind] of this.#held)
      if (over && kind !== 'quarantined' && !running.has(key)) this.#held.delete(key);
    const now = new Map(holds.map((hold) => [hold.project, kindOf(hold)]));
    const agreed =
      now.size === this.#held.size && [...now].every(([key, kind]) => this.#held.get(key) === kind);
    if (!agreed)
      object(`it holds ${JSON.stringify([...now])}, and should hold ${JSON.stringify([...this.#held])}`);
  }

  /** What is held for its plan is let go with the plan; and a plan that must be held is held while it stands. */
  #keepsNoneWithoutPlan({ projects, holds }: Change): void {
    for (const [key, kind] of this.#held) {
      const status = projects.find((project) => project.key === key)?.status ?? 'closed';
      if (kind === 'for its plan' && WITHOUT_PLAN.has(status)) this.#held.delete(key);
    }
    const waiting = projects.some(({ status }) => status === 'held');
    for (const { key, status, holdFrom } of projects) {
      const held = holds.find(({ project }) => project === key);
      const isPlanned = ['awaiting-approval', 'gating', 'blocked', 'ready', 'applying'].includes(status);
      if (holdFrom === 'plan' && isPlanned && held === undefined) object(`${key} is planned and not held`);
      if (waiting && held !== undefined && kindOf(held) === 'for its plan')
        object(`${key} is held for its plan by a change that waits`);
    }
  }

  #reviewsOnlyThePresent({ before, fact, decision }: Event): void {
    const { ticket, revision } = decision.change;
    if (ticket.status !== 'open' || ticket.spent || fact.type !== 'merge-request-read') return;
    if (revision === before.revision || revision === undefined) return;
    if (ticket.review.status !== 'withdrawn') object(`after a push the review is ${ticket.review.status}`);
  }

  #answersEveryCommand({ fact, decision }: Event): void {
    if (fact.type !== 'command-received') return;
    const answers = [
      ...asked(decision, 'answer-command'),
      ...asked(decision, 'answer-question'),
      ...asked(decision, 'resolve-attempt'),
      ...asked(decision, 'open-rollback'),
    ];
    if (!answers.some(({ noteId }) => noteId === fact.noteId))
      object(`comment ${fact.noteId} is not answered`);
  }

  #appliesNothingTwice({ fact, decision }: Event): void {
    const again = decide(deepFreeze(decision.change), fact, '2026-11-01T12:00:00Z');
    if (asked(again, 'run-apply').length > 0) object(`the same ${fact.type} starts an apply each time`);
  }
}

const WITHOUT_PLAN: ReadonlySet<string> = new Set([
  'opening-ticket',
  'held',
  'plan-failed',
  'no-changes',
  'cancelled',
  'merged',
  'closed',
]);

function kindOf({ attemptId, quarantined }: Change['holds'][number]): string {
  if (quarantined !== undefined) return 'quarantined';
  return attemptId === undefined ? 'for its plan' : 'held';
}

/** Where what was to be applied on the merge is not applied any more. */
const GIVEN_UP: ReadonlySet<string> = new Set([
  'merged',
  'rejected',
  'expired',
  'cancelled',
  'plan-failed',
  'no-changes',
]);

/** It was begun before the ticket came to where it stands for us now. */
function isOld({ ticket }: Change, { during }: FactOf<'ticket-read'>): boolean {
  return ticket.status === 'open' && !during.endsWith(`${ticket.review.round} ${ticket.review.status}`);
}

function planOf(project: Project): [string, string][] {
  return 'plan' in project ? [[project.key, `${project.plan.digest}@${project.plan.headSha}`]] : [];
}

function isAccepted(decision: Event['decision'], note: number): boolean {
  return asked(decision, 'answer-command').some(
    ({ noteId, outcome }) => noteId === note && outcome.kind === 'accepted',
  );
}

function isInterrupted(before: Change, fact: FactOf<'attempt-resolved'>): boolean {
  return before.projects.some(
    (project) => project.status === 'apply-interrupted' && project.attemptId === fact.attemptId,
  );
}

function isOpenIn(before: Change, fact: FactOf<'attempt-ended'>): boolean {
  return before.projects.some(
    (project) =>
      (project.status === 'apply-interrupted' ||
        (project.status === 'applying' && project.phase === 'claimed')) &&
      project.attemptId === fact.attemptId,
  );
}

function asked<T extends EffectType>(decision: Event['decision'], type: T): EffectOf<T>[] {
  return decision.effects.filter((effect): effect is EffectOf<T> => effect.type === type);
}

function once(seen: Set<string>, id: string): void {
  if (seen.has(id)) object(`${id} is used a second time`);
  seen.add(id);
}

function object(why: string): void {
  throw new Error(why);
}

/** The gates name a mandate for a project that waits for this very answer, while nobody is asked. */
function isCovered({ projects, ticket }: Change, { verdicts }: FactOf<'gates-evaluated'>): boolean {
  if (ticket.status !== 'open' || ticket.review.status !== 'standing') return false;
  return verdicts.some(
    (verdict) =>
      verdict.go &&
      verdict.mandate !== undefined &&
      verdict.verdictRefused === undefined &&
      projects.some((each) => 'evaluationId' in each && each.evaluationId === verdict.evaluationId),
  );
}
