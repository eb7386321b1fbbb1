import { entriesOf } from '#app/entries-of.ts';
import type { Actor } from '#domain/audit/actor.ts';
import type { Change, Decider } from '#domain/change.ts';
import { decide, newChange } from '#domain/decide.ts';
import { DEFAULT_DEMAND, type Demand } from '#domain/demand.ts';
import type { Fact, GateVerdict, MergeRequestReading, TicketMove } from '#domain/fact.ts';
import { reviewMark } from '#domain/on-ticket.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import type { ProjectTarget } from '#domain/project.ts';
import type { Draft } from '#test/unit/audit/synthetic-log.ts';
import * as facts from '#test/unit/core/facts.ts';

/** Who is who in these logs, as an auditor's own directory has it. */
export const PEOPLE = [
  { id: 'mara', gitlabIds: [7, 77], jiraAccounts: ['account-of-mara'], emails: ['mara@example.com'] },
  {
    id: 'carl',
    gitlabIds: [8],
    jiraAccounts: ['account-of-carl'],
    emails: ['carl@example.com', 'carl@home.example'],
  },
  { id: 'ada', gitlabIds: [9], jiraAccounts: ['account-of-ada', 'ada-again'], emails: ['ada@example.com'] },
  { id: 'sven', gitlabIds: [10], jiraAccounts: ['account-of-sven'], emails: ['sven@example.com'] },
  { id: 'olga', gitlabIds: [21], jiraAccounts: ['account-of-olga'], emails: ['olga@example.com'] },
];

const GROUPS: Readonly<Record<string, string[]>> = { ada: ['operations'], sven: ['security'] };
const SERVICE: Actor = { kind: 'service', component: 'worker' };

/** Two people: anybody with the role, and somebody of security. */
const TWO_OF_THEM: Demand = {
  ...DEFAULT_DEMAND,
  tier: 'grave',
  rank: 2,
  approvals: [
    { id: 'approver', from: [], count: 1 },
    { id: 'security', from: ['security'], count: 1 },
  ],
};

/** Approved in advance, where a standing approval covers it. */
const IN_ADVANCE: Demand = { ...DEFAULT_DEMAND, tier: 'light', standing: true };

const MANDATE = { id: 'm1', key: 'CHG-90', name: 'small things', approver: 'ada' };

export function deciderOf(account: string): Decider | undefined {
  const person = PEOPLE.find(({ jiraAccounts }) => jiraAccounts.includes(account));
  if (person === undefined) return undefined;
  const { id } = person;
  return { person: id, name: id, roles: ['approver'], groups: GROUPS[id] ?? [], insteadOf: [], unseen: [] };
}

/** An audit log on paper: the core decides, and what it decides is written down as the service would. */
class PaperLog {
  readonly drafts: Draft[] = [];
  #seconds = 0;

  tell(change: Change, fact: Fact, actor: Actor = SERVICE): Change {
    this.#seconds += 1;
    const ts = new Date(Date.UTC(2026, 10, 1, 10) + this.#seconds * 1000).toISOString();
    const decision = decide(change, fact, ts);
    for (const { type, subject, payload, actor: by } of entriesOf({ actor, fact }, change, decision)) {
      const ids = Object.entries(subject).filter((pair): pair is [string, string] => pair[1] !== undefined);
      this.drafts.push({ type, subject: Object.fromEntries(ids), payload, ts, actor: by });
    }
    return decision.change;
  }

  /** A standing approval that Carl asked for and Ada approved. */
  mandate(): void {
    const terms = {
      kind: 'standing-approval',
      name: MANDATE.name,
      projects: ['**'],
      tier: IN_ADVANCE.tier,
      most: { destroys: 0, replaces: 0 },
      until: '2026-12-01T00:00:00.000Z',
    };
    this.#write('mandate-opened', { terms, requestedBy: 'carl' });
    const approval = { moveId: 'm90.1', account: 'account-of-ada', person: 'ada', roles: ['approver'] };
    this.#write('mandate-in-force', { heard: { kind: 'approved', approval } });
  }

  #write(type: string, payload: Draft['payload']): void {
    this.#seconds += 1;
    this.drafts.push({ type, subject: { mandate: MANDATE.id }, payload, ts: this.now(), actor: SERVICE });
  }

  now(): string {
    return new Date(Date.UTC(2026, 10, 1, 10) + this.#seconds * 1000).toISOString();
  }
}

/** One merge request of that log: each verb is what a worker, or a person, does about it. */
class PaperChange {
  change: Change;
  readonly #log: PaperLog;
  readonly #iid: number;
  readonly #demand: Demand;
  #moves: TicketMove[] = [];
  #opened = 0;
  #notes = 0;

  constructor(log: PaperLog, iid: number, demand: Demand = DEFAULT_DEMAND) {
    this.#log = log;
    this.#iid = iid;
    this.#demand = demand;
    this.change = newChange(`chg${iid}`, { repository: 1, iid });
  }

