import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '#domain/change.ts';
import { DEFAULT_DEMAND, type Exclusion, type Part } from '#domain/demand.ts';
import { evaluateGates, moreWanted, verdictRefused } from '#domain/gates/evaluate-gates.ts';
import type { Person, PersonRole } from '#domain/gates/evidence.ts';
import { deciderOf } from '#domain/gates/people.ts';
import { APPROVED, APPROVER, AUTHOR, OPERATOR, REVIEWER, type Situation, situation } from './evidence.ts';
import { ask, type Case, command, type Spoil } from './spoil.ts';

/** Somebody more, with these accounts. */
const person = (
  id: string,
  gitlabIds: number[],
  roles: PersonRole[],
  more: Partial<Person> = {},
): Person => ({
  id,
  name: id,
  gitlabIds,
  jiraAccounts: [`jira-${id}`],
  emails: [`${id}@example.com`],
  roles,
  groups: [],
  ...more,
});
const DEE = person('dee', [21], []);

const all =
  (...spoils: Spoil[]): Spoil =>
  (s) => {
    for (const spoil of spoils) spoil(s);
  };
const people =
  (...list: Person[]): Spoil =>
  (s) => {
    s.change.people = list;
  };
const unseen: Spoil = (s) => {
  s.change.unseenSources = [{ source: 'LDAP', why: 'timeout' }];
};
const pushedBy =
  (...ids: number[]): Spoil =>
  (s) => {
    s.change.pushers = { seen: true, value: ids };
  };
const exclude =
  (...pair: Exclusion): Spoil =>
  (s) => {
    s.change.settings.exclusions = [pair];
  };
const reviewBy =
  (...reviews: [gitlabId: number, ofHead?: boolean][]): Spoil =>
  (s) => {
    const value = reviews.map(([gitlabId, ...head]) => ({
      gitlabId,
      username: `user${gitlabId}`,
      ofHead: head.length === 0 ? true : head[0],
    }));
    s.change.reviews = { seen: true, value };
  };
const reviewsNotRead: Spoil = (s) => {
  s.change.reviews = { seen: false, why: 'timeout' };
};
const demandReviews =
  (reviews: number): Spoil =>
  (s) => {
    s.subject.plan.demand = { ...DEFAULT_DEMAND, reviews };
    s.change.people = [...s.change.people, REVIEWER];
  };
/** Bob approves in Ann's stead, who is not the author of this one: Dee is. */
const inAnnsStead: Spoil = (s) => {
  s.subject.change.author.id = 21;
  const standIn = { person: 'ann', groups: [], until: '2026-04-01T00:00:00Z' };
  s.change.people = [
    { ...AUTHOR, roles: ['approver'] },
    { ...APPROVER, roles: [], standsInFor: [standIn] },
    OPERATOR,
    DEE,
  ];
  s.change.pushers = { seen: true, value: [21] };
  // Else what the revision says of pushers and commits would be Ann's.
  Object.assign(s.subject.change.revision ?? {}, {
    commitAuthors: ['dee@example.com'],
    committers: ['dee@example.com'],
    pushers: [21],
  });
  if (s.change.mergeRequest.seen) s.change.mergeRequest.value.authorId = 21;
};

