import type { JsonValue } from '#domain/audit/entry.ts';
import type { Draft } from '#test/unit/audit/synthetic-log.ts';
import { deciderOf } from './approved-log.ts';

/** A way in which a log can be whole, signed, and tell of something that must not have happened. */
export interface Plant {
  what: string;
  /** The rule that the checker has to name. */
  rule: string;
  plant: (log: Draft[]) => Draft[];
}

/** Whatever a payload holds. */
// oxlint-disable-next-line typescript/no-explicit-any -- these logs are made to be bent
type Bent = any;

/** Bends the payload of the first entry of this type that fits. */
function bend(log: Draft[], type: string, change: number, how: (payload: Bent) => void, fits = ANY): Draft[] {
  const entry = log[indexOf(log, type, change, fits)];
  if (entry !== undefined) how(entry.payload);
  return log;
}

const ANY = (_payload: Bent): boolean => true;

function indexOf(log: readonly Draft[], type: string, change: number, fits = ANY): number {
  const index = log.findIndex(
    (entry) =>
      (type === 'any' || entry.type === type) &&
      entry.subject['changeId'] === `chg${change}` &&
      fits(entry.payload as Bent),
  );
  if (index < 0) throw new Error(`the log has no ${type} of chg${change} like that`);
  return index;
}

/** Entries in between, as late as can be: right before the claim. */
function beforeClaim(log: Draft[], change: number, ...more: Draft[]): Draft[] {
  return log.toSpliced(indexOf(log, 'attempt-claimed', change), 0, ...more);
}

function without(log: Draft[], type: string, change: number, fits = ANY): Draft[] {
  return log.toSpliced(indexOf(log, type, change, fits), 1);
}

function copyOf(log: readonly Draft[], type: string, change: number, fits = ANY): Draft {
  const entry = log[indexOf(log, type, change, fits)];
  if (entry === undefined) throw new Error('there is one');
  return structuredClone(entry);
}

function bent(entry: Draft, how: (payload: Bent) => void): Draft {
  const copy = structuredClone(entry);
  how(copy.payload);
  return copy;
}

const approval = (payload: Bent): boolean => payload.reading.moves.at(-1).to === 'approved';
const elsewhere = 'f'.repeat(64);

/** The same approval by somebody else: on the ticket, and wherever the log speaks of it. */
function approvedBy(log: Draft[], account: string): Draft[] {
  const read = bend(log, 'ticket-read', 1, (payload) => {
    payload.reading.moves.at(-1).account = account;
    payload.deciders = { [account]: deciderOf(account) ?? null } as JsonValue;
  });
  for (const entry of read) {
    if (entry.subject['changeId'] !== 'chg1') continue;
    const payload = entry.payload as Bent;
    if (payload.standing?.approval) payload.standing.approval.verdict.account = account;
    for (const { found } of payload.verdicts ?? [])
      if (found !== undefined) found.approvals = [{ account, now: deciderOf(account) ?? null }];
  }
  return read;
}

