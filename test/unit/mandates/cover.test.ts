import { describe, expect, test } from 'vitest';
import { DEFAULT_DEMAND } from '#domain/demand.ts';
import { findCover } from '#domain/gates/cover.ts';
import type { MandateSeen } from '#domain/gates/evidence.ts';
import { findGrant } from '#domain/gates/operator-grant.ts';
import type { StandingApproval } from '#domain/mandate.ts';
import type { PlanCounts } from '#domain/plan-ref.ts';
import { situation } from '../gates/evidence.ts';
import { BOT, DNS, inForce, mandate, NIGHTS, NOW, PEOPLE } from './mandates.ts';

const around = { at: NOW, people: PEOPLE, ticketBot: BOT, unseenSources: [] };

/** A change whose one project is of the tier `standard`. */
function standard(dir = 'biz/dns/zone', counts: Partial<PlanCounts> = {}, tier = 'standard') {
  const { subject } = situation();
  const { plan } = subject;
  const demand = { ...DEFAULT_DEMAND, tier, standing: true as const };
  const planned = { ...plan, demand, counts: { ...plan.counts, ...counts } };
  const [project] = subject.change.projects;
  if (project === undefined || !('plan' in project)) throw new Error('nothing is planned');
  return { ...subject.change, projects: [{ ...project, key: dir, dir, plan: planned }] };
}

const covering = (change: ReturnType<typeof standard>, ...mandates: MandateSeen[]) => {
  const cover = findCover(change, { ...around, mandates });
  return cover.kind === 'covered' ? cover.counted : `${cover.kind}: ${cover.why}`;
};
const with_ = (more: Partial<StandingApproval>, ...usedBy: string[]) =>
  inForce<StandingApproval>({ ...DNS, ...more }, ...usedBy);

