import { describe, expect, test } from 'vitest';
import { WAIVABLE, type Waivable } from '#domain/break-glass.ts';
import { canonicalHash } from '#domain/canonical-hash.ts';
import { breakGlassAllowed } from '#domain/gates/break-glass-allowed.ts';
import { allYes, evaluateGates, GATES } from '#domain/gates/evaluate-gates.ts';
import type { GateName, GateResult, MandateSeen, Person } from '#domain/gates/evidence.ts';
import {
  APPROVER,
  AUTHOR,
  move,
  OPENED,
  OPERATOR,
  reading,
  type Situation,
  situation,
  TUPLE,
  commander,
} from './evidence.ts';

const CONFIRMER = { ...APPROVER, id: 'dora', name: 'dora', gitlabIds: [15], emails: ['dora@example.com'] };

const ENDED_GRANT: MandateSeen = {
  mandate: {
    id: 'man5',
    terms: {
      kind: 'operator-grant',
      person: 'cleo',
      projects: ['fin/**'],
      reason: 'on call',
      until: '2026-03-02T00:00:00Z',
    },
    requestedBy: 'rex',
    openedAt: '2026-03-01T00:00:00Z',
    ticket: { key: 'CHG-5', url: 'https://jira.example.com/browse/CHG-5', reviewMove: 'g1' },
    heard: { kind: 'nothing' },
    ended: { at: '2026-03-01T11:56:00Z', reason: 'over' },
  },
  ticket: { seen: false, why: 'it is closed' },
  uses: [],
};
const GRANTED = {
  mandate: { id: 'man5', key: 'CHG-5', name: 'operator rights for cleo', approver: 'bob' },
  projects: ['fin/**'],
};

/** Cleo asked, Dora confirmed, nobody approved. */
function burning(waives: readonly Waivable[] = ['ticket-approved', 'approver-allowed']): Situation {
  const s = situation();
  const asker = (id: string, gitlabId: number) => ({
    gitlabId,
    username: id,
    accessLevel: 40,
    person: id,
    roles: ['operator'],
  });
  s.subject.approval = {
    kind: 'break-glass',
    tupleHash: TUPLE,
    glass: {
      status: 'confirmed',
      noteId: 41,
      by: asker('cleo', OPERATOR.gitlabId),
      reason: 'it is down',
      askedAt: '2026-03-01T11:50:00Z',
      until: '2026-03-01T12:10:00Z',
      revision: 1,
      tupleHash: TUPLE,
      projects: [s.subject.project.key],
      tier: 'emergency',
      waives,
      blockWhileUnpaid: 'project',
      confirmedBy: asker('dora', 15),
      confirmNoteId: 42,
      confirmedAt: '2026-03-01T11:55:00Z',
      due: '2026-03-03T12:00:00Z',
    },
  };
  s.subject.command = { noteId: 42, by: asker('cleo', OPERATOR.gitlabId) };
  s.change.commanders = [commander(OPERATOR.gitlabId)];
  s.change.ticket = { seen: true, value: reading([OPENED]) };
  s.change.people = [...s.change.people, OPERATOR, CONFIRMER];
  s.change.emergency = {
    seen: true,
    value: {
      waives: WAIVABLE,
      blockWhileUnpaid: 'project',
      unpaid: [],
      confirmers: { roles: ['operator', 'approver'], groups: [] },
    },
  };
  return s;
}

const answers = (s: Situation) =>
  new Map<GateName, GateResult>(
    evaluateGates(s.subject, s.change, s.project).map((result) => [result.gate, result]),
  );
const ofGlass = (s: Situation) => breakGlassAllowed(s.subject, s.change);
const withPeople = (s: Situation, change: (person: Person) => Person) => {
  s.change.people = s.change.people.map(change);
};
const withTerms = (s: Situation, terms: object) => {
  if (s.change.emergency?.seen === true && s.change.emergency.value !== undefined)
    Object.assign(s.change.emergency.value, terms);
};

