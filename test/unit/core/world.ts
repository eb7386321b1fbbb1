import type { Change } from '#domain/change.ts';
import type { Asker } from '#domain/project.ts';
import type { Command } from '#domain/command.ts';
import { DEFAULT_DEMAND } from '#domain/demand.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import { decide, newChange } from '#domain/decide.ts';
import type { Decision } from '#domain/decision.ts';
import type { Effect } from '#domain/effect.ts';
import { isOwed, owedDebts } from '#domain/debts.ts';
import type { DebtJudgement, Fact, GateVerdict, TicketMove } from '#domain/fact.ts';
import { toReserve } from '#domain/holds.ts';
import { reviewMark } from '#domain/on-ticket.ts';
import * as facts from './facts.ts';

/** A merge request on a code host, no more of it than the core asks about. */
interface CodeHost {
  state: 'open' | 'merged' | 'closed';
  head: string;
  projects: readonly string[];
  draft: boolean;
}

/** A ticket of the ticket system, with its changelog. */
interface PaperTicket {
  moves: TicketMove[];
  bound: string | undefined;
}

/** What is to be done; or was, and is only to be told: others may act before that. */
type Job = Effect | { type: 'tell'; fact: Fact };

/** What was decided, and on which fact; whoever watches a world sees each of these. */
export interface Event {
  before: Change;
  fact: Fact;
  decision: Decision;
}

/**
 * The core with a code host, a ticket system, an outbox and workers on paper: whatever effect is asked for is done
 * later, in any order, once or twice, well or badly, and people do what they like meanwhile.
 */
export class World {
  change: Change = newChange('chg', { repository: 1, iid: 12 });
  jobs: Job[] = [];
  readonly host: CodeHost = {
    state: 'open',
    head: facts.sha('0'),
    projects: ['app', 'db'],
    draft: false,
  };
  readonly history: Fact[] = [];
  readonly running = new Map<string, string>();
  /** Projects that another change holds. */
  readonly taken = new Set<string>();
  readonly #tickets = new Map<string, PaperTicket>();
  readonly #watch: (event: Event) => void;
  #clock = Date.parse('2026-11-01T10:00:00Z');
  #notes = 0;

  constructor(watch: (event: Event) => void) {
    this.#watch = watch;
  }