  tell(fact: Fact, actor?: Actor): this {
    this.change = this.#log.tell(this.change, fact, actor);
    return this;
  }

  /** Mara asks, Carl committed too, and Mara pushed. */
  push(letter: string, ...projects: ProjectTarget[]): this {
    return this.#isRead(letter, projects, [7]);
  }

  /** The same, and GitLab tells of the push by the second look only. */
  pushToldLate(letter: string, ...projects: ProjectTarget[]): this {
    return this.#isRead(letter, projects, undefined).#isRead(letter, projects, [7]);
  }

  #isRead(letter: string, projects: readonly ProjectTarget[], pushers: number[] | undefined): this {
    const people = {
      commitAuthors: ['mara@example.com'],
      committers: ['mara@example.com', 'carl@example.com'],
    };
    const parts = { mergeRequest: { repository: 1, iid: this.#iid } };
    this.tell(facts.reading(facts.sha(letter), projects, parts, { ...people, pushers }));
    if (this.change.ticket.status === 'opening') this.#openTicket();
    return this;
  }

  #openTicket(): void {
    this.#opened += 1;
    this.#moves = [];
    const key = `CHG-${this.#iid}${this.#opened === 1 ? '' : String(this.#opened)}`;
    const number = 'number' in this.change.ticket ? this.change.ticket.number : 0;
    this.tell({ type: 'ticket-opened', number, key, url: `https://jira/${key}` });
  }

