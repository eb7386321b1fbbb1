import { expect, test } from 'vitest';
import type { Change } from '#domain/change.ts';
import type { Person } from '#domain/gates/evidence.ts';
import { whoAsks, whoContributed } from '#workers/contributors.ts';
import { AUTHOR, situation } from '../gates/evidence.ts';
import { person } from '../mandates/mandates.ts';

const PEOPLE: Person[] = [
  { ...AUTHOR, groups: ['sre'] },
  { ...person('pete'), gitlabIds: [21, 22], groups: ['contractors'] },
  { ...person('wanda'), gitlabIds: [31] },
];
const who = { people: PEOPLE, unseenSources: [] };

/** A change of Ann's, in which others took these parts. */
function change(parts: Partial<NonNullable<Change['revision']>> = {}, adjustedBy?: number): Change {
  const { revision, ...rest } = structuredClone(situation().subject.change);
  if (revision === undefined) throw new Error('the situation has a revision');
  const by = { gitlabId: adjustedBy ?? 0, username: 'x' };
  const adjustments = [{ kind: 'forget', from: 'aws_vpc.main', by, noteId: 5 } as const];
  const projects = rest.projects.map((each) => (adjustedBy === undefined ? each : { ...each, adjustments }));
  return { ...rest, projects, revision: { ...revision, ...parts } };
}
const ids = (of: Change) => {
  const contributors = whoContributed(of, who);
  return contributors.seen ? contributors.value.map(({ id }) => id) : contributors.why;
};

test('who asks, wrote, committed and pushed is one contributor where that is one person', () => {
  expect(ids(change())).toEqual(['ann']);
  expect(whoContributed(change(), who)).toEqual({
    seen: true,
    value: [{ id: 'ann', roles: ['requester'], groups: ['sre'] }],
  });
});

test.each<[string, Change]>([
  ['pushes to it', change({ pushers: [11, 22] })],
  ['writes commits of it', change({ commitAuthors: ['ann@example.com', 'Pete@example.com'] })],
  ['commits to it', change({ committers: ['ann@example.com', 'pete@example.com'] })],
  ['has a state adjusted by a comment', change({}, 21)],
])('whoever %s contributes to what somebody else asks for, and the requester stays who they are', (_, of) => {
  expect(ids(of)).toEqual(['ann', 'pete']);
  expect(whoAsks(of, who)).toMatchObject({ seen: true, value: { id: 'ann' } });
});

test('somebody whom the directory does not know counts as a person without any group', () => {
  const of = change({ pushers: [11, 99], commitAuthors: ['ann@example.com', 'x@example.com'] });
  expect(whoContributed(of, who)).toMatchObject({
    seen: true,
    value: [{ id: 'ann' }, { id: '', roles: [], groups: [] }],
  });
});

test('nobody knows who contributed while GitLab does not tell who pushed, or a part of the directory is silent', () => {
  expect(ids(change({ pushers: undefined }))).toContain('does not tell of every push');
  const silent = { people: PEOPLE, unseenSources: [{ source: 'LDAP', why: 'no answer' }] };
  expect(whoContributed(change(), silent)).toEqual({ seen: false, why: 'LDAP: no answer' });
});
