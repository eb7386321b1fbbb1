import { beforeEach, describe, expect, test } from 'vitest';
import type { SweepFault } from '#app/ledger.ts';
import type { ListedMergeRequest } from '#app/ports/code-host.ts';
import { newChange } from '#domain/decide.ts';
import type { Change } from '#domain/change.ts';
import type { Fact } from '#domain/fact.ts';
import { Fault } from '#domain/fault.ts';
import type { WorkerContext } from '#workers/context.ts';
import { lookAnew } from '#workers/look-anew.ts';
import { sweep } from '#workers/sweep.ts';
import * as facts from '../core/facts.ts';
import { Play } from '../core/play.ts';

// Approved two days ago on plans as old, of a repository of its own: nothing that fails elsewhere is about it.
const APPROVED = new Play().approved(facts.target('app')).change;
const BLOCKED = new Play().approved(facts.target('app')).judged('app', false).change;
const NOW = Date.parse('2026-11-03T12:00:00Z');

const hidden = new Fault('gitlab-not-found', '404 Project Not Found', { retryable: false });
const unreadable = new Fault('jira-unexpected-answer', 'the changelog of CHG-7 has more than 10000 entries', {
  retryable: false,
});

let world: ReturnType<typeof setWorld>;
beforeEach(() => {
  world = setWorld();
});

describe('what fails in a round of the sweep', () => {
  test.each([
    ['a repository that our account may not see any more', 'merge-requests 2', 'hidden'],
    ['a ticket whose changelog is too long to be read', 'ticket CHG-7', 'unreadable'],
    ['a JIRA that does not answer', 'round tickets', 'jiraDown'],
    ['a mandate’s ticket that cannot be closed', 'mandate man1', 'stuck'],
    ['a mandate’s ticket that cannot be read', 'ticket CHG-8', 'unheard'],
    ['a merge request whose comments cannot be read', 'notes 1!5', 'silent'],
  ] as const)('%s keeps nothing else from being done', async (_, fails, trouble) => {
    world[trouble] = true;
    await sweep(world.context);
    expect(world.recorded.map(({ fact }) => fact.type)).toContain('approval-expired');
    expect(world.told()).toEqual([fails]);
    expect(world.hooksSeen).toEqual([1, 2]);
    expect(world.faults[0]).toMatchObject({ reason: expect.stringContaining(' ') });
  });

  test('one change that cannot be told does not keep the approvals of others', async () => {
    world.changes.unshift({ ...APPROVED, id: 'broken' });
    await sweep(world.context);
    expect(world.recorded.map(({ changeId }) => changeId)).toContain(APPROVED.id);
    expect(world.told()).toEqual(['approval broken']);
  });

  test('is read later though the sweep has moved on, and from where it had to be', async () => {
    world.unreadable = true;
    world.silent = true;
    await sweep(world.context);
    expect(world.cursors.get('tickets')).toBe(new Date(NOW).toISOString());
    expect(world.cursors.get('merge-requests:1')).toBe(new Date(NOW).toISOString());
    world.unreadable = false;
    world.silent = false;
    world.updatedTickets = [];
    world.updatedMergeRequests = [];
    world.now = NOW + 3_600_000;
    await sweep(world.context);
    expect(world.ticketsRead).toEqual(['CHG-7']);
    expect(world.notesRead).toEqual([{ iid: 5, since: '2026-11-03T11:40:00.000Z' }]);
    expect(world.faults).toEqual([]);
  });

  test('is tried less and less often where trying takes many answers', async () => {
    world.unreadable = true;
    const tries: number[] = [];
    for (let second = 0; second < 1200; second += 1) {
      world.now = NOW + second * 1000;
      const before = world.faults[0]?.tries ?? 0;
      await sweep(world.context);
      if ((world.faults[0]?.tries ?? 0) > before) tries.push(second);
    }
    expect(tries).toEqual([0, 2, 6, 14, 30, 62, 126, 254, 510, 810, 1110]);
  });

  test('is forgotten once it is nobody’s concern any more', async () => {
    world.hidden = true;
    await sweep(world.context);
    world.repositories.pop();
    await sweep(world.context);
    expect(world.faults).toEqual([]);
  });

  test('when a process starts anew, one change that cannot be told does not keep it from its rounds', async () => {
    world.changes = [{ ...BLOCKED, id: 'broken' }, BLOCKED];
    await lookAnew(world.context);
    expect(world.recorded.map(({ changeId }) => changeId)).toEqual([BLOCKED.id]);
  });
});

function listed(iid: number): ListedMergeRequest {
  return { iid, state: 'open', headSha: facts.sha('a'), targetBranch: 'main', description: '' };
}