describe('a standing approval', () => {
  test('covers a change of its projects and tier, within its limits, and counts what it is used for', () => {
    const most = { changesPerDay: 2, resourcesPerChange: 3, destroys: 1, replaces: 1 };
    const change = standard('biz/dns/zone', { create: 1, delete: 1, replace: 1, move: 4, outputs: 2 });
    expect(covering(change, with_({ most }, 'other', 'other'))).toEqual({
      changes: 2,
      resources: 3,
      destroys: 1,
      replaces: 1,
    });
  });

  test.each<[string, ReturnType<typeof standard>, MandateSeen[], string]>([
    ['there is none', standard(), [], 'there is none'],
    [
      'it is for another folder',
      standard('biz/web'),
      [with_({})],
      'none is for these projects and their tier',
    ],
    [
      'it is for another tier',
      standard('biz/dns/zone', {}, 'other'),
      [with_({})],
      'none is for these projects and their tier',
    ],
    [
      'it is for another repository',
      standard(),
      [with_({ repository: 8 })],
      'none is for these projects and their tier',
    ],
    [
      'others had it before',
      standard(),
      [with_({ most: { changesPerDay: 2, destroys: 0, replaces: 0 } }, 'c8', 'c9', 'c9')],
      'dns (CHG-7): 2 a day, as many changes as it allows, went within 24 hours already',
    ],
    [
      'it touches more',
      standard('biz/dns/zone', { create: 2, update: 1, import: 1 }),
      [with_({ most: { resourcesPerChange: 3, destroys: 0, replaces: 0 } })],
      'dns (CHG-7): 4 resources are touched, and it allows 3',
    ],
    [
      'it destroys',
      standard('biz/dns/zone', { delete: 1 }),
      [with_({})],
      'dns (CHG-7): 1 would be destroyed or forgotten, and it allows none',
    ],
    [
      'it forgets',
      standard('biz/dns/zone', { forget: 2 }),
      [with_({ most: { destroys: 1, replaces: 0 } })],
      'dns (CHG-7): 2 would be destroyed or forgotten, and it allows 1',
    ],
    [
      'it replaces',
      standard('biz/dns/zone', { replace: 1 }),
      [with_({})],
      'dns (CHG-7): 1 would be replaced, and it allows none',
    ],
    ['an operator grant is none', standard(), [inForce(NIGHTS)], 'there is none'],
  ])('does not cover a change when %s', (_, change, mandates, why) => {
    expect(covering(change, ...mandates)).toBe(`not-covered: ${why}`);
  });

  test('covers all projects of a change or none of them', () => {
    const [dns] = standard().projects;
    const [web] = standard('biz/web').projects;
    const both = { ...standard(), projects: [dns, web].filter((each) => each !== undefined) };
    expect(covering(both, with_({}))).toContain('none is for these projects');
    expect(covering(both, with_({ projects: ['biz/**'] }))).toMatchObject({ resources: 2 });
  });

  test('of a day ago leaves room again; a change that goes on is counted once, and by the one it began with', () => {
    const most = { changesPerDay: 1, destroys: 0, replaces: 0 };
    const used = with_({ most });
    const yesterday = [{ as: 'CHG-9', at: '2026-02-28T11:59:59.000Z' }];
    expect(covering(standard(), { ...used, uses: yesterday })).toMatchObject({ changes: 1 });
    const other = { ...with_({}), mandate: mandate<StandingApproval>(DNS, { id: 'man2' }) };
    const cover = findCover(standard(), { ...around, mandates: [other, with_({ most }, 'CHG-1')] });
    expect(cover).toMatchObject({
      kind: 'covered',
      seen: { mandate: { id: 'man1' } },
      counted: { changes: 1 },
    });
  });

  test('counts what is pushed after an apply anew: it has a ticket of its own', () => {
    const once = with_({ most: { changesPerDay: 1, destroys: 0, replaces: 0 } }, 'CHG-1');
    const change = standard();
    if (change.ticket.status !== 'open') throw new Error('there is no ticket');
    expect(covering(change, once)).toMatchObject({ changes: 1 });
    const next = { ...change, ticket: { ...change.ticket, key: 'CHG-2' } };
    expect(covering(next, once)).toContain('1 a day, as many changes as it allows');
  });

  test('that cannot be read makes it unknown, unless it would not cover it in any case', () => {
    const unread = { ...with_({}), ticket: { seen: false, why: 'JIRA answered 503' } as const };
    expect(covering(standard(), unread)).toMatch(/^unknown: dns \(CHG-7\): .*503/);
    expect(covering(standard('biz/dns/zone', { delete: 1 }), unread)).toMatch(/^not-covered: /);
    expect(covering(standard(), unread, with_({}))).toMatchObject({ changes: 1 });
  });
});

describe('an operator grant', () => {
  const subject = (dir: string) => {
    const { change, project } = situation().subject;
    return { change, project: { ...project, dir } };
  };
  const found = (dir: string, who: string, ...mandates: MandateSeen[]) =>
    findGrant(subject(dir), who, { ...around, mandates }).kind;

  test('reaches its person, its folders and its repository, and nobody and nothing else', () => {
    expect(found('fin/prod', 'dan', inForce(NIGHTS))).toBe('granted');
    expect(found('biz/prod', 'dan', inForce(NIGHTS))).toBe('none');
    expect(found('fin/prod', 'bob', inForce(NIGHTS))).toBe('none');
    expect(found('fin/prod', 'dan', inForce({ ...NIGHTS, repository: 8 }))).toBe('none');
    expect(found('fin/prod', 'dan', inForce(DNS))).toBe('none');
  });

  test('that is over says so; that cannot be read is unknown', () => {
    const over = { ...NIGHTS, until: NOW };
    expect(findGrant(subject('fin/prod'), 'dan', { ...around, mandates: [inForce(over)] })).toEqual({
      kind: 'none',
      why: `the operator grant CHG-7 is not in force: its time was over on ${NOW}`,
    });
    const unread = { ...inForce(NIGHTS), ticket: { seen: false, why: 'no answer' } as const };
    expect(found('fin/prod', 'dan', unread)).toBe('unknown');
  });
});