/** One of everything that must never have happened, planted into a day on which nobody did anything wrong. */
export const PLANTED: readonly Plant[] = [
  {
    what: 'an apply that nobody approved',
    rule: 'unapproved',
    plant: (log) => without(log, 'ticket-read', 1, approval),
  },
  {
    what: 'an approval of a ticket that was bound to something else',
    rule: 'unapproved',
    plant: (log) => bend(log, 'ticket-read', 1, ({ reading }) => (reading.boundTuple = elsewhere)),
  },
  {
    what: 'an approval before our move to In review',
    rule: 'unapproved',
    plant: (log) => bend(log, 'ticket-read', 1, ({ reading }) => void reading.moves.reverse()),
  },
  {
    what: 'an approval from somewhere else than In review',
    rule: 'unapproved',
    plant: (log) => bend(log, 'ticket-read', 1, ({ reading }) => (reading.moves.at(-1).from = 'rejected')),
  },
  {
    what: 'an approval by our own account',
    rule: 'unapproved',
    plant: (log) => approvedBy(log, 'account-of-countersign'),
  },
  {
    what: 'an approval by an automation rule',
    rule: 'unapproved',
    plant: (log) => bend(log, 'ticket-read', 1, ({ reading }) => (reading.moves.at(-1).accountKind = 'app')),
  },
  {
    what: 'an approval by a deactivated account',
    rule: 'unapproved',
    plant: (log) => bend(log, 'ticket-read', 1, ({ reading }) => (reading.moves.at(-1).active = false)),
  },
  {
    what: 'an approval by whoever asked and pushed',
    rule: 'own',
    plant: (log) => approvedBy(log, 'account-of-mara'),
  },
  {
    what: 'an approval by somebody whose comment had the state adjusted',
    rule: 'own',
    plant: (log) => {
      const asked = bent(copyOf(log, 'command-received', 1), (payload) => {
        payload.by = { ...payload.by, gitlabId: 9, username: 'ada', person: 'ada' };
        payload.command = { verb: 'state-rm', addresses: ['aws_db_instance.main'] };
        payload.refusals = [];
      });
      return log.toSpliced(indexOf(log, 'revision-opened', 1) + 1, 0, asked);
    },
  },
  { what: 'an approval by a committer', rule: 'own', plant: (log) => approvedBy(log, 'account-of-carl') },
  {
    what: 'an approval by somebody with a second account on GitLab, from which was pushed',
    rule: 'own',
    plant: (log) =>
      approvedBy(
        bend(log, 'merge-request-read', 1, ({ reading }) => {
          reading.author.id = 8;
          reading.contents.commitAuthors = ['carl@home.example'];
          reading.contents.committers = ['carl@example.com'];
          reading.contents.pushers = [77];
        }),
        'account-of-mara',
      ),
  },
  {
    what: 'an approval by somebody nobody knows',
    rule: 'stranger',
    plant: (log) => approvedBy(log, 'account-of-nobody'),
  },
  {
    what: 'an approval by somebody who was no approver',
    rule: 'stranger',
    plant: (log) =>
      bend(log, 'ticket-read', 1, ({ deciders }) => (deciders['account-of-ada'].roles = ['requester'])),
  },
  {
    what: 'an approval by somebody who had left the approvers before the apply',
    rule: 'left',
    plant: (log) =>
      bend(log, 'gates-evaluated', 1, ({ verdicts }) => (verdicts[0].found.approvals[0].now.roles = [])),
  },
  {
    what: 'an apply on an approval that its gates had not judged: they had looked under broken glass',
    rule: 'gates',
    plant: (log) =>
      bend(
        log,
        'gates-evaluated',
        1,
        ({ verdicts }) => (verdicts[0].approval = { kind: 'break-glass', noteId: 901 }),
        ({ verdicts }) => verdicts[0].go,
      ),
  },
  {
    what: 'an approval that was taken back',
    rule: 'unapproved',
    plant: (log) => beforeClaim(log, 1, secondMove(log, 'in-review')),
  },
  {
    what: 'an approval after which the change was rejected',
    rule: 'unapproved',
    plant: (log) => beforeClaim(log, 1, secondMove(log, 'rejected')),
  },
  {
    what: 'an approval that had expired',
    rule: 'expired',
    plant: (log) => {
      for (const key of ['network', 'db'])
        bend(
          log,
          'plan-run-ended',
          1,
          ({ outcome }) => (outcome.plan.demand.approvalValidSeconds = 0.5),
          ({ project }) => project === key,
        );
      return log;
    },
  },
  {
    what: 'an approval that was voided',
    rule: 'unapproved',
    plant: (log) => {
      const voided = { ...copyOf(log, 'gates-evaluated', 1), type: 'approval-voided', payload: { why: 'x' } };
      return beforeClaim(log, 1, voided);
    },
  },
  {
    what: 'a push after the approval',
    rule: 'head',
    plant: (log) => {
      const read = copyOf(log, 'merge-request-read', 1);
      return beforeClaim(
        log,
        1,
        bent(read, ({ reading }) => (reading.headSha = '1'.repeat(40))),
      );
    },
  },
  {
    what: 'a plan that came out otherwise after the approval',
    rule: 'other-tuple',
    plant: (log) => {
      const planned = copyOf(log, 'plan-run-ended', 1, ({ project }) => project === 'db');
      return beforeClaim(
        log,
        1,
        bent(planned, ({ outcome }) => (outcome.plan.digest = elsewhere)),
      );
    },
  },
  {
    what: 'a project that was not part of what was approved',
    rule: 'other-tuple',
    plant: (log) =>
      bend(
        log,
        'any',
        1,
        ({ presenting }) => {
          const [db] = presenting.tuple.projects;
          presenting.tuple.projects = [db];
        },
        ({ presenting }) => presenting !== undefined,
      ),
  },
  {
    what: 'elements under a hash that is not theirs',
    rule: 'hash',
    plant: (log) =>
      bend(
        log,
        'any',
        2,
        ({ presenting }) => (presenting.tuple.workPlan = elsewhere),
        ({ presenting }) => presenting !== undefined,
      ),
  },
  {
    what: 'one approval of the two that were asked for',
    rule: 'too-few',
    plant: (log) =>
      bend(
        bend(log, 'attempt-claimed', 2, ({ standing }) => (standing.approval.given = [])),
        'attempt-started',
        2,
        ({ standing }) => (standing.approval.given = []),
      ),
  },
  {
    what: 'two approvals of one person by two accounts',
    rule: 'too-few',
    plant: (log) => {
      for (const entry of log) {
        const text = JSON.stringify(entry.payload).replaceAll('account-of-sven', 'ada-again');
        entry.payload = JSON.parse(text) as JsonValue;
      }
      return bend(
        log,
        'ticket-read',
        2,
        ({ deciders }) => (deciders['ada-again'] = deciderOf('ada-again') ?? null),
        ({ reading }) => JSON.stringify(reading).includes('ada-again'),
      );
    },
  },
  {
    what: 'a second approval by somebody of another group',
    rule: 'too-few',
    plant: (log) =>
      bend(
        log,
        'ticket-read',
        2,
        ({ deciders }) => (deciders['account-of-sven'].groups = ['operations']),
        ({ deciders }) => deciders['account-of-sven'] !== undefined,
      ),
  },
  {
    what: 'gates that never said yes',
    rule: 'gates',
    plant: (log) => without(log, 'gates-evaluated', 2, ({ verdicts }) => verdicts[0].go),
  },
  {
    what: 'gates that said yes a day before',
    rule: 'gates',
    plant: (log) => {
      const index = indexOf(log, 'attempt-claimed', 2);
      return log.map((entry, i) =>
        i < index ? entry : { ...entry, ts: (entry.ts ?? '').replace('2026-11-01', '2026-11-02') },
      );
    },
  },
  {
    what: 'another policy than the approved one when the gates looked',
    rule: 'moved',
    plant: (log) => seen(log, 'policy', elsewhere),
  },
  {
    what: 'another configuration than the approved one when the gates looked',
    rule: 'moved',
    plant: (log) => seen(log, 'configuration', elsewhere),
  },
  {
    what: 'another bundle than that of the plan',
    rule: 'bundle',
    plant: (log) => bend(log, 'attempt-claimed', 1, (payload) => (payload.bundleHash = elsewhere)),
  },
  {
    what: 'another digest than that of the plan',
    rule: 'digest',
    plant: (log) => bend(log, 'attempt-claimed', 1, ({ standing }) => (standing.element.digest = elsewhere)),
  },
  {
    what: 'a start on another plan than was claimed',
    rule: 'digest',
    plant: (log) => bend(log, 'attempt-started', 1, ({ standing }) => (standing.element.digest = elsewhere)),
  },
  {
    what: 'a state that had moved at the start',
    rule: 'moved',
    plant: (log) => bend(log, 'attempt-started', 1, ({ state }) => (state.serial = '5')),
  },
  {
    what: 'one bundle applied twice',
    rule: 'twice',
    plant: (log) => {
      const again = ['attempt-claimed', 'attempt-started', 'attempt-ended'].map((type) =>
        bent(copyOf(log, type, 1), (payload) => (payload.attemptId = 'again')),
      );
      return log.toSpliced(indexOf(log, 'attempt-ended', 1) + 1, 0, ...again);
    },
  },
  {
    what: 'a project that belongs to another change',
    rule: 'hold',
    plant: (log) =>
      without(
        without(log, 'merged', 1),
        'merge-request-read',
        1,
        ({ reading }: Bent) => reading.state === 'merged',
      ),
  },
  {
    what: 'a start that nobody claimed',
    rule: 'order',
    plant: (log) => without(log, 'attempt-claimed', 5),
  },
  {
    what: 'an end without a start',
    rule: 'order',
    plant: (log) => without(log, 'attempt-started', 5),
  },
  {
    what: 'an apply on command that nobody commanded',
    rule: 'operator',
    plant: (log) => {
      const index = indexOf(log, 'attempt-claimed', 1, ({ project }) => project === 'db');
      return log.map((entry, i) =>
        i === index ? { ...entry, actor: { kind: 'service', component: 'run-apply' } } : entry,
      );
    },
  },
  {
    what: 'an apply commanded by whoever asked for the change',
    rule: 'operator',
    plant: (log) => {
      const index = indexOf(log, 'attempt-claimed', 1, ({ project }) => project === 'db');
      bend(log, 'command-received', 1, ({ by }) => (by.person = 'mara'));
      return log.map((entry, i) =>
        i === index ? { ...entry, actor: { kind: 'person', id: 'mara' } } : entry,
      );
    },
  },
  {
    what: 'an apply in advance under nothing that anybody approved',
    rule: 'unapproved',
    plant: (log) => log.filter(({ type }) => type !== 'mandate-in-force'),
  },
  {
    what: 'an apply in advance under a mandate that had ended',
    rule: 'expired',
    plant: (log) =>
      bendMandate(log, 'mandate-opened', ({ terms }) => (terms.until = '2026-11-01T10:00:05.000Z')),
  },
  {
    what: 'an apply in advance of a graver tier than the mandate covers',
    rule: 'unapproved',
    plant: (log) => bendMandate(log, 'mandate-opened', ({ terms }) => (terms.tier = 'other')),
  },
  {
    what: 'a mandate approved by whoever asked for it',
    rule: 'own',
    plant: (log) => bendMandate(log, 'mandate-opened', (payload) => (payload.requestedBy = 'ada')),
  },
  {
    what: 'an emergency that nobody confirmed',
    rule: 'unapproved',
    plant: (log) => without(log, 'break-glass-confirmed', 7),
  },
  {
    what: 'an emergency confirmed by whoever asked for it',
    rule: 'own',
    plant: (log) => bend(log, 'break-glass-confirmed', 7, (payload) => (payload.by = payload.askedBy)),
  },
  {
    what: 'an emergency of another plan',
    rule: 'other-tuple',
    plant: (log) => bend(log, 'break-glass-confirmed', 7, (payload) => (payload.tupleHash = elsewhere)),
  },
  {
    what: 'a release tag on another commit',
    rule: 'tag',
    plant: (log) => bend(log, 'release-tagged', 1, (payload) => (payload.sha = '2'.repeat(40))),
  },
  {
    what: 'a release tag with the number of another approval',
    rule: 'tag',
    plant: (log) => bend(log, 'release-tagged', 1, (payload) => (payload.tag = 'release/CHG-2')),
  },
  {
    what: 'a release tag before all of it was applied',
    rule: 'tag',
    plant: (log) =>
      bend(
        log,
        'attempt-ended',
        1,
        ({ outcome }) => (outcome.kind = 'failed-clean'),
        ({ project }) => project === 'db',
      ),
  },
];

/** Bends the entry of this type about the standing approval. */
function bendMandate(log: Draft[], type: string, how: (payload: Bent) => void): Draft[] {
  const entry = log.find((each) => each.type === type);
  if (entry !== undefined) how(entry.payload);
  return log;
}

/** The reading of the approval, and one move more by the approver. */
function secondMove(log: readonly Draft[], to: 'in-review' | 'rejected'): Draft {
  return bent(copyOf(log, 'ticket-read', 1), (payload) => {
    const [, last] = payload.reading.moves;
    payload.reading.moves.push({ ...last, id: 'later', from: 'approved', to });
    payload.during = payload.during.replace('in-review', 'approved');
  });
}

function seen(log: Draft[], element: string, value: string): Draft[] {
  return bend(log, 'gates-evaluated', 1, ({ verdicts }) => (verdicts[0].found.elements[element] = value));
}
