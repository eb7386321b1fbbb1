import { describe, expect, it } from 'vitest';
import { ask, type Case, see, type Spoil, statuses } from './spoil.ts';

/** Reason and Fall-back are asked for, and this is the merge request's description. */
function demanding(description: string): Spoil {
  return (s) => {
    const demand = { ...s.subject.plan.demand, workPlan: ['reason', 'fall-back'] as const };
    s.subject.plan = { ...s.subject.plan, demand };
    see(s.change.mergeRequest, { description });
  };
}

const cases: Case[] = [
  [
    'revision-current',
    'no',
    'a newer head',
    (s) => see(s.change.mergeRequest, { headSha: 'new' }),
    'its head is new, the plan was made of head',
  ],
  [
    'revision-current',
    'no',
    'another target',
    (s) => see(s.change.mergeRequest, { targetBranch: 'next' }),
    'goes into next',
  ],
  ['revision-current', 'no', 'a draft', (s) => see(s.change.mergeRequest, { draft: true }), 'is a draft'],
  [
    'revision-current',
    'no',
    'a closed merge request',
    (s) => see(s.change.mergeRequest, { state: 'closed' }),
    'is closed',
  ],
  [
    'revision-current',
    'unknown',
    'GitLab out of reach',
    (s) => {
      s.change.mergeRequest = { seen: false, why: '502' };
    },
    '502',
  ],

  ['work-plan-complete', 'yes', 'a tier that asks for none', () => {}, 'no work plan is asked for'],
  ['work-plan-complete', 'no', 'none at all', demanding(''), 'asks for: Reason and Fall-back'],
  [
    'work-plan-complete',
    'no',
    'a heading with nothing below but a comment of the template',
    demanding('## Reason\nMore room.\n## Fall-back\n<!-- how is it taken back? -->'),
    'asks for: Fall-back',
  ],
  [
    'work-plan-complete',
    'yes',
    'every section that is asked for',
    demanding('## Reason\nMore room.\n## Fall-back\nRevert it.'),
    'holds Reason and Fall-back',
  ],
  [
    'work-plan-complete',
    'unknown',
    'GitLab out of reach',
    (s) => {
      demanding('')(s);
      s.change.mergeRequest = { seen: false, why: '502' };
    },
    '502',
  ],

  ['target-protected', 'yes', 'a protected target', () => {}, 'the target branch main is protected'],
  [
    'target-protected',
    'no',
    'a branch that anybody may push to',
    (s) => see(s.change.target, { isProtected: false }),
    'main is not protected',
  ],
  [
    'target-protected',
    'no',
    'a protected branch that developers push to',
    (s) => see(s.change.target, { developersMayPush: true }),
    'past every merge request',
  ],
  [
    'target-protected',
    'unknown',
    'a target that cannot be read',
    (s) => {
      s.change.target = { seen: false, why: 'it does not exist' };
    },
    'it does not exist',
  ],

  ['not-diverged', 'yes', 'a target that moved elsewhere', () => {}, 'changed none of the inputs'],
  [
    'not-diverged',
    'no',
    'a target that moved here',
    (s) => see(s.project.divergence, { changedInputs: ['modules/vpc'] }),
    'rebase needed: the target branch changed modules/vpc since the merge base',
  ],
  [
    'not-diverged',
    'no',
    'a target that moved at all, where any move counts',
    (s) => {
      const { revision } = s.subject.change;
      if (revision !== undefined) s.subject.change.revision = { ...revision, boundToTarget: true };
      if (s.change.mergeRequest.seen) s.change.mergeRequest.value.targetSha = 'elsewhere';
    },
    'main was at target when this was planned, is at elsewhere now',
  ],
  [
    'not-diverged',
    'yes',
    'a target that stands, where any move counts',
    (s) => {
      const { revision } = s.subject.change;
      if (revision !== undefined) s.subject.change.revision = { ...revision, boundToTarget: true };
    },
    'changed none of the inputs',
  ],
  [
    'not-diverged',
    'unknown',
    'no comparison',
    (s) => {
      s.project.divergence = { seen: false, why: 'no merge base' };
    },
    'no merge base',
  ],

  ['plan-fresh', 'yes', 'a plan of two hours', () => {}, 'the plan is 2 h old'],
  [
    'plan-fresh',
    'yes',
    'a plan at the very limit',
    (s) => {
      s.change.at = '2026-03-02T10:00:00Z';
    },
    '24 h old',
  ],
  [
    'plan-fresh',
    'no',
    'a plan of a day and a second',
    (s) => {
      s.change.at = '2026-03-02T10:00:01Z';
    },
    'at most 24 h are allowed',
  ],
  [
    'plan-fresh',
    'unknown',
    'a plan of the future',
    (s) => {
      s.change.at = '2026-03-01T09:00:00Z';
    },
    'cannot be told',
  ],
  [
    'plan-fresh',
    'unknown',
    'no time at all',
    (s) => {
      s.change.at = 'soon';
    },
    'cannot be told',
  ],

  ['checks-passed', 'yes', 'checks that pass', () => {}, 'all 1 checks passed'],
  [
    'checks-passed',
    'no',
    'a check that fails now',
    (s) => {
      s.project.checks = { seen: true, value: [{ name: 'naming', result: 'fail', digest: 'x' }] };
    },
    'failed: naming',
  ],
  [
    'checks-passed',
    'no',
    'a check that failed when approved',
    (s) => {
      s.subject.plan.checks = [{ name: 'naming', result: 'fail', digest: 'x' }];
    },
    'failed: naming',
  ],
  [
    'checks-passed',
    'no',
    'a check that is gone',
    (s) => {
      s.project.checks = { seen: true, value: [] };
    },
    'answered otherwise when the plan was approved: naming',
  ],
  [
    'checks-passed',
    'no',
    'a check with other findings',
    (s) => {
      s.project.checks = { seen: true, value: [{ name: 'naming', result: 'pass', digest: 'x' }] };
    },
    'answered otherwise',
  ],
  [
    'checks-passed',
    'unknown',
    'a check that cannot tell',
    (s) => {
      s.subject.plan.checks = [{ name: 'naming', result: 'unknown', digest: 'x' }];
      s.project.checks = { seen: true, value: s.subject.plan.checks };
    },
    'could not be decided from the plan: naming',
  ],
  [
    'checks-passed',
    'unknown',
    'no evaluation',
    (s) => {
      s.project.checks = { seen: false, why: 'bundle is gone' };
    },
    'bundle is gone',
  ],

  ['pipeline-passed', 'yes', 'success', () => {}, '1 statuses of the head succeeded'],
  [
    'pipeline-passed',
    'yes',
    'success, a skipped job, and a failure that is allowed',
    statuses(['success'], ['skipped'], ['failed', true]),
    '1 statuses',
  ],
  ['pipeline-passed', 'yes', 'no pipeline where none is required', statuses(), 'none is required'],
  [
    'pipeline-passed',
    'no',
    'no pipeline where one is required',
    (s) => {
      statuses()(s);
      s.change.settings.pipelineRequired = true;
    },
    'one is required',
  ],
  [
    'pipeline-passed',
    'no',
    'nothing but skipped jobs where a pipeline is required',
    (s) => {
      statuses(['skipped'])(s);
      s.change.settings.pipelineRequired = true;
    },
    'one is required',
  ],
  ['pipeline-passed', 'no', 'a failure', statuses(['success'], ['failed']), 'did not succeed: failed'],
  ['pipeline-passed', 'no', 'a cancelled job', statuses(['canceled']), 'did not succeed: canceled'],
  [
    'pipeline-passed',
    'unknown',
    'a running job',
    statuses(['success'], ['running']),
    'still at work: running',
  ],
  ['pipeline-passed', 'unknown', 'a state nobody knows', statuses(['other']), 'in a state of its own: other'],
  [
    'pipeline-passed',
    'unknown',
    'GitLab out of reach',
    (s) => {
      s.change.statuses = { seen: false, why: '502' };
    },
    '502',
  ],

  ['mergeable', 'yes', 'a mergeable one', () => {}, 'would merge it'],
  [
    'mergeable',
    'no',
    'a conflict',
    (s) => see(s.change.mergeRequest, { mergeable: { answer: 'no', reason: 'conflict' } }),
    'would not merge it: conflict',
  ],
  [
    'mergeable',
    'unknown',
    'a verdict still computed',
    (s) => see(s.change.mergeRequest, { mergeable: { answer: 'unknown', reason: 'checking' } }),
    'checking',
  ],
  [
    'mergeable',
    'unknown',
    'GitLab out of reach',
    (s) => {
      s.change.mergeRequest = { seen: false, why: '502' };
    },
    '502',
  ],

  ['project-free', 'yes', 'no hold', () => {}, 'nothing holds fin/prod/network'],
  [
    'project-free',
    'yes',
    'its own hold',
    (s) => {
      s.project.hold = { seen: true, value: { changeId: 'c1', iid: 1, quarantined: undefined } };
    },
    'held by this change',
  ],
  [
    'project-free',
    'no',
    'a hold of another change',
    (s) => {
      s.project.hold = { seen: true, value: { changeId: 'c2', iid: 2, quarantined: undefined } };
    },
    'held by merge request !2',
  ],
  [
    'project-free',
    'no',
    'a quarantine of its own',
    (s) => {
      s.project.hold = { seen: true, value: { changeId: 'c1', iid: 1, quarantined: 'attempt lost' } };
    },
    'quarantined: attempt lost',
  ],
  [
    'project-free',
    'unknown',
    'no answer',
    (s) => {
      s.project.hold = { seen: false, why: 'no row' };
    },
    'no row',
  ],

  [
    'release-tag-free',
    'yes',
    'a free and protected name',
    () => {},
    'release/CHG-1 is free, protected, and ours',
  ],
  [
    'release-tag-free',
    'no',
    'a taken name',
    (s) => see(s.change.releaseTag, { takenBy: 'abc' }),
    'release/CHG-1 exists already, on abc',
  ],
  [
    'release-tag-free',
    'no',
    'an unprotected name',
    (s) => see(s.change.releaseTag, { protected: false, reason: 'no rule' }),
    'not protected: no rule',
  ],
  [
    'release-tag-free',
    'no',
    'a name we may not create',
    (s) => see(s.change.releaseTag, { mayCreate: false, reason: 'maintainers only' }),
    'may not create release/CHG-1: maintainers only',
  ],
  [
    'release-tag-free',
    'no',
    'no ticket',
    (s) => {
      s.subject.change.ticket = { status: 'none', number: 0 };
    },
    'no open ticket',
  ],
  [
    'release-tag-free',
    'unknown',
    'an answer about another name',
    (s) => see(s.change.releaseTag, { name: 'release/CHG-2' }),
    'the tag will be release/CHG-1',
  ],
  [
    'release-tag-free',
    'unknown',
    'GitLab out of reach',
    (s) => {
      s.change.releaseTag = { seen: false, why: '502' };
    },
    '502',
  ],

  ['audit-recorded', 'yes', 'entries under the head', () => {}, '9 audit entries'],
  [
    'audit-recorded',
    'no',
    'no entries',
    (s) => see(s.change.audit, { entries: 0 }),
    'no entry of this change',
  ],
  [
    'audit-recorded',
    'no',
    'an entry that is not under the head',
    (s) => see(s.change.audit, { covered: false }),
    "not under the log's head",
  ],
  [
    'audit-recorded',
    'unknown',
    'an unreadable log',
    (s) => {
      s.change.audit = { seen: false, why: 'lock timeout' };
    },
    'lock timeout',
  ],
];

describe('the gates about plan and surroundings', () => {
  it.each(cases)('%s says %s to %s', (gate, answer, _, spoil, reason) => {
    const result = ask(gate, spoil);
    expect(result).toMatchObject({ gate, answer, reason: expect.stringContaining(reason) });
    expect(result.remedy === '').toBe(answer === 'yes');
  });
});