function setWorld() {
  const state = {
    now: NOW,
    hidden: false,
    unreadable: false,
    jiraDown: false,
    stuck: false,
    unheard: false,
    silent: false,
    repositories: [1, 2],
    changes: [APPROVED] as Change[],
    updatedTickets: ['CHG-7', 'CHG-8'],
    updatedMergeRequests: [listed(5), listed(6)],
    cursors: new Map([
      ['tickets', '2026-11-03T11:50:00.000Z'],
      ['merge-requests:1', '2026-11-03T11:50:00.000Z'],
    ]),
    faults: [] as SweepFault[],
    recorded: [] as { changeId: string; fact: Fact }[],
    ticketsRead: [] as string[],
    notesRead: [] as { iid: number; since: string }[],
    hooksSeen: [] as number[],
    told: () => state.faults.map(({ item, step }) => `${step} ${item}`),
  };
  const isOf = (a: Pick<SweepFault, 'step' | 'item'>) => (b: Pick<SweepFault, 'step' | 'item'>) =>
    a.step === b.step && a.item === b.item;
  const ledger = {
    now: async () => new Date(state.now).toISOString(),
    cursor: async (name: string) => state.cursors.get(name),
    setCursor: async (name: string, at: string) => void state.cursors.set(name, at),
    sweepFaults: async () => [...state.faults],
    async noteSweepFault(fault: Omit<SweepFault, 'tries' | 'beganAt'>) {
      const before = state.faults.find(isOf(fault));
      if (before === undefined) state.faults.push({ ...fault, tries: 1, beganAt: fault.dueAt });
      else Object.assign(before, { ...fault, readFrom: before.readFrom, tries: before.tries + 1 });
    },
    async forgetSweepFault(fault: SweepFault) {
      state.faults = state.faults.filter((each) => !isOf(fault)(each));
    },
    count: async () => undefined,
    openChanges: async (repository: number) => (repository === 1 ? state.changes : []),
    changeOf: async ({ iid }: { iid: number }) => `chg${iid}`,
    noticeMergeRequest: async ({ iid }: { iid: number }) => `chg${iid}`,
    changeOfTicket: async (key: string) => (state.unheard && key === 'CHG-8' ? undefined : `chg${key}`),
    change: async (id: string) => newChange(id, { repository: 1, iid: 9 }),
    takenCommands: async () => [],
    overduePlans: async () => [],
    hold: async () => undefined,
    evaluatedAt: async () => new Date(state.now).toISOString(),
    unpaidDebts: async () => [],
    published: async () => undefined,
    releaseTags: async () => [],
    seeHooks: async (repository: number) => {
      state.hooksSeen.push(repository);
      return [];
    },
    mandates: {
      ofTicket: async (key: string) => ({
        id: 'man1',
        ticket: { key, reviewMove: '1' },
        terms: { until: '2027' },
      }),
      uses: async () => [],
      overdue: async () => (state.stuck ? [{ id: 'man1', terms: { until: 'now' } }] : []),
      end: async () => {
        throw new Fault('workflow-refused', 'ticket CHG-90 could not be closed', { retryable: true });
      },
    },
    async record(recording: { changeId: string; fact: Fact }) {
      if (recording.changeId === 'broken') throw new Error('nobody has thought of this');
      state.recorded.push(recording);
    },
  };
  const context = {
    settings: {
      get repositories() {
        return state.repositories;
      },
      gates: { planMaxAgeSeconds: 86_400 },
      ticketBot: facts.BOT,
      alsoAtlantis: false,
    },
    log: { warn: () => undefined, error: () => undefined, info: () => undefined },
    ledger,
    desk: { request: async () => undefined },
    proposalDesk: { releaseTags: async () => [] },
    directory: { read: async () => ({ people: [], unseen: [] }) },
    codeHost: {
      async updatedMergeRequests(repository: number) {
        if (state.hidden && repository === 2) throw hidden;
        return repository === 1 ? state.updatedMergeRequests : [];
      },
      self: async () => ({ id: 9, username: 'countersign' }),
      hooks: async () => [],
      branch: async () => undefined,
    },
    conversation: {
      async notesSince({ iid }: { iid: number }, since: string) {
        if (state.silent && iid === 5) throw new Fault('gitlab-failing', '500 to notes', { retryable: true });
        if (iid === 5) state.notesRead.push({ iid, since });
        return [];
      },
    },
    ticketing: {
      async updatedSince() {
        if (state.jiraDown)
          throw new Fault('jira-unreachable', 'JIRA could not be reached', { retryable: true });
        return state.updatedTickets;
      },
      async read(key: string) {
        if (key === 'CHG-8' && state.unheard) throw unreadable;
        if (key !== 'CHG-7') return { key, exists: true, moves: [], status: 'requested' };
        if (state.unreadable) throw unreadable;
        state.ticketsRead.push(key);
        return { key, exists: true, moves: [], status: 'requested' };
      },
    },
  } as unknown as WorkerContext;
  return Object.assign(state, { context });
}