  /** Records a fact as the service would: the effects become jobs. */
  tell(fact: Fact): Decision {
    this.#clock += 1000;
    const before = deepFreeze(this.change);
    const decision = decide(before, deepFreeze(fact), new Date(this.#clock).toISOString());
    const twice = decision.change.holds.find(({ project }) => this.taken.has(project));
    if (twice !== undefined) throw new Error(`${twice.project} is held by two changes`);
    this.change = decision.change;
    this.history.push(fact);
    this.jobs.push(...decision.effects.filter(({ type }) => !SHOWN_ONLY.has(type)));
    this.#watch({ before, fact, decision });
    return decision;
  }

  push(letter: string, projects: readonly string[]): void {
    if (this.host.state !== 'open') return;
    this.host.head = facts.sha(letter);
    this.host.projects = projects;
    this.hint('read-merge-request');
  }

  /** Another change takes a project, if it is to be had. */
  takeForAnother(key: string): void {
    if (!this.change.holds.some(({ project }) => project === key)) this.taken.add(key);
  }

  /** That change is over. */
  letGoByAnother(): void {
    const freed = [...this.taken];
    this.taken.clear();
    this.tell({ type: 'surroundings-changed', source: 'webhook', what: 'another let go', freed });
  }

  /** A webhook came, or the sweep: something is to be read again. */
  hint(type: 'read-merge-request' | 'read-ticket'): void {
    this.jobs.push({ type });
  }

  command(command: Command, by: Asker): Decision {
    this.#notes += 1;
    const isEmergency = command.verb === 'confirm' || (command.verb === 'apply' && 'breakGlass' in command);
    const glass = isEmergency ? { glass: facts.glassTerms({ confirmWithinSeconds: 30 }) } : {};
    return this.tell({ type: 'command-received', noteId: this.#notes, by, command, ...glass });
  }

  /** A person moves the ticket, wherever it is; the service hears of it. */
  decideOnTicket(to: 'approved' | 'rejected' | 'in-review'): void {
    const { ticket } = this.change;
    const [owed] = owedDebts(this.change);
    const key = ticket.status === 'open' ? ticket.key : owed?.ticket.key;
    if (key === undefined) return;
    const paper = this.#ticket(key);
    const from = paper.moves.at(-1)?.to ?? 'requested';
    if (from === to) return;
    paper.moves.push(facts.move(`m${paper.moves.length}.${key}`, from, to, facts.APPROVER));
    this.hint('read-ticket');
    if (isOwed(this.change, key)) this.jobs.push({ type: 'review-debt', key });
  }

  ticketStatus(): string {
    const { ticket } = this.change;
    return ticket.status === 'open'
      ? (this.#ticket(ticket.key).moves.at(-1)?.to ?? 'requested')
      : ticket.status;
  }

  /** Ends an attempt that was claimed. */
  endAttempt(attemptId: string, how: 'succeeded' | 'failed-clean' | 'failed-partial' | 'aborted'): void {
    const project = this.running.get(attemptId);
    if (project === undefined) return;
    this.running.delete(attemptId);
    this.tell(facts.attemptEnded(project, attemptId, how));
  }

  /** Does one outstanding job the way its worker would. `luck` says how it turns out; 0 is as well as it can. */
  work(index: number, luck: number): void {
    const [job] = this.jobs.splice(index % Math.max(1, this.jobs.length), 1);
    const fact = job === undefined ? undefined : this.#outcome(job, luck);
    if (fact === undefined) return;
    const decision = this.tell(fact);
    if (fact.type === 'attempt-claimed' && decision.refusals.length === 0)
      this.running.set(fact.attemptId, fact.project);
  }

  #outcome(job: Job, luck: number): Fact | undefined {
    switch (job.type) {
      case 'tell':
        return job.fact;
      case 'read-merge-request':
        return this.#readMergeRequest();
      case 'read-ticket':
        return this.#readTicket();
      case 'open-ticket':
        return {
          type: 'ticket-opened',
          number: job.number,
          key: `CHG-${job.number}`,
          url: `https://jira.example/browse/CHG-${job.number}`,
        };
      case 'withdraw-ticket':
        return this.#withdraw();
      case 'present-ticket':
        return this.#present();
      case 'ask-on':
        return this.#askOn();
      case 'close-ticket':
        this.#moveTicket(job.key, 'done');
        return { type: 'ticket-closed', key: job.key };
      case 'run-plan':
        return this.#plan(job.project, job.planRunId, luck);
      case 'collect-evidence':
        return this.#look(job.projects, luck);
      case 'run-apply':
        return this.#claim(job.project, job.attemptId, luck);
      case 'verify-apply':
        return facts.verified(job, luck);
      case 'interrupt-apply':
        this.endAttempt(job.attemptId, luck % 2 === 0 ? 'aborted' : 'succeeded');
        return undefined;
      case 'prepare-release':
        return { type: 'release-prepared', message: 'what was applied' };
      case 'tag-release':
        return luck % 5 === 4
          ? { type: 'release-refused', tag: job.tag, reason: 'the tag is protected' }
          : facts.tagged(job);
      case 'merge-change':
        return this.#merge(luck);
      case 'compare-after-merge':
        return { type: 'compared-after-merge', differing: [] };
      case 'resolve-attempt':
        return this.#resolve(job);
      case 'wake-change':
        return { type: 'surroundings-changed', source: 'clock', what: job.at };
      case 'review-debt':
        return this.#reviewDebt(job.key);
      case 'remind-approvers':
      case 'stop-plan':
      case 'tell-waiting':
      case 'publish-note':
      case 'publish-status':
      case 'tell-break-glass':
      case 'tell-release-tag':
      case 'open-rollback':
      case 'answer-command':
      case 'answer-question':
        return undefined;
    }
  }

  #readMergeRequest(): Fact {
    const { state, head, projects, draft } = this.host;
    if (state !== 'open') return facts.over(state, head);
    const far = this.change.requested.some(({ select }) => select.project === 'far') ? ['far'] : [];
    const touched = [...projects, ...far];
    const targets = touched.map((key) =>
      facts.target(key, {
        // The web reads what the app and its database are, where they are touched as well.
        wave: key === 'web' && touched.length > 1 ? 1 : 0,
        holdFrom: HELD_FROM_PLAN.includes(key) ? 'plan' : 'apply',
        applyOn: key === 'db' ? 'command' : key === 'far' ? 'merge' : 'approval',
        declaresApprovalId: key === 'web',
      }),
    );
    const open = facts.reading(head, targets);
    if (!draft) return open;
    const { contents: _, ...rest } = open.reading;
    return {
      type: 'merge-request-read',
      reading: { ...rest, notAdmitted: { code: 'draft', reason: 'it is a draft' } },
    };
  }

  #readTicket(): Fact | undefined {
    const { ticket } = this.change;
    if (ticket.status !== 'open') return undefined;
    const { moves, bound } = this.#ticket(ticket.key);
    return facts.ticketRead(ticket.key, [...moves], bound, reviewMark(this.change));
  }

  #withdraw(): Fact | undefined {
    const { ticket } = this.change;
    if (ticket.status !== 'open' || ticket.review.status !== 'withdrawn') return undefined;
    this.#moveTicket(ticket.key, 'requested');
    return { type: 'ticket-withdrawn', key: ticket.key, round: ticket.review.round };
  }

  #askOn(): undefined {
    const { ticket } = this.change;
    if (ticket.status !== 'open' || ticket.review.status !== 'in-review') return undefined;
    if (ticket.review.wanted !== undefined && this.ticketStatus() === 'approved')
      this.#moveTicket(ticket.key, 'in-review');
    return undefined;
  }

