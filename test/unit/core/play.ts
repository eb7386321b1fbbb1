import type { GlassTerms } from '#domain/break-glass.ts';
import type { Change } from '#domain/change.ts';
import type { Asker, Project, ProjectStatus } from '#domain/project.ts';
import type { Command } from '#domain/command.ts';
import { decide, newChange } from '#domain/decide.ts';
import { owedDebts } from '#domain/debts.ts';
import type { Decision } from '#domain/decision.ts';
import type { CommandOutcome, EffectOf, EffectType } from '#domain/effect.ts';
import type { Fact, FactOf, TicketMove } from '#domain/fact.ts';
import { toReserve } from '#domain/holds.ts';
import { reviewMark } from '#domain/on-ticket.ts';
import * as facts from './facts.ts';
import { deepFreeze } from './world.ts';

/**
 * A change and its people on paper: each verb records one fact, built from where the change stands, and the story can
 * be asked at any time how things stand and what was asked for last.
 */
export class Play {
  change: Change = newChange('chg', { repository: 1, iid: 12 });
  last: Decision = { change: this.change, effects: [], refusals: [], entries: [] };
  #moves: TicketMove[] = [];
  #minutes = 0;
  #notes = 0;

  record(fact: Fact): this {
    this.#minutes += 1;
    this.last = decide(deepFreeze(this.change), deepFreeze(fact), this.#now());
    this.change = this.last.change;
    return this;
  }

  push(letter: string, ...projects: Parameters<typeof facts.reading>[1]): this {
    return this.record(facts.reading(facts.sha(letter), projects));
  }

  mergeRequestIs(state: 'merged' | 'closed'): this {
    return this.record(facts.over(state, this.change.revision?.headSha ?? facts.sha('0')));
  }

  ticketOpens(): this {
    const { ticket } = this.change;
    if (ticket.status !== 'opening') throw new Error(`the ticket is ${ticket.status}`);
    const key = `CHG-${ticket.number}`;
    this.#moves = [];
    return this.record({ type: 'ticket-opened', number: ticket.number, key, url: `https://jira/${key}` });
  }

  /** The project's plan run ends; plans of one `content` are the same change. */
  planned(key: string, content = key): this {
    const { planRunId } = this.#is(key, 'planning');
    const plan = facts.planRef(planRunId, this.change.revision?.headSha ?? '', content);
    return this.record(facts.planEnded(key, planRunId, { kind: 'planned', plan }));
  }

