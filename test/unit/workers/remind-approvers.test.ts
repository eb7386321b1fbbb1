import { describe, expect, test } from 'vitest';
import type { Effect } from '#domain/effect.ts';
import type { Person } from '#domain/gates/evidence.ts';
import type { TicketBlock } from '#domain/ticket-document.ts';
import type { Job, WorkerContext } from '#workers/context.ts';
import { remindApprovers, remindOfReviews } from '#workers/remind-approvers.ts';
import { beginRound } from '#workers/sweep-round.ts';
import { demanding, GRAVE, openTicket, PEOPLE, sampleChange } from '../messages/sample-change.ts';

/** The ticket of the sample came to review then. */
const SINCE = Date.parse('2026-11-01T10:05:00Z');
const HOUR = 3_600_000;
const LEADS = { afterSeconds: 4 * 3600, to: ['leads'] };
const LEAD: Person = {
  ...(PEOPLE[3] as Person),
  id: 'lea',
  name: 'Lea Lead',
  jiraAccounts: ['jira-lea'],
  groups: ['leads'],
};

function scene(people: readonly Person[] = [...PEOPLE, LEAD]) {
  const demand = { ...GRAVE, remindAfterSeconds: 3600, escalate: LEADS };
  const state = {
    now: SINCE,
    people,
    change: demanding(demand, sampleChange({ ticket: openTicket() })),
    comments: [] as string[],
    edits: 0,
    requested: [] as Effect['type'][],
    published: undefined as { hash: string; ref: unknown } | undefined,
    loses: false,
  };
  const context = {
    directory: { read: async () => ({ people: state.people, unseen: [] }) },
    settings: { repositories: [1], externalUrl: 'https://countersign.test' },
    ledger: {
      now: async () => new Date(state.now).toISOString(),
      change: async () => state.change,
      openChanges: async () => [state.change],
      sweepFaults: async () => [],
      published: async () => state.published,
      async setPublished(_: string, __: string, published: { hash: string; ref: unknown }) {
        if (state.loses) throw new Error('the worker died');
        state.published = published;
      },
    },
    desk: { request: async (_: string, { type }: Effect) => void state.requested.push(type) },
    ticketing: {
      async putComment(_: string, marker: string, body: TicketBlock[]) {
        const text = JSON.stringify([marker, body]);
        if (state.comments.at(-1) !== text) state.edits += 1;
        state.comments.push(text);
      },
    },
  } as unknown as WorkerContext;
  return {
    state,
    after: (hours: number) => {
      state.now = SINCE + hours * HOUR;
    },
    remind: () => remindApprovers(context, { changeId: 'chg_1' } as Job<object>),
    sweep: async () => {
      state.requested = [];
      await remindOfReviews(context, await beginRound(context));
      return state.requested;
    },
  };
}

describe('a review that takes too long', () => {
  test('is left alone until its time, and then said once', async () => {
    const { after, remind, state, sweep } = scene();
    after(0.9);
    expect(await sweep()).toEqual([]);
    await remind();
    expect(state.comments).toEqual([]);
    after(1);
    expect(await sweep()).toEqual(['remind-approvers']);
    await remind();
    expect(state.comments).toHaveLength(1);
    expect(await sweep()).toEqual([]);
    await remind();
    expect(state.comments).toHaveLength(1);
  });

  test('calls whoever may still decide, by account; not the requester', async () => {
    const { after, remind, state } = scene();
    after(1);
    await remind();
    const [text = ''] = state.comments;
    expect(text).toContain('{"text":"Adam Approver","mention":"jira-adam"}');
    expect(text).toContain('{"text":"Sam Secure","mention":"jira-sam"}');
    expect(text).not.toContain('jira-mara');
    expect(text).not.toContain('jira-lea');
  });

  test('names whoever holds the approvals of somebody who is away, and not that one', async () => {
    const standsInFor = [{ person: 'sam', groups: ['security'], until: '2026-12-01T00:00:00Z' }];
    const people = PEOPLE.map((person) => {
      if (person.id === 'sam') return { ...person, awayUntil: '2026-12-01T00:00:00Z' };
      return person.id === 'nora' ? { ...person, groups: [], standsInFor } : person;
    });
    const { after, remind, state } = scene(people);
    after(1);
    await remind();
    expect(state.comments[0]).toContain('jira-nora');
    expect(state.comments[0]).not.toContain('jira-sam');
  });

  test('says nothing new again within a period, and nothing again that says the same', async () => {
    const { after, remind, state, sweep } = scene();
    after(1);
    await remind();
    state.people = state.people.filter(({ id }) => id !== 'adam');
    after(1.5);
    expect(await sweep()).toEqual([]);
    after(2);
    expect(await sweep()).toEqual(['remind-approvers']);
    await remind();
    expect(state.edits).toBe(2);
    after(3);
    expect(await sweep()).toEqual(['remind-approvers']);
    await remind();
    expect(state.comments).toHaveLength(2);
    expect(await sweep()).toEqual([]);
  });

  test('is escalated at its time, whenever the last reminder was, in the same comment', async () => {
    const { after, remind, state, sweep } = scene();
    after(3.9);
    await remind();
    after(4);
    expect(await sweep()).toEqual(['remind-approvers']);
    await remind();
    expect(state.comments).toHaveLength(2);
    expect(state.comments.map((text) => (JSON.parse(text) as [string])[0])).toEqual(['reminder', 'reminder']);
    expect(state.comments[1]).toContain('Escalated to leads');
    expect(state.comments[1]).toContain('jira-lea');
  });

  test('is said again by the next worker, in the same words, when one died before it was booked', async () => {
    const { after, remind, state } = scene();
    after(1);
    state.loses = true;
    await expect(remind()).rejects.toThrow('the worker died');
    state.loses = false;
    await remind();
    expect(state.edits).toBe(1);
  });

  test('is over once somebody has decided', async () => {
    const { after, remind, state, sweep } = scene();
    after(5);
    const rejected = openTicket({ review: { status: 'withdrawn', round: 2, why: 'a newer version' } });
    state.change = { ...state.change, ticket: rejected };
    expect(await sweep()).toEqual([]);
    await remind();
    expect(state.comments).toEqual([]);
  });

  test('is told to be over once somebody has decided: who, in the same comment, and once', async () => {
    const { after, remind, state } = scene();
    after(1);
    await remind();
    const asked = state.change;
    const round = asked.ticket.status === 'open' ? asked.ticket.review.round : 0;
    const verdict = {
      decision: 'approved',
      account: 'jira-adam',
      moveId: 'm2',
      decidedAt: '2026-11-01T11:30:00Z',
      heardAt: '2026-11-01T11:30:05Z',
      tupleHash: 't',
      evidenceDigest: 'd',
    } as const;
    const since = verdict.heardAt;
    const approved = { status: 'approved', round, tupleHash: 't', moveId: 'm1', given: [], since } as const;
    state.change = { ...asked, ticket: openTicket({ review: { ...approved, verdict } }) };
    await remind();
    await remind();
    expect(state.comments).toHaveLength(2);
    expect(state.comments[1]).toContain('Adam Approver approved it on 2026-11-01 11:30 UTC');
    expect(state.comments[1]).not.toContain('mention');
    state.change = asked;
    await remind();
    expect(state.comments).toHaveLength(3);
    expect(state.comments[2]).toContain('Nobody has decided yet');
  });
});