  #present(): Fact | undefined {
    const { ticket } = this.change;
    if (ticket.status !== 'open' || ticket.review.status !== 'presenting') return undefined;
    const { key, review } = ticket;
    this.#moveTicket(key, 'requested');
    this.#ticket(key).bound = review.tupleHash;
    const { round, tupleHash } = review;
    if (review.inAdvance === true) return { type: 'ticket-prepared', key, round, tupleHash };
    const moveId = this.#moveTicket(key, 'in-review');
    return {
      type: 'ticket-presented',
      key,
      round: review.round,
      tupleHash: review.tupleHash,
      moveId,
    };
  }

  /** What was applied in an emergency goes in front of the approver; or the approver has said something. */
  #reviewDebt(key: string): Fact | undefined {
    const debt = owedDebts(this.change).find(({ ticket }) => ticket.key === key);
    if (debt?.review.status === 'presenting') {
      this.#moveTicket(key, 'requested');
      this.#ticket(key).bound = debt.tupleHash;
      const moveId = this.#moveTicket(key, 'in-review');
      const { round } = debt.review;
      return { type: 'debt-presented', key, round, tupleHash: debt.tupleHash, moveId };
    }
    if (debt?.review.status !== 'in-review') return undefined;
    const { moveId, round } = debt.review;
    const { moves } = this.#ticket(key);
    const last = moves.at(-1);
    const isAnswer = last?.account === facts.APPROVER && moves.at(-2)?.id === moveId;
    if (!isAnswer || (last.to !== 'approved' && last.to !== 'rejected')) return undefined;
    const verdict = facts.verdict(last, debt.tupleHash);
    const judgement: DebtJudgement =
      last.to === 'rejected'
        ? { kind: 'rejected', verdict }
        : { kind: 'approved', verdicts: [verdict], evidenceDigest: 'e' };
    return { type: 'debt-judged', key, round, judgement };
  }

  #plan(project: string, planRunId: string, luck: number): Fact {
    const reservation = this.#reserve(project, planRunId);
    if (reservation !== undefined) return reservation;
    const head = this.change.revision?.headSha ?? this.host.head;
    if (luck % 7 === 5)
      return facts.planEnded(project, planRunId, { kind: 'failed', reason: 'a typing error' });
    if (luck % 7 === 6) return facts.planEnded(project, planRunId, { kind: 'no-changes', digest: 'empty' });
    const content = `${project} at ${head}${luck % 7 > 0 ? ', drifted' : ''}`;
    return facts.planEnded(project, planRunId, {
      kind: 'planned',
      plan: { ...facts.planRef(planRunId, head, content), ...demandOf(head) },
    });
  }

  /** Takes what must be had before the plan; the fact of the wait when another has some of it. */
  #reserve(key: string, planRunId: string): Fact | undefined {
    const planning = this.change.projects.find((each) => each.key === key);
    if (planning?.status !== 'planning' || planning.planRunId !== planRunId) return undefined;
    const projects = toReserve(this.change);
    if (!projects.includes(key)) return undefined;
    const project = projects.find((each) => this.taken.has(each));
    const by = { changeId: 'chg9', iid: 9, since: '2026-11-01T09:00:00.000Z' };
    if (project !== undefined) return { type: 'project-held', project, planRunId, by };
    this.tell({ type: 'projects-reserved', planRunId, projects });
    return undefined;
  }

  /** What the gates saw is told at once, or after something else. */
  #look(projects: readonly { key: string; evaluationId: string }[], luck: number): Fact | undefined {
    const fact = this.#judge(projects, luck);
    if (luck % 5 !== 4) return fact;
    this.jobs.push({ type: 'tell', fact });
    return undefined;
  }

  #judge(projects: readonly { key: string; evaluationId: string }[], luck: number): Fact {
    const verdicts = projects.flatMap((project, i) => {
      const go = (luck + i) % 4 !== 3;
      const mandate = go && this.#isStanding() ? { mandate: facts.MANDATE } : {};
      const lookedAt = new Date(this.#clock).toISOString();
      const found = { lookedAt, ...mandate, ...(go ? {} : this.#found(luck)) };
      return facts.judged(this.change, project, go, found).verdicts;
    });
    return { type: 'gates-evaluated', verdicts };
  }

  #isStanding(): boolean {
    const { ticket } = this.change;
    return ticket.status === 'open' && ticket.review.status === 'standing';
  }

  /** What the gates say where they do not say yes: an approval never counts, another is wanted, or another plan, or it is early. */
  #found(luck: number): Partial<Pick<GateVerdict, 'verdictRefused' | 'asksOn' | 'planAgain' | 'reasons'>> {
    const { ticket } = this.change;
    if (luck % 5 === 4) return { reasons: [EARLY] };
    if (luck % 7 === 1) return { planAgain: 'it is of a graver tier by now' };
    if (luck % 3 === 2)
      return {
        verdictRefused: this.#isStanding() ? 'no standing approval covers it' : 'the approver wrote a commit',
      };
    if (luck % 3 === 0 || ticket.status !== 'open' || ticket.review.status !== 'approved') return {};
    return {
      asksOn: { counted: [ticket.review.verdict.moveId], why: 'somebody of security has to approve' },
    };
  }

  #claim(project: string, attemptId: string, luck: number): Fact | undefined {
    const applying = this.change.projects.find((each) => each.key === project);
    if (applying?.status !== 'applying' || applying.attemptId !== attemptId) return undefined;
    if (luck % 6 === 5) return { type: 'evaluation-stale', project, evaluationId: applying.evaluationId };
    return facts.claimed(applying);
  }

  #merge(luck: number): Fact {
    const movedOn = this.host.head !== this.change.revision?.headSha;
    if (movedOn || luck % 4 === 3 || this.host.state === 'closed')
      return { type: 'merge-refused', reason: 'the branch cannot be merged' };
    this.host.state = 'merged';
    return { type: 'merged', sha: facts.sha('e') };
  }

  #resolve({ project, attemptId, as, by, reason, noteId }: Extract<Effect, { type: 'resolve-attempt' }>) {
    const waiting = this.change.projects.find((each) => each.key === project);
    if (waiting?.status !== 'apply-interrupted' || waiting.attemptId !== attemptId) return undefined;
    this.running.delete(attemptId);
    return { type: 'attempt-resolved', project, attemptId, as, by, reason, noteId } as const;
  }

  #ticket(key: string): PaperTicket {
    const paper = this.#tickets.get(key) ?? { moves: [], bound: undefined };
    this.#tickets.set(key, paper);
    return paper;
  }

  #moveTicket(key: string, to: TicketMove['to']): string {
    const { moves } = this.#ticket(key);
    const from = moves.at(-1)?.to ?? 'requested';
    const id = `m${moves.length}.${key}`;
    if (from !== to) moves.push(facts.move(id, from, to, facts.BOT));
    return id;
  }
}

/** What some commits come to may be approved in advance. */
function demandOf(head: string): Partial<Pick<PlanRef, 'demand'>> {
  const standard = { ...DEFAULT_DEMAND, tier: 'standard', standing: true as const };
  return 'cd'.includes(head.charAt(0)) ? { demand: standard } : {};
}

const EARLY = {
  gate: 'change-window',
  answer: 'no',
  reason: 'it waits for its change window',
  remedy: 'it is applied by itself then',
  until: '2026-11-02T21:00:00Z',
} as const;
const HELD_FROM_PLAN: readonly string[] = ['app', 'web'];

/** What only shows people how things stand: nothing in the core waits for it. */
const SHOWN_ONLY: ReadonlySet<string> = new Set([
  'stop-plan',
  'tell-waiting',
  'publish-note',
  'publish-status',
  'answer-command',
]);

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