describe('under broken glass', () => {
  test('what may be waived says yes aloud, and keeps what it found', () => {
    const s = burning();
    const results = answers(s);
    expect(allYes([...results.values()])).toBe(true);
    const waived = results.get('ticket-approved');
    expect(waived).toMatchObject({
      answer: 'yes',
      reason: expect.stringMatching(
        /^waived by broken glass: it is down \(asked by cleo, confirmed by dora\); it said: CHG-1 is in review/,
      ) as string,
      evidence: { ticket: 'CHG-1', waived: { answer: 'no', by: 'cleo', confirmedBy: 'dora' } },
    });
    expect(results.get('plan-unchanged')?.reason).not.toMatch(/waived/);
  });

  test('a gate that is not among those that were named is not waived', () => {
    expect(answers(burning(['ticket-approved'])).get('approver-allowed')?.answer).toBe('no');
  });

  test('a gate that nothing may waive is not waived, whatever anybody wrote into the glass', () => {
    const never = (Object.keys(GATES) as GateName[]).filter(
      (gate) => !(WAIVABLE as readonly string[]).includes(gate),
    );
    expect(never).toEqual([
      'plan-unchanged',
      'revision-current',
      'target-protected',
      'not-diverged',
      'plan-fresh',
      'checks-passed',
      'project-free',
      'release-tag-free',
      'audit-recorded',
      'break-glass-allowed',
    ]);
    const s = burning([...WAIVABLE, ...never] as unknown as Waivable[]);
    s.change.audit = { seen: true, value: { entries: 0, covered: false } };
    s.project.checks = { seen: false, why: 'timeout' };
    const results = answers(s);
    expect(results.get('audit-recorded')?.answer).toBe('no');
    expect(results.get('checks-passed')?.answer).toBe('unknown');
    expect(results.get('break-glass-allowed')?.answer).toBe('no');
  });

  test('another project of the change is not under it', () => {
    const s = burning();
    if (s.subject.approval?.kind === 'break-glass') s.subject.approval.glass.projects = ['biz/dev'];
    expect(answers(s).get('ticket-approved')?.answer).toBe('no');
    expect(ofGlass(s).answer).toBe('no');
  });
});