  planEnds(key: string, outcome: FactOf<'plan-run-ended'>['outcome']): this {
    return this.record(facts.planEnded(key, this.#is(key, 'planning').planRunId, outcome));
  }

  presented(): this {
    const { key, review } = facts.openTicketOf(this.change.ticket);
    if (review.status !== 'presenting') throw new Error(`the review is ${review.status}`);
    const moveId = this.#move('in-review', facts.BOT);
    const { round, tupleHash } = review;
    return this.record({ type: 'ticket-presented', key, round, tupleHash, moveId });
  }

  /** A person moves the ticket, and it is read. */
  ticketMoves(to: 'approved' | 'rejected' | 'in-review', account = facts.APPROVER): this {
    this.#move(to, account);
    return this.ticketIsRead();
  }

  ticketIsRead(): this {
    return this.record(this.readingBegun());
  }

  /** A reading of the ticket as it is now, which may be recorded later. */
  readingBegun(): FactOf<'ticket-read'> {
    const { key, review } = facts.openTicketOf(this.change.ticket);
    const bound = 'tupleHash' in review ? review.tupleHash : undefined;
    return facts.ticketRead(key, [...this.#moves], bound, reviewMark(this.change));
  }

  /** What the gates say now of a project that waits for them; it may be recorded later. */
  looked(
    key: string,
    go: boolean,
    found: Parameters<typeof facts.judged>[3] = {},
  ): FactOf<'gates-evaluated'> {
    const lookedAt = this.#now();
    return facts.judged(this.change, this.#is(key, 'gating'), go, { lookedAt, ...found });
  }

  judged(key: string, go: boolean, verdictRefused?: string): this {
    const found = verdictRefused === undefined ? {} : { verdictRefused };
    return this.record(this.looked(key, go, found));
  }

  /** The gates count these approvals and want more. */
  wantsMore(key: string, counted: readonly string[], why = 'somebody of security has to approve'): this {
    return this.record(this.looked(key, false, { asksOn: { counted, why } }));
  }

  /** Our account puts the ticket in front of the next approver. */
  askedOn(): this {
    this.#moves.push(facts.move(`m${this.#moves.length}`, 'approved', 'in-review', facts.BOT));
    return this.ticketIsRead();
  }

  /** Ids of the approvals that are known, in their order. */
  approvals(): string[] {
    const { review } = facts.openTicketOf(this.change.ticket);
    const given = 'given' in review ? review.given : [];
    return [...given, ...(review.status === 'approved' ? [review.verdict] : [])].map(({ moveId }) => moveId);
  }

  /** A day and an hour go by. */
  nextDay(): this {
    this.#minutes += 25 * 60;
    return this;
  }

  approvalExpires(...planAgain: string[]): this {
    const { key, review } = facts.openTicketOf(this.change.ticket);
    return this.record({ type: 'approval-expired', key, round: review.round, planAgain });
  }

  /** The worker of the project's plan run takes what has to be had before it. */
  reserved(key: string, projects: readonly string[] = toReserve(this.change)): this {
    const { planRunId } = this.#is(key, 'planning');
    return this.record({ type: 'projects-reserved', planRunId, projects });
  }

  /** That worker found another change, !9, in possession of `held`. */
  foundHeld(key: string, held = key): this {
    const { planRunId } = this.#is(key, 'planning');
    const by = { changeId: 'chg9', iid: 9, since: '2026-11-01T09:00:00.000Z' };
    return this.record({ type: 'project-held', project: held, planRunId, by });
  }

  letGoByOthers(...freed: string[]): this {
    return this.record({ type: 'surroundings-changed', source: 'webhook', what: '!9 let go', freed });
  }

  held(): string[] {
    return this.change.holds.map(({ project }) => project);
  }

  claimed(key: string): this {
    return this.record(facts.claimed(this.#is(key, 'applying')));
  }

  ended(key: string, how: Parameters<typeof facts.attemptEnded>[2]): this {
    return this.record(facts.attemptEnded(key, this.attemptOf(key), how));
  }

  /** Plans made after the applies come out empty. */
  verified(): this {
    for (const { project, attemptId, result } of this.change.verifications ?? [])
      if (result.kind === 'running') this.record(facts.verified({ project, attemptId }));
    return this;
  }

  lost(key: string): this {
    const attemptId = this.attemptOf(key);
    return this.record({ type: 'attempt-lost', project: key, attemptId, reason: 'no heartbeat' });
  }

  resolved(key: string, as: 'applied' | 'not-applied'): this {
    const attemptId = this.attemptOf(key);
    const by = { cli: 'olga' };
    return this.record({ type: 'attempt-resolved', project: key, attemptId, as, by, reason: 'looked' });
  }

  expires(key: string): this {
    const project = this.project(key);
    const planRunId = 'plan' in project ? project.plan.planRunId : '';
    return this.record({ type: 'plan-expired', project: key, planRunId });
  }

  surroundingsChange(source: 'webhook' | 'sweep' = 'webhook'): this {
    return this.record({ type: 'surroundings-changed', source, what: 'a pipeline ended' });
  }

  tagged(): this {
    const preparing = this.change.release.status === 'preparing';
    this.verified();
    if (!preparing) throw new Error('no release is being prepared');
    this.record({ type: 'release-prepared', message: 'what was applied' });
    const [{ tag, sha }] = this.asked('tag-release') as [EffectOf<'tag-release'>];
    return this.record(facts.tagged({ tag, sha }));
  }

  mergeRefused(): this {
    return this.record({ type: 'merge-refused', reason: 'it has conflicts' });
  }

  merged(): this {
    return this.record({ type: 'merged', sha: facts.sha('e') });
  }

  says(by: Asker, command: Command): this {
    this.#notes += 1;
    return this.record({ type: 'command-received', noteId: this.#notes, by, command });
  }

  /** In an emergency; `glass` is what the server says of those, `undefined` that it provides for none. */
  inEmergency(by: Asker, command: Command, glass: GlassTerms | undefined = facts.glassTerms()): this {
    this.#notes += 1;
    const said = { noteId: this.#notes, by, command, ...(glass === undefined ? {} : { glass }) };
    return this.record({ type: 'command-received', ...said });
  }

  /** Confirms what is asked for at the moment. */
  confirms(by: Asker): this {
    return this.inEmergency(by, { verb: 'confirm', asked: this.change.breakGlass?.noteId ?? 0 });
  }

  /** What was applied under the ticket is in front of the approver. */
  debtPresented(key: string): this {
    const debt = owedDebts(this.change).find(({ ticket }) => ticket.key === key);
    if (debt?.review.status !== 'presenting') throw new Error(`${key}: ${debt?.review.status ?? 'not owed'}`);
    const { round } = debt.review;
    const moveId = this.#move('in-review', facts.BOT);
    return this.record({ type: 'debt-presented', key, round, tupleHash: debt.tupleHash, moveId });
  }

  /** The approver decided on it, and the gates said what that is worth. */
  debtJudged(key: string, kind: 'approved' | 'rejected' | 'not-counting'): this {
    const debt = owedDebts(this.change).find(({ ticket }) => ticket.key === key);
    if (debt === undefined) throw new Error(`${key} is not owed`);
    const to = kind === 'rejected' ? 'rejected' : 'approved';
    this.#move(to, facts.APPROVER);
    const verdict = facts.verdict(facts.move('m99', 'in-review', to, facts.APPROVER), debt.tupleHash);
    const judgement = {
      approved: { kind: 'approved', verdicts: [verdict], evidenceDigest: 'e' },
      rejected: { kind: 'rejected', verdict },
      'not-counting': { kind: 'not-counting', why: 'the approver broke the glass' },
    } as const;
    const { round } = debt.review;
    return this.record({ type: 'debt-judged', key, round, judgement: judgement[kind] });
  }

  /** Everything up to the approval of these projects' plans. */
  approved(...projects: Parameters<typeof facts.reading>[1]): this {
    this.push('a', ...projects);
    if (this.change.ticket.status === 'opening') this.ticketOpens();
    for (const { key } of projects) this.planned(key);
    if (this.change.ticket.status === 'opening') this.ticketOpens();
    return this.presented().ticketMoves('approved');
  }

  /** Everything up to a running apply of the project. */
  applying(key: string, ...projects: Parameters<typeof facts.reading>[1]): this {
    return this.approved(...projects)
      .judged(key, true)
      .claimed(key);
  }

  project(key: string): Project {
    const project = this.change.projects.find((each) => each.key === key);
    if (project === undefined) throw new Error(`no project ${key}`);
    return project;
  }

  attemptOf(key: string): string {
    const project = this.project(key);
    if (!('attemptId' in project)) throw new Error(`${key} is ${project.status}`);
    return project.attemptId;
  }

  statuses(): Record<string, ProjectStatus> {
    return Object.fromEntries(this.change.projects.map(({ key, status }) => [key, status]));
  }

  review(): string {
    const { ticket } = this.change;
    return ticket.status === 'open' ? ticket.review.status : ticket.status;
  }

  /** What was asked for by the last fact. */
  asked<T extends EffectType>(type: T): EffectOf<T>[] {
    return this.last.effects.filter((effect): effect is EffectOf<T> => effect.type === type);
  }

  answer(): CommandOutcome | undefined {
    return this.asked('answer-command').at(-1)?.outcome;
  }

  refusals(): string[] {
    return this.last.refusals.map(({ code }) => code);
  }

  entries(): string[] {
    return this.last.entries.map(({ type }) => type);
  }

  #now(): string {
    return new Date(Date.parse('2026-11-01T10:00:00Z') + this.#minutes * 60_000).toISOString();
  }

  #is<S extends ProjectStatus>(key: string, status: S): Extract<Project, { status: S }> {
    const project = this.project(key);
    if (project.status !== status) throw new Error(`${key} is ${project.status}, not ${status}`);
    return project as Extract<Project, { status: S }>;
  }

  #move(to: TicketMove['to'], account: string): string {
    const from = this.#moves.at(-1)?.to ?? 'requested';
    if (account === facts.BOT && from !== 'requested')
      this.#moves.push(facts.move(`m${this.#moves.length}`, from, 'requested', account));
    const id = `m${this.#moves.length}`;
    this.#moves.push(facts.move(id, this.#moves.at(-1)?.to ?? 'requested', to, account));
    return id;
  }
}
