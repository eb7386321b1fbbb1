import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLedger, type Ledger } from '#app/ledger.ts';
import { endMandate } from '#app/mandates/end-mandate.ts';
import { lookAtMandates } from '#app/mandates/look-at-mandates.ts';
import { type OpeningDesk, openMandate } from '#app/mandates/open-mandate.ts';
import { attemptIdOf } from '#domain/attempt.ts';
import { currentTupleHash } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import type { Applying } from '#domain/project.ts';
import type { TicketReading } from '#domain/fact.ts';
import { Fault } from '#domain/fault.ts';
import type { Person } from '#domain/gates/evidence.ts';
import { type Mandate, type StandingApproval, termsHash } from '#domain/mandate.ts';
import { type OpenDatabase, openDatabase } from '#store/database.ts';
import { enterUses } from '#store/mandate-uses.ts';
import { aChange, aPlanRef, aProject, insertChange } from '#test/integration/http/change-fixture.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';
import { BOT, DNS, move, NOW, OPENED, PEOPLE, ticketOf } from '#test/unit/mandates/mandates.ts';
import { listMandates } from '#views/list-mandates.ts';

const CLI = { kind: 'operator-cli', id: 'cleo' } as const;
const SERVICE = { kind: 'service', component: 'test' } as const;

let database: TestDatabase;
let app: OpenDatabase;
let ledger: Ledger;
let names = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  app = openDatabase(database.url, { max: 10, applicationName: 'app', onError: () => undefined });
  ledger = createLedger(app.db);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

/** Terms that no other test has. */
function terms(more: Partial<StandingApproval> = {}): StandingApproval {
  names += 1;
  return { ...DNS, name: `dns ${names}`, until: new Date(Date.now() + 86_400_000).toISOString(), ...more };
}

/** A mandate in the books whose ticket is in review. */
async function opened(of: StandingApproval): Promise<Mandate> {
  const { mandate } = await ledger.mandates.begin({ id: `man${names}`, terms: of, requestedBy: 'cleo' }, CLI);
  const ticket = { key: `MAN-${names}`, url: `https://jira.test/browse/MAN-${names}`, reviewMove: OPENED.id };
  await ledger.mandates.presented(mandate.id, ticket, CLI);
  return { ...mandate, ticket };
}

const typesOf = async (mandate: string) => {
  const { rows } = await sql<{ type: string }>`select (envelope::jsonb) ->> 'type' as type from audit.entries
    where (envelope::jsonb) #>> '{subject,mandate}' = ${mandate} order by idx`.execute(app.db);
  return rows.map(({ type }) => type);
};

/** A change that is about to be applied under the mandate, in the database. */
async function applying(iid: number, mandate: Mandate): Promise<{ change: Change; project: Applying }> {
  const id = `c${iid}`;
  const dir = `biz/dns/zone-${iid}`;
  const plan = { ...aPlanRef(id, dir), planRunId: `${id}.p1` };
  const attemptId = attemptIdOf(plan.planRunId);
  const queued = {
    status: 'applying',
    phase: 'queued',
    plan,
    attemptId,
    evaluationId: 'e',
    evaluatedAt: NOW,
    approval: { kind: 'standing', mandate: mandate.id },
  };
  const unticketed = aChange(iid, { projects: [aProject(id, dir, queued as never)] });
  const tupleHash = currentTupleHash(unticketed) ?? '';
  const ref = { id: mandate.id, key: mandate.ticket?.key ?? '', name: 'dns', approver: 'bob' };
  const change: Change = {
    ...unticketed,
    ticket: {
      status: 'open',
      number: 1,
      key: `CHG-${iid}`,
      url: '',
      review: { status: 'standing', round: 1, tupleHash, since: NOW, mandate: ref },
      spent: false,
    },
  };
  await insertChange(app.db, change);
  await app.db
    .insertInto('plan_runs')
    .values({ id: plan.planRunId, change_id: id, revision: 1, project: dir, head_sha: plan.headSha })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const [project] = change.projects;
  if (project?.status !== 'applying') throw new Error('nothing is applied');
  return { change, project };
}

