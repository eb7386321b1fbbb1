import { describe, expect, test } from 'vitest';
import { missingSections, workPlanOf } from '#domain/work-plan.ts';
import { reading, sha, target } from './facts.ts';
import { Play } from './play.ts';

const app = target('app');
const WHOLE = '## Reason\nMore room.\n## Fall-back\nRevert it.';

/** The description is edited, and nothing is pushed. */
function edited(play: Play, description: string): Play {
  return play.record(reading(sha('a'), [app], { description }));
}

describe('the work plan of a merge request', () => {
  test('is part of what is in front of the approver: an edit before the decision presents it anew', () => {
    const play = new Play().push('a', app).planned('app').ticketOpens().presented();
    const before = play.change.ticket;
    edited(play, WHOLE);
    expect(play.review()).toBe('presenting');
    expect(play.asked('present-ticket')).toHaveLength(1);
    expect(play.asked('run-plan')).toEqual([]);
    expect(play.change.ticket).not.toEqual(before);
  });

  test('takes the approval back when it is edited after it, says so, and remembers what was approved', () => {
    const play = edited(new Play().push('a', app).planned('app').ticketOpens().presented(), WHOLE);
    play.presented().ticketMoves('approved');
    expect(play.review()).toBe('approved');
    edited(play, WHOLE.replace('Revert it.', 'Pray.'));
    expect(play.review()).toBe('presenting');
    expect(play.change.ticket).toMatchObject({
      review: { why: 'the work plan in the merge request’s description was edited' },
    });
    expect(play.entries()).toContain('approval-voided');
    expect(play.change.approvedWorkPlan).toEqual({ reason: 'More room.', 'fall-back': 'Revert it.' });
    expect(play.statuses()).toEqual({ app: 'awaiting-approval' });
  });

  test('is bound to its last character, however long it is', () => {
    const long = (end: string) => `## Fall-back\n${'- a step on the way back\n'.repeat(1_000)}${end}`;
    const play = edited(new Play().push('a', app).planned('app').ticketOpens().presented(), long('Revert.'));
    play.presented().ticketMoves('approved');
    expect(play.review()).toBe('approved');
    edited(play, long('Pray.'));
    expect(play.review()).toBe('presenting');
    expect(play.entries()).toContain('approval-voided');
  });

  test('is not edited by what stands elsewhere in the description', () => {
    const play = edited(new Play().push('a', app).planned('app').ticketOpens().presented(), WHOLE);
    play.presented().ticketMoves('approved');
    edited(play, `Closes a ticket.\n\n${WHOLE}\n\n## Checklist\n- [x] tested\n<!-- nothing -->`);
    expect(play.review()).toBe('approved');
  });

  test('lacks what is not there, is empty, or is the comment of the template', () => {
    const plan = workPlanOf(
      '## Reason\n<!-- why? -->\n## Impact\n\n## Window:\nTuesday\n```\n# Fall-back\nx\n```',
    );
    expect(Object.keys(plan.sections)).toEqual(['window']);
    expect(missingSections(plan, ['window', 'impact', 'reason'])).toEqual(['reason', 'impact']);
    expect(missingSections(plan, [])).toEqual([]);
  });
});