describe('the gate about the glass', () => {
  test('says yes where none is broken, and where two who may did it', () => {
    expect(breakGlassAllowed(situation().subject, situation().change).answer).toBe('yes');
    expect(ofGlass(burning())).toMatchObject({
      answer: 'yes',
      evidence: { operator: 'cleo', confirmer: 'dora', pairs: [['operator', 'confirmer', 'different']] },
    });
  });

  test.each<[string, 'no' | 'unknown', RegExp, (s: Situation) => void]>([
    [
      'one person with two accounts',
      'no',
      /cleo cannot confirm what they asked for/,
      (s) =>
        withPeople(s, (each) =>
          each.id === 'cleo'
            ? { ...each, gitlabIds: [13, 15] }
            : { ...each, gitlabIds: each.gitlabIds.filter((id) => id !== 15) },
        ),
    ],
    [
      'an operator who is none any more',
      'no',
      /cleo does not have the role operator/,
      (s) => withPeople(s, (each) => (each.id === 'cleo' ? { ...each, roles: [] } : each)),
    ],
    [
      'an operator by a grant that has ended since',
      'no',
      /the operator grant CHG-5 is not in force: it was ended/,
      (s) => {
        withPeople(s, (each) => (each.id === 'cleo' ? { ...each, roles: [] } : each));
        if (s.subject.approval?.kind === 'break-glass')
          s.subject.approval.glass.by = { ...s.subject.approval.glass.by, roles: [], grants: [GRANTED] };
        s.change.mandates = [ENDED_GRANT];
      },
    ],
    [
      'an approver who rejected it a moment ago',
      'no',
      /bob rejected CHG-1/,
      (s) => {
        s.change.ticket = {
          seen: true,
          value: reading([OPENED, move('m2', 'in-review', 'rejected', APPROVER.jiraAccount)]),
        };
      },
    ],
    [
      'an approver who rejected these plans, on whatever ticket that was, and at other commits',
      'no',
      /bob rejected these plans on CHG-0/,
      ({ subject }) => {
        const [account = ''] = APPROVER.jiraAccounts;
        const plansHash = canonicalHash({ [subject.project.key]: subject.plan.digest });
        subject.change.rejected = [{ tupleHash: 'of other commits', plansHash, key: 'CHG-0', account }];
      },
    ],
    [
      'pushers whom nobody told',
      'unknown',
      /GitLab did not say who pushed/,
      (s) => (s.change.pushers = { seen: false, why: 'they are too old' }),
    ],
    [
      'a second person who may not confirm any more',
      'no',
      /dora may not confirm it/,
      (s) => withPeople(s, (each) => (each.id === 'dora' ? { ...each, roles: ['requester'] } : each)),
    ],
    [
      'a second person whom the directory lost',
      'unknown',
      /@dora is nobody in the directory/,
      (s) => {
        s.change.people = s.change.people.filter(({ id }) => id !== 'dora');
      },
    ],
    [
      'two authors of the change',
      'no',
      /one of the two has to have taken no part/,
      (s) => {
        const { revision } = s.subject.change;
        if (revision !== undefined) revision.commitAuthors = ['cleo@example.com', 'dora@example.com'];
      },
    ],
    [
      'an author whom nobody knows',
      'unknown',
      /whether one of the two has e-mail x@example\.com is not known/,
      (s) => {
        const { revision } = s.subject.change;
        if (revision !== undefined) revision.commitAuthors = ['x@example.com'];
      },
    ],
    [
      'a directory that does not answer',
      'unknown',
      /ldap did not answer/,
      (s) => {
        s.change.unseenSources = [{ source: 'ldap', why: 'timeout' }];
        withPeople(s, (each) => (each.id === 'dora' ? { ...each, roles: [] } : each));
      },
    ],
    ['glass that is whole again', 'no', /it was good until/, (s) => (s.change.at = '2026-03-01T12:30:00Z')],
    [
      'terms that are gone',
      'no',
      /no emergencies are provided for any more/,
      (s) => (s.change.emergency = { seen: true, value: undefined }),
    ],
    [
      'terms that nobody could read',
      'unknown',
      /not known/,
      (s) => (s.change.emergency = { seen: false, why: 'timeout' }),
    ],
    [
      'a gate that may not be waived any more',
      'no',
      /approver-allowed may not be waived any more/,
      (s) => withTerms(s, { waives: ['ticket-approved'] }),
    ],
    [
      'another folder',
      'no',
      /no emergencies are provided for in fin\/prod\/network/,
      (s) => withTerms(s, { projects: ['biz/**'] }),
    ],
    [
      'an unpaid debt of the same project',
      'no',
      /CHG-9 is not approved afterwards yet/,
      (s) =>
        withTerms(s, {
          unpaid: [
            { changeId: 'c9', key: 'CHG-9', repository: 7, projects: ['fin/prod/network'], due: 'soon' },
          ],
        }),
    ],
  ])('says otherwise to %s', (_, answer, reason, spoil) => {
    const s = burning();
    spoil(s);
    expect(ofGlass(s)).toMatchObject({ answer, reason: expect.stringMatching(reason) as string });
  });

  test('says yes where the operator wrote it and the second person did not, and the other way round', () => {
    for (const email of ['cleo@example.com', 'dora@example.com']) {
      const s = burning();
      const { revision } = s.subject.change;
      if (revision !== undefined) revision.commitAuthors = [email, AUTHOR.emails[0] ?? ''];
      expect(ofGlass(s).answer).toBe('yes');
    }
  });

  test('says yes to a debt of its own ticket: what was begun goes on', () => {
    const s = burning();
    const own = { changeId: 'c1', key: 'CHG-1', repository: 7, projects: ['fin/prod/network'], due: 'soon' };
    withTerms(s, { unpaid: [own] });
    expect(ofGlass(s).answer).toBe('yes');
  });
});