const cases: Case[] = [
  [
    'four-eyes',
    'no',
    'an approver who pushed with a second account',
    all(people(AUTHOR, { ...APPROVER, gitlabIds: [12, 112] }, OPERATOR), pushedBy(112)),
    'bob approved a change of their own: they pushed to its branch',
  ],
  [
    'four-eyes',
    'no',
    'an operator who asked for it with a second account',
    all(
      people({ ...AUTHOR, gitlabIds: [11, 111], roles: ['requester', 'operator'] }, APPROVER),
      command(111),
    ),
    'asked for this change and cannot command its apply',
  ],
  [
    'four-eyes',
    'no',
    'an operator who asked for it, though the directory does not know them',
    all(people(APPROVER), command(AUTHOR.gitlabId)),
    'asked for this change',
  ],
  ['four-eyes', 'yes', 'an approver in the stead of somebody who took no part', inAnnsStead, 'bob approved'],
  [
    'four-eyes',
    'no',
    'an approver in the stead of an author',
    all(inAnnsStead, pushedBy(21, AUTHOR.gitlabId)),
    'bob approved in the stead of ann, who pushed to its branch',
  ],
  [
    'four-eyes',
    'no',
    'an approver in the stead of an author at the time of the decision, and of nobody now',
    all(inAnnsStead, pushedBy(21, AUTHOR.gitlabId), (s) => {
      if (s.subject.approval?.kind !== 'decided') return;
      const decider = { ...deciderOf(APPROVER), insteadOf: ['ann'] };
      s.subject.approval = { ...s.subject.approval, verdict: { ...s.subject.approval.verdict, decider } };
      s.change.people = [AUTHOR, APPROVER, OPERATOR, DEE];
    }),
    'bob approved in the stead of ann',
  ],
  [
    'four-eyes',
    'no',
    'an account that was an author when it approved and is somebody else by now',
    (s: Situation) => {
      if (s.subject.approval?.kind !== 'decided') return;
      const decider = deciderOf(AUTHOR);
      s.subject.approval = { ...s.subject.approval, verdict: { ...s.subject.approval.verdict, decider } };
    },
    'bob approved a change of their own',
  ],
  [
    'four-eyes',
    'no',
    'an operator who is the approver, where that is excluded',
    all(
      exclude('approver', 'operator'),
      people(AUTHOR, { ...APPROVER, roles: ['approver', 'operator'] }),
      command(APPROVER.gitlabId),
    ),
    'bob approved a change of their own: they commanded its apply',
  ],
  [
    'four-eyes',
    'no',
    'an operator who pushed, where that is excluded',
    all(exclude('operator', 'pusher'), command(OPERATOR.gitlabId), pushedBy(OPERATOR.gitlabId)),
    'user13 took part in this change and cannot command its apply: they pushed to its branch',
  ],
  [
    'four-eyes',
    'yes',
    'an operator who pushed, where that is not excluded',
    all(command(OPERATOR.gitlabId), pushedBy(OPERATOR.gitlabId)),
    'took no other part',
  ],
  [
    'four-eyes',
    'no',
    'a reviewer who is the approver, where a tier excludes that',
    all(reviewBy([APPROVER.gitlabId]), (s) => {
      s.subject.plan.demand = { ...DEFAULT_DEMAND, exclusions: [['reviewer', 'approver']] };
    }),
    'bob approved a change of their own: they approved the merge request',
  ],
  [
    'four-eyes',
    'unknown',
    'reviewers who could not be read, where a reviewer may not be the approver',
    all(exclude('reviewer', 'approver'), reviewsNotRead),
    'GitLab did not say who approved the merge request: timeout',
  ],
  [
    'four-eyes',
    'yes',
    'reviewers who could not be read, where they may be anybody',
    reviewsNotRead,
    'took no other part',
  ],
  [
    'four-eyes',
    'no',
    'an author who is also committer, where that is excluded',
    exclude('committer', 'commit-author'),
    'ann is committer and commit-author of this change, which nobody may be',
  ],
  [
    'four-eyes',
    'unknown',
    'an unmapped pusher while a part of the directory is silent',
    all(unseen, pushedBy(98)),
    'who has gitlabId 98 is not known: LDAP: timeout',
  ],
  [
    'four-eyes',
    'unknown',
    'an operator whose role may be where nobody could look',
    all(unseen, command(APPROVER.gitlabId)),
    'whether bob has the role operator is not known: LDAP: timeout',
  ],
  ['four-eyes', 'yes', 'people who are known, whatever is silent', unseen, 'took no other part'],

  ['reviewed', 'yes', 'nobody where none is asked for', () => {}, 'no review is asked for'],
  ['reviewed', 'no', 'nobody', demandReviews(1), '0 of 1 reviews'],
  ['reviewed', 'yes', 'a reviewer', all(demandReviews(1), reviewBy([14])), 'reviewed by user14'],
  ['reviewed', 'no', 'one of two', all(demandReviews(2), reviewBy([14], [14])), '1 of 2 reviews'],
  [
    'reviewed',
    'no',
    'somebody without the role',
    all(demandReviews(1), reviewBy([12])),
    'bob does not have the role reviewer',
  ],
  [
    'reviewed',
    'no',
    'the author',
    all(demandReviews(1), people({ ...AUTHOR, roles: ['reviewer'] }, APPROVER), reviewBy([11])),
    'ann reviewed a change of their own: they asked for the merge request',
  ],
  [
    'reviewed',
    'no',
    'a stranger',
    all(demandReviews(1), reviewBy([99])),
    'user99 (gitlabId 99) is not in the directory',
  ],
  [
    'reviewed',
    'no',
    'an approval of an older head',
    all(demandReviews(1), reviewBy([14, false])),
    'rex approved before the last push',
  ],
  [
    'reviewed',
    'unknown',
    'an approval of nobody knows which head',
    all(demandReviews(1), (s) => {
      s.change.reviews = { seen: true, value: [{ gitlabId: 14, username: 'rex', ofHead: undefined }] };
    }),
    'GitLab does not say which commit rex approved',
  ],
  [
    'reviewed',
    'unknown',
    'somebody whose role may be where nobody could look',
    all(demandReviews(1), unseen, reviewBy([12])),
    'whether bob has the role reviewer is not known: LDAP: timeout',
  ],
];

