import { describe, expect, test } from 'vitest';
import { DEFAULT_DEMAND } from '#domain/demand.ts';
import type { AskedAdjustment, Asker } from '#domain/project.ts';
import { storedChange } from '#domain/stored-change.ts';
import { target } from '../core/facts.ts';
import { Play } from '../core/play.ts';
import { APPROVER, AUTHOR, OPERATOR, REVIEWER, situation } from './evidence.ts';
import { ask, people, type Spoil } from './spoil.ts';

const MEMBER: Asker = { gitlabId: 12, username: 'bob', accessLevel: 30, roles: ['planner'] };

const forgets = (gitlabId: number): AskedAdjustment => ({
  kind: 'forget',
  from: 'aws_db_instance.main',
  by: { gitlabId, username: `user${gitlabId}` },
  noteId: 5,
});

/** Somebody's comment had the state of the project adjusted, or that of another project of the change. */
const adjustedBy =
  (gitlabId: number, where: 'here' | 'elsewhere' = 'here'): Spoil =>
  (s) => {
    const adjustments = [forgets(gitlabId)];
    s.subject.change.projects = s.subject.change.projects.map((project) =>
      where === 'here' ? { ...project, adjustments } : project,
    );
    if (where === 'here') return;
    const other = { ...s.subject.project, key: 'fin/prod/other', adjustments };
    s.subject.change.projects = [...s.subject.change.projects, other];
  };
const both =
  (...spoils: Spoil[]): Spoil =>
  (s) => {
    for (const spoil of spoils) spoil(s);
  };

describe('whoever had the state adjusted by a comment wrote part of what is applied', () => {
  test.each(['here', 'elsewhere'] as const)('and does not approve it: %s in the change', (where) => {
    const result = ask('four-eyes', adjustedBy(APPROVER.gitlabId, where));
    expect(result).toMatchObject({
      answer: 'no',
      voidsVerdict: true,
      reason: 'bob approved a change of their own: they had the state adjusted by a comment',
    });
    expect(result.evidence['participants']).toContainEqual({
      part: 'commit-author',
      key: 'gitlabId 12',
      people: ['bob'],
      adjusted: true,
    });
  });

  test('nor with a second account', () => {
    const bob = { ...APPROVER, gitlabIds: [12, 112] };
    expect(ask('four-eyes', both(people(AUTHOR, bob), adjustedBy(112)))).toMatchObject({ answer: 'no' });
  });

  test('nor does anybody know that nobody did, where the directory does not know who it was', () => {
    expect(ask('four-eyes', adjustedBy(99))).toMatchObject({
      answer: 'unknown',
      reason: expect.stringContaining('gitlabId 99') as string,
    });
  });

  test('while others approve what an author adjusted', () => {
    expect(ask('four-eyes', adjustedBy(AUTHOR.gitlabId))).toMatchObject({ answer: 'yes' });
  });

  test('nor is their review of the merge request one by somebody else', () => {
    const reviewed: Spoil = (s) => {
      s.subject.plan.demand = { ...DEFAULT_DEMAND, reviews: 1 };
      s.change.people = [...s.change.people, REVIEWER];
      s.change.reviews = {
        seen: true,
        value: [{ gitlabId: REVIEWER.gitlabId, username: 'rex', ofHead: true }],
      };
    };
    expect(ask('reviewed', reviewed)).toMatchObject({ answer: 'yes' });
    expect(ask('reviewed', both(reviewed, adjustedBy(REVIEWER.gitlabId)))).toMatchObject({
      answer: 'no',
      reason: expect.stringContaining('had the state adjusted by a comment') as string,
    });
  });

  test('nor may they command its apply, where a commit author may not', () => {
    const excluded: Spoil = (s) => {
      s.change.settings.exclusions = [['commit-author', 'operator']];
      const by = { gitlabId: OPERATOR.gitlabId, username: 'cleo', accessLevel: 40, roles: [] };
      s.subject.command = { noteId: 5, by };
    };
    expect(ask('four-eyes', both(excluded, adjustedBy(OPERATOR.gitlabId)))).toMatchObject({
      answer: 'no',
      reason: expect.stringContaining('they had the state adjusted by a comment') as string,
    });
  });
});

describe('an adjustment', () => {
  const adjusted = () =>
    new Play()
      .push('a', target('app'))
      .planned('app')
      .says(MEMBER, { verb: 'state-rm', addresses: ['aws_db_instance.main', 'aws_s3_bucket.logs'] });
  const asked = (play: Play) =>
    play.project('app').adjustments?.map((each) => [each.kind, each.by.username, each.noteId]);

  test('is kept with the comment that asked for it, through plan and approval', () => {
    const play = adjusted();
    const both = [
      ['forget', 'bob', 1],
      ['forget', 'bob', 1],
    ];
    expect(asked(play)).toEqual(both);
    play.planned('app').ticketOpens().presented().ticketMoves('approved').judged('app', true);
    expect(play.project('app').status).toBe('applying');
    expect(asked(play)).toEqual(both);
  });

  test('belongs to whoever had the last word on the address', () => {
    const ann = { ...MEMBER, gitlabId: 11, username: 'ann' };
    const play = adjusted().says(ann, { verb: 'import', to: 'aws_s3_bucket.logs', id: 'logs' });
    expect(asked(play)).toEqual([
      ['forget', 'bob', 1],
      ['import', 'ann', 2],
    ]);
  });

  test('that was stored without its author has one whom nobody knows', () => {
    const { by: _, noteId: __, ...earlier } = forgets(12);
    const { change } = situation().subject;
    const projects = change.projects.map((project) => ({ ...project, adjustments: [earlier] }));
    const [stored] = storedChange({ ...change, projects }).projects;
    expect(stored?.adjustments).toEqual([{ ...earlier, by: { gitlabId: 0, username: '' }, noteId: 0 }]);
  });
});