const claim = ({ change, project }: { change: Change; project: Applying }) =>
  ledger.record({
    changeId: change.id,
    fact: {
      type: 'attempt-claimed',
      project: project.key,
      attemptId: project.attemptId,
      planRunId: project.plan.planRunId,
      bundleHash: project.plan.bundleHash,
    },
    actor: SERVICE,
  });

describe('the books of mandates', () => {
  test('hold the same terms of the same person once, and have an entry for each step', async () => {
    const of = terms();
    const begin = (id: string, requestedBy = 'cleo') =>
      ledger.mandates.begin({ id, terms: of, requestedBy }, CLI);
    const all = await Promise.all([begin('one'), begin('two'), begin('three')]);
    expect(new Set(all.map(({ mandate }) => mandate.id)).size).toBe(1);
    expect(all.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect((await begin('other', 'dan')).isNew).toBe(true);
    const id = all[0]?.mandate.id ?? '';
    expect(await ledger.mandates.end(id, 'enough', CLI)).toBe(true);
    expect(await ledger.mandates.end(id, 'again', CLI)).toBe(false);
    expect(await typesOf(id)).toEqual(['mandate-opened', 'mandate-ended']);
    expect((await begin('anew')).isNew).toBe(true);
  });

  test('keep what a ticket said when it was first heard, and enter only what is news', async () => {
    const mandate = await opened(terms());
    const around = { at: NOW, bot: BOT, people: PEOPLE, unseenSources: [] };
    const whoIsWho = async () => around;
    let ticket: TicketReading | Fault = ticketOf(mandate.terms);
    const look = async () => {
      const found = await ledger.mandates.ofTicket(mandate.ticket?.key ?? '');
      const read = async () => {
        if (ticket instanceof Fault) throw ticket;
        return { ...ticket, boundTuple: termsHash(mandate.terms) };
      };
      const looked = await lookAtMandates(
        { books: ledger.mandates, ticketing: { read }, whoIsWho },
        around,
        found === undefined ? [] : [found],
      );
      return looked[0]?.judgement.kind;
    };
    expect([await look(), await look()]).toEqual(['in-force', 'in-force']);
    ticket = new Fault('jira-down', 'JIRA answered 503', { retryable: true });
    expect(await look()).toBe('unknown');
    ticket = ticketOf(mandate.terms, [
      move('m2', 'in-review', 'approved', 'jira-bob'),
      move('m3', 'approved', 'in-review', 'jira-bob'),
    ]);
    expect([await look(), await look()]).toEqual(['not-in-force', 'not-in-force']);
    expect(await typesOf(mandate.id)).toEqual([
      'mandate-opened',
      'mandate-presented',
      'mandate-in-force',
      'mandate-not-in-force',
    ]);
    const { rows } = await listMandates(app.db, () => undefined);
    expect(rows.find(({ id }) => id === mandate.id)).toMatchObject({
      state: 'not-in-force',
      why: expect.stringContaining('in review and not approved'),
      used: { lately: 0, ever: 0 },
    });
  });

  test('keep who decided as they are at that moment, not as a look of a moment ago had them, and for good', async () => {
    const mandate = await opened(terms({ name: 'dns-again' }));
    const ticket = { ...ticketOf(mandate.terms), boundTuple: termsHash(mandate.terms) };
    const look = async (people: readonly Person[], now = people) => {
      const found = await ledger.mandates.ofTicket(mandate.ticket?.key ?? '');
      const [looked] = await lookAtMandates(
        {
          books: ledger.mandates,
          ticketing: { read: async () => ticket },
          whoIsWho: async () => ({ people: now, unseenSources: [] }),
        },
        { at: NOW, bot: BOT, people, unseenSources: [] },
        found === undefined ? [] : [found],
      );
      return looked;
    };
    const before = PEOPLE.map((each) => ({ ...each, roles: [] }));
    const first = await look(PEOPLE, before);
    expect(first?.judgement).toMatchObject({ kind: 'not-in-force' });
    expect(first?.mandate.heard).toMatchObject({ decider: { person: 'bob', roles: [] } });
    expect((await look(PEOPLE))?.judgement).toMatchObject({
      kind: 'not-in-force',
      why: 'bob, who approved it, did not have the role approver then',
    });
  });

  test('give the last use that is left to one change only, with its entry and its claim or without all three', async () => {
    const mandate = await opened(terms({ most: { changesPerDay: 2, destroys: 0, replaces: 0 } }));
    const changes = [
      await applying(201, mandate),
      await applying(202, mandate),
      await applying(203, mandate),
    ];
    const told = await Promise.allSettled(changes.map(claim));
    const refused = told.flatMap((each) => (each.status === 'rejected' ? [each.reason as Fault] : []));
    expect(refused.map(({ code }) => code)).toEqual(['mandate-used-up']);
    const loser = changes[told.findIndex(({ status }) => status === 'rejected')]?.change.id ?? '';
    const uses = await ledger.mandates.uses([mandate.id]);
    expect(uses.map((use) => use.as).toSorted()).toEqual(
      changes.flatMap(({ change }) => (change.id === loser ? [] : [`CHG-${change.mergeRequest.iid}`])),
    );
    for (const { change } of changes) {
      const { rows } = await sql<{
        type: string;
      }>`select (envelope::jsonb) ->> 'type' as type from audit.entries
        where (envelope::jsonb) #>> '{subject,changeId}' = ${change.id} order by idx`.execute(app.db);
      const types = rows.map(({ type }) => type).filter((type) => /claimed|mandate/.test(type));
      expect(types).toEqual(change.id === loser ? [] : ['attempt-claimed', 'mandate-used']);
    }
    const winner = changes.find(({ change }) => change.id !== loser)?.change;
    const used = await ledger.mandates.usedOn(`CHG-${winner?.mergeRequest.iid ?? 0}`);
    expect(used.map(({ id }) => id)).toEqual([mandate.id]);
    const { rows } = await listMandates(app.db, () => undefined);
    expect(rows.find(({ id }) => id === mandate.id)?.used).toMatchObject({ lately: 2, ever: 2 });
  });

  test('count a merge request again that is pushed to after an apply, since it has another ticket then', async () => {
    const mandate = await opened(terms({ most: { changesPerDay: 1, destroys: 0, replaces: 0 } }));
    const first = await applying(205, mandate);
    await claim(first);
    const again = (key: string) =>
      app.db
        .transaction()
        .execute((trx) =>
          enterUses(
            trx,
            { id: first.change.id, ticket: { ...first.change.ticket, key } as Change['ticket'] },
            [{ mandate: mandate.id, project: first.project.key, reference: 'another attempt' }],
          ),
        );
    await expect(again('CHG-1205')).rejects.toMatchObject({ code: 'mandate-used-up' });
    await expect(again('CHG-205')).resolves.toBeUndefined();
  });

  test('let nothing be claimed under a mandate that was ended, or whose time is over, since the gates were asked', async () => {
    const ended = await opened(terms());
    const one = await applying(211, ended);
    await ledger.mandates.end(ended.id, 'enough', CLI);
    await expect(claim(one)).rejects.toMatchObject({ code: 'mandate-used-up' });
    const over = await opened(terms({ until: new Date(Date.now() - 1_000).toISOString() }));
    await expect(claim(await applying(212, over))).rejects.toMatchObject({ code: 'mandate-used-up' });
    expect((await ledger.mandates.overdue()).map(({ id }) => id)).toContain(over.id);
  });
});

describe('opening and ending', () => {
  /** A ticket system of one ticket, which can fail after it has done what it was asked. */
  function paper(failing: 'open' | 'move' | 'none') {
    let left = failing === 'none' ? 0 : 1;
    const done: string[] = [];
    const moves: TicketReading['moves'][number][] = [];
    const after = <T>(what: typeof failing, value: T): T => {
      done.push(what);
      if (what === failing && left-- > 0) throw new Fault('jira-down', 'it broke off', { retryable: true });
      return value;
    };
    const ticketing: OpeningDesk['ticketing'] = {
      self: async () => BOT,
      open: async ({ mayExist }) => after('open', { key: `OPEN-${names}`, url: String(mayExist) }),
      read: async (key) => ({ ...ticketOf(DNS), key, moves }),
      async move() {
        moves.push(OPENED);
        return after('move', { moved: true, moveId: OPENED.id } as const);
      },
    };
    return { ticketing, done };
  }
  const desk = (ticketing: OpeningDesk['ticketing']): OpeningDesk => ({
    books: ledger.mandates,
    ticketing,
    people: PEOPLE,
    limits: { standingApprovalMaxDays: 30, operatorGrantMaxDays: 7 },
    standingTiers: ['standard'],
    now: () => ledger.now(),
    content: () => ({ summary: 'terms', body: [] }),
  });

  test.each([
    ['nowhere', 'none', 'fulfilled'],
    ['after the ticket was opened', 'open', 'rejected'],
    ['after it was put to review', 'move', 'rejected'],
  ] as const)('that breaks off %s may be repeated, and comes to one ticket', async (_, failing, first) => {
    const { done, ticketing } = paper(failing);
    const request = { terms: terms(), requestedBy: 'cleo', by: CLI };
    const [tried] = await Promise.allSettled([openMandate(desk(ticketing), request)]);
    expect(tried?.status).toBe(first);
    await openMandate(desk(ticketing), request);
    expect(await openMandate(desk(ticketing), request)).toMatchObject({ kind: 'opened', wasThere: true });
    expect(done.filter((each) => each === 'move')).toHaveLength(1);
  });

  test('terms that the server does not allow open nothing, and every reason is told', async () => {
    const { done, ticketing } = paper('none');
    const far = new Date(Date.now() + 31 * 86_400_000).toISOString();
    const refused = await openMandate(desk(ticketing), {
      terms: terms({ tier: 'normal', until: far }),
      requestedBy: 'nobody',
      by: CLI,
    });
    expect(refused).toEqual({
      kind: 'refused',
      reasons: [
        "tier: normal may not be approved in advance by the server's file; standard may",
        'nobody in the directory has the id nobody',
        'until: the server allows at most 30 days',
      ],
    });
    expect(done).toEqual([]);
  });

  test('an end holds from its entry on, also while JIRA does not hear of it, and reaches the ticket when repeated', async () => {
    const mandate = await opened(terms());
    let isDown = true;
    const told: string[] = [];
    const ticketing = {
      async comment(_: string, marker: string) {
        if (isDown) throw new Fault('jira-down', 'JIRA answered 503', { retryable: true });
        told.push(marker);
      },
      async move(_key: string, _from: readonly string[], to: string) {
        told.push(to);
        return { moved: true, moveId: 'm9' } as const;
      },
    };
    const end = (found: Mandate) =>
      endMandate({ books: ledger.mandates, ticketing, comment: () => [] }, found, {
        reason: 'enough',
        by: CLI,
        as: 'superseded',
      });
    await expect(end(mandate)).rejects.toThrow('503');
    expect((await ledger.mandates.open()).map(({ id }) => id)).not.toContain(mandate.id);
    isDown = false;
    const found = await ledger.mandates.ofTicket(mandate.ticket?.key ?? '');
    expect(await end(found ?? mandate)).toBe(false);
    expect(told).toEqual([`ended-${mandate.id}`, 'superseded']);
  });
});