describe('the gates about people', () => {
  it.each(cases)('%s says %s to %s', (gate, answer, _, spoil, reason) => {
    const result = ask(gate, spoil);
    expect(result).toMatchObject({ gate, answer, reason: expect.stringContaining(reason) });
    expect(result.remedy === '').toBe(answer === 'yes');
  });

  it('an approval in the stead of another says whose it is and until when', () => {
    const s = situation();
    inAnnsStead(s);
    const result = evaluateGates(s.subject, s.change, s.project).find(
      ({ gate }) => gate === 'approver-allowed',
    );
    expect(result).toMatchObject({
      answer: 'yes',
      reason: 'bob, in the stead of ann (until 2026-04-01 00:00 UTC), has the role approver',
      evidence: { approvals: [{ standsInFor: [{ person: 'ann', until: '2026-04-01T00:00:00Z' }] }] },
    });
  });

  it('an approval of their own drops, and the other stands', () => {
    const s = situation();
    const given: Verdict = { ...verdictOf(s), account: 'jira-ann', moveId: 'm9', decider: deciderOf(AUTHOR) };
    s.subject.approval = {
      kind: 'decided',
      tupleHash: s.subject.tupleHash,
      verdict: verdictOf(s),
      given: [given],
    };
    const results = evaluateGates(s.subject, s.change, s.project);
    expect(moreWanted(results)).toMatchObject({
      counted: [APPROVED.id],
      why: expect.stringContaining('ann approved a change of their own'),
    });
    expect(verdictRefused(results)).toBeUndefined();
  });

  it.each([
    [
      { accessLevel: 20 },
      'no',
      '@user13 is a Reporter of this project and cannot command its apply',
      /another operator/,
    ],
    [
      { barred: [{ verb: 'apply', needs: 'members of dba', projects: ['fin/**'] }] },
      'no',
      'here this is reserved for members of dba, and @user13 is not among them',
      /ask one of them/,
    ],
    [
      { barred: [{ verb: 'apply', needs: 'members of dba', projects: ['biz/**'] }] },
      'yes',
      'bob approved',
      /^$/,
    ],
  ] as const)(
    'whoever commands has the rights for it at this moment: %j is %s',
    (may, answer, reason, remedy) => {
      const result = ask('four-eyes', command(OPERATOR.gitlabId, may));
      expect(result).toMatchObject({ answer, reason: expect.stringContaining(reason) });
      expect(result.remedy).toMatch(remedy);
    },
  );

  it('whose rights to command cannot be read is unknown', () => {
    const away: Spoil = (s) => {
      const rights = { seen: false, why: 'GitLab answered 502' } as const;
      s.change.commanders = [{ gitlabId: OPERATOR.gitlabId, rights }];
    };
    expect(ask('four-eyes', all(command(OPERATOR.gitlabId), away))).toMatchObject({
      answer: 'unknown',
      reason: 'what @user13 may do here is not known: GitLab answered 502',
    });
  });

  it('every pair that one person may not be is in the evidence, with both people, also when all is well', () => {
    const s = situation();
    command(OPERATOR.gitlabId)(s);
    reviewBy([REVIEWER.gitlabId])(s);
    const result = evaluateGates(s.subject, s.change, s.project).find(({ gate }) => gate === 'four-eyes');
    expect(result?.answer).toBe('yes');
    expect(result?.evidence['pairs']).toEqual(
      [
        ['requester', 'gitlabId 11', 'approver', 'jiraAccount jira-bob', 'bob'],
        ['commit-author', 'e-mail Ann@Example.com', 'approver', 'jiraAccount jira-bob', 'bob'],
        ['committer', 'e-mail Ann@Example.com', 'approver', 'jiraAccount jira-bob', 'bob'],
        ['pusher', 'gitlabId 11', 'approver', 'jiraAccount jira-bob', 'bob'],
        ['requester', 'gitlabId 11', 'operator', 'gitlabId 13', 'cleo'],
      ].map(([one, key, other, otherKey, who]) => ({
        parts: [one, other],
        keys: [key, otherKey],
        people: [['ann'], [who]],
        verdict: 'different people',
      })),
    );
    expect(result?.evidence['participants']).toContainEqual({
      part: 'reviewer',
      key: 'gitlabId 14',
      people: [],
    });
  });

  it('never lets one person be two that exclude each other, whichever of their accounts they use', () => {
    const parts: Part[] = ['requester', 'commit-author', 'committer', 'pusher'];
    fc.assert(
      fc.property(fc.constantFrom(...parts), fc.integer({ min: 0, max: 3 }), (part, account) => {
        const s = situation();
        const many = {
          ...APPROVER,
          gitlabIds: [12, 212, 312, 412],
          emails: ['b0@x.com', 'b1@x.com', 'b2@x.com', 'b3@x.com'],
        };
        s.change.people = [AUTHOR, many, OPERATOR];
        const id = many.gitlabIds[account] ?? 0;
        const email = many.emails[account] ?? '';
        const { revision } = s.subject.change;
        if (revision === undefined) throw new Error('the situation has a revision');
        if (part === 'requester') s.subject.change.author.id = id;
        if (part === 'pusher') s.subject.change.revision = { ...revision, pushers: [11, id] };
        if (part === 'commit-author')
          s.subject.change.revision = {
            ...revision,
            commitAuthors: [...revision.commitAuthors, email.toUpperCase()],
          };
        if (part === 'committer')
          s.subject.change.revision = { ...revision, committers: [...revision.committers, email] };
        const result = evaluateGates(s.subject, s.change, s.project).find(({ gate }) => gate === 'four-eyes');
        expect(result).toMatchObject({ answer: 'no', voidsVerdict: true });
      }),
    );
  });
});

function verdictOf({ subject }: Situation): Verdict {
  if (subject.approval?.kind !== 'decided') throw new Error('the situation is approved');
  return subject.approval.verdict;
}