  /** Every project that waits for a plan gets one; plans of one `content` are the same change. */
  planned(content = 'as asked for'): this {
    for (const project of this.change.projects) {
      if (project.status !== 'planning') continue;
      const head = this.change.revision?.headSha ?? '';
      const said = facts.planRef(project.planRunId, head, `${project.key} ${content}`);
      const plan: PlanRef = { ...said, inputsId: project.inputsId, demand: this.#demand };
      this.tell(facts.planEnded(project.key, project.planRunId, { kind: 'planned', plan }));
    }
    if (this.change.ticket.status === 'opening') this.#openTicket();
    const { ticket } = this.change;
    if (ticket.status !== 'open' || ticket.review.status !== 'presenting') return this;
    const { inAdvance, round, tupleHash } = ticket.review;
    if (inAdvance === true) return this.tell({ type: 'ticket-prepared', key: ticket.key, round, tupleHash });
    if (this.#moves.at(-1)?.to !== 'requested' && this.#moves.length > 0) this.#move('requested', facts.BOT);
    const moveId = this.#move('in-review', facts.BOT);
    return this.tell({ type: 'ticket-presented', key: ticket.key, round, tupleHash, moveId });
  }

  #move(to: TicketMove['to'], account: string): string {
    const id = `m${this.#iid}.${this.#moves.length}`;
    this.#moves.push(facts.move(id, this.#moves.at(-1)?.to ?? 'requested', to, account));
    return id;
  }

  /** Somebody moves the ticket, and it is read. */
  ticket(to: TicketMove['to'], account = 'account-of-ada'): this {
    this.#move(to, account);
    const { key, review } = facts.openTicketOf(this.change.ticket);
    const bound = 'tupleHash' in review ? review.tupleHash : undefined;
    const read = facts.ticketRead(key, [...this.#moves], bound, reviewMark(this.change));
    const accounts = new Set(this.#moves.map((move) => move.account));
    const deciders = [...accounts].flatMap((each) => {
      const decider = deciderOf(each);
      return decider === undefined ? [] : [[each, decider] as const];
    });
    return this.tell({ ...read, deciders: Object.fromEntries(deciders) });
  }

  /** The gates want more approvals, and our account asks on. */
  asksOn(key: string): this {
    const counted = this.#approvals().map(({ moveId }) => moveId);
    const asksOn = { counted, why: 'somebody of security has to approve' };
    this.#judge(key, { asksOn });
    return this.ticket('in-review', facts.BOT);
  }

  #approvals() {
    const { review } = facts.openTicketOf(this.change.ticket);
    return review.status === 'approved' ? [...review.given, review.verdict] : [];
  }

  /** The gates say yes to the project, as they would having seen what was approved. */
  ready(key: string): this {
    return this.#judge(key, undefined);
  }

  #judge(key: string, no: Pick<GateVerdict, 'asksOn'> | undefined): this {
    const project = this.change.projects.find((each) => each.key === key);
    if (project?.status !== 'gating') throw new Error(`${key} is ${project?.status ?? 'gone'}`);
    const { plan, evaluationId } = project;
    const { review } = facts.openTicketOf(this.change.ticket);
    const found = {
      at: this.#log.now(),
      headSha: plan.headSha,
      elements: {
        'approved tuple': 'tupleHash' in review ? review.tupleHash : '',
        policy: plan.policyHash,
        configuration: plan.configurationHash,
        inputs: plan.inputsId,
        'terraform version': plan.terraformVersion,
        'plan bundle': plan.bundleHash,
        state: plan.state === 'none' ? 'none' : `lineage ${plan.state.lineage} serial ${plan.state.serial}`,
      },
      people: {},
      approvals: this.#approvals().map(({ account }) => ({ account, now: deciderOf(account) })),
    };
    const { verdicts } = facts.judged(this.change, { key, evaluationId }, no === undefined, no ?? {});
    return this.tell({
      type: 'gates-evaluated',
      verdicts: verdicts.map((each) =>
        each.go ? { ...each, found, ...(review.status === 'standing' ? { mandate: MANDATE } : {}) } : each,
      ),
    });
  }

  apply(): this {
    this.#notes += 1;
    const by = { ...facts.olga, gitlabId: 21 };
    return this.tell(
      { type: 'command-received', noteId: this.#notes, by, command: { verb: 'apply' } },
      { kind: 'person', id: 'olga' },
    );
  }

  /** An operator breaks the glass, and somebody else confirms it. */
  emergency(): this {
    const glass = facts.glassTerms();
    const asked = { type: 'command-received', noteId: 901, by: facts.olga, glass } as const;
    this.tell(
      { ...asked, command: { verb: 'apply', breakGlass: 'it burns' } },
      { kind: 'person', id: 'olga' },
    );
    const confirmer = { ...facts.otto, person: 'otto', roles: [...facts.otto.roles, 'confirmer'] };
    return this.tell(
      { ...asked, noteId: 902, by: confirmer, command: { verb: 'confirm', asked: 901 } },
      { kind: 'person', id: 'otto' },
    );
  }

  /** The attempt is claimed, started and ends; what is commanded is claimed in the name of whoever commanded. */
  runs(key: string, how: Parameters<typeof facts.attemptEnded>[2] = 'succeeded'): this {
    const project = this.change.projects.find((each) => each.key === key);
    if (project?.status !== 'applying') throw new Error(`${key} is ${project?.status ?? 'gone'}`);
    const { attemptId, command, plan } = project;
    this.tell(facts.claimed(project), command === undefined ? SERVICE : { kind: 'person', id: 'olga' });
    const isolation = 'uid';
    const started = {
      type: 'attempt-started',
      project: key,
      attemptId,
      host: 'h',
      pid: 1,
      isolation,
    } as const;
    this.tell({ ...started, state: plan.state });
    return this.tell(facts.attemptEnded(key, attemptId, how));
  }

  mergedAndOver(): this {
    this.tell({ type: 'release-prepared', message: 'what was applied' });
    const { release } = this.change;
    if (release.status === 'tagging') this.tell(facts.tagged(release));
    const reading: MergeRequestReading = {
      ...facts.over('merged', this.change.revision?.headSha ?? '').reading,
      mergeRequest: { repository: 1, iid: this.#iid },
    };
    return this.tell({ type: 'merged', sha: facts.sha('e') }).tell({ type: 'merge-request-read', reading });
  }
}

/**
 * A day of a firm, in which nobody did anything wrong: an apply on approval beside one on command, two people's approval,
 * a push after an approval, an equal plan made again, an approval taken back, a rejection, a clean failure, a project
 * that goes from one change to the next, a change that was approved in advance, and an emergency.
 */
export function honestDay(): Draft[] {
  const log = new PaperLog();
  const [network, db] = [facts.target('network'), facts.target('db', { applyOn: 'command' })];
  new PaperChange(log, 1)
    .push('a', network, db)
    .planned()
    .ticket('approved')
    .ready('network')
    .ready('db')
    .runs('network')
    .apply()
    .ready('db')
    .runs('db')
    .mergedAndOver();
  new PaperChange(log, 2, TWO_OF_THEM)
    .pushToldLate('b', facts.target('iam'))
    .planned()
    .ticket('approved')
    .asksOn('iam')
    .ticket('approved', 'account-of-sven')
    .ready('iam')
    .runs('iam')
    .mergedAndOver();
  new PaperChange(log, 3)
    .push('c', facts.target('web'))
    .planned()
    .ticket('approved')
    .push('d', facts.target('web'))
    .planned('otherwise')
    .ticket('approved')
    .ready('web')
    .runs('web', 'failed-clean')
    .planned('otherwise')
    .apply()
    .ready('web')
    .runs('web')
    .mergedAndOver();
  new PaperChange(log, 4).push('f', facts.target('dns')).planned().ticket('rejected', 'account-of-sven');
  new PaperChange(log, 5)
    .push('0', network)
    .planned()
    .ticket('approved')
    .ticket('in-review')
    .planned()
    .ticket('approved')
    .ready('network')
    .runs('network')
    .mergedAndOver();
  log.mandate();
  new PaperChange(log, 6, IN_ADVANCE)
    .push('1', facts.target('labels'))
    .planned()
    .ready('labels')
    .runs('labels')
    .mergedAndOver();
  new PaperChange(log, 7).push('2', facts.target('lb')).planned().emergency().ready('lb').runs('lb');
  return log.drafts;
}
