import { describe, expect, it } from 'vitest';
import type { Review } from '#domain/change.ts';
import { decisionsIn } from '#domain/desk.ts';
import type { DeskApproval, DeskDecision, TicketMove } from '#domain/fact.ts';
import { judgeTicket } from '#domain/verdict.ts';
import { BOT, move, OPENED, reading, TUPLE } from './evidence.ts';

const open: Review = {
  status: 'in-review',
  round: 1,
  tupleHash: TUPLE,
  moveId: OPENED.id,
  given: [],
  since: OPENED.at,
};
const AUTOMATION = 'jira-automation';
/** The service desk moves the ticket itself, in the name of automation. */
const movedByDesk: TicketMove = {
  ...later(move('m2', 'in-review', 'approved', AUTOMATION), 5),
  accountKind: 'app',
};

describe('a ticket whose approvals are given on a service desk', () => {
  it('is approved by who approved there, whoever moved it then', () => {
    const desk = [approval(7, 0, 'approved', [says('dora', 'approved'), says('adam', 'approved')])];
    expect(judge([OPENED, movedByDesk], desk)).toEqual({
      kind: 'approved',
      given: [expect.objectContaining({ account: 'adam', moveId: 'approval-7-adam' })],
      verdict: {
        decision: 'approved',
        account: 'dora',
        moveId: 'approval-7-dora',
        decidedAt: minutesAfter(4),
        tupleHash: TUPLE,
        evidenceDigest: 'd7',
      },
    });
  });

  it('is not approved by a move that no approval stands behind, though a person made it', () => {
    const byHand = later(move('m2', 'in-review', 'approved', 'adam'), 5);
    for (const desk of [
      [],
      [approval(7, 0, 'pending', [says('adam', 'pending')])],
      [approval(7, 0, 'declined', [says('adam', 'declined')])],
      // Asked and answered before the present plan went to review.
      [approval(6, -10, 'approved', [says('adam', 'approved')])],
    ]) {
      expect(judge([OPENED, byHand], desk)).toMatchObject({
        kind: 'not-counting',
        why: expect.stringContaining('no approval was given on the service desk'),
      });
    }
  });

  it('is not approved by an app, by a deactivated account or by our own account there', () => {
    for (const decision of [
      says('robot', 'approved', { accountKind: 'app' }),
      says('gone', 'approved', { active: false }),
      says(BOT, 'approved'),
    ]) {
      const desk = [approval(7, 0, 'approved', [decision])];
      expect(judge([OPENED, movedByDesk], desk)).toMatchObject({ kind: 'not-counting' });
    }
  });

  it('keeps what was approved while we ask on, and wants a new approval for the next move', () => {
    const asksOn = later(move('m3', 'approved', 'in-review', BOT), 6);
    const first = approval(7, 0, 'approved', [says('adam', 'approved')]);
    expect(judge([OPENED, movedByDesk, asksOn], [first])).toMatchObject({
      kind: 'in-review',
      given: [{ moveId: 'approval-7-adam' }],
    });
    const byHand = later(move('m4', 'in-review', 'approved', 'dora'), 7);
    expect(judge([OPENED, movedByDesk, asksOn, byHand], [first])).toMatchObject({ kind: 'not-counting' });
    const second = approval(8, 6, 'approved', [says('dora', 'approved')]);
    expect(judge([OPENED, movedByDesk, asksOn, byHand], [first, second])).toMatchObject({
      kind: 'approved',
      verdict: { moveId: 'approval-8-dora' },
      given: [{ moveId: 'approval-7-adam' }],
    });
  });

  it('loses its approvals when a person takes it back', () => {
    const back = later(move('m3', 'approved', 'in-review', 'dora'), 6);
    const first = approval(7, 0, 'approved', [says('adam', 'approved')]);
    expect(judge([OPENED, movedByDesk, back], [first])).toEqual({ kind: 'in-review', given: [] });
    const again = later(move('m4', 'in-review', 'approved', AUTOMATION), 8);
    const second = approval(8, 6, 'approved', [says('dora', 'approved')]);
    expect(judge([OPENED, movedByDesk, back, again], [first, second])).toMatchObject({
      verdict: { moveId: 'approval-8-dora' },
      given: [],
    });
  });

  it('is rejected by who declined there, and by a person who moves it to Rejected', () => {
    const moved = later(
      { ...move('m2', 'in-review', 'rejected', AUTOMATION), accountKind: 'app' as const },
      5,
    );
    const declined = [approval(7, 0, 'declined', [says('adam', 'approved'), says('dora', 'declined')])];
    expect(judge([OPENED, moved], declined)).toMatchObject({
      kind: 'rejected',
      verdict: { account: 'dora', moveId: 'approval-7-dora' },
    });
    const byHand = later(move('m2', 'in-review', 'rejected', 'adam'), 5);
    expect(judge([OPENED, byHand], [approval(7, 0, 'pending', [])])).toMatchObject({
      kind: 'rejected',
      verdict: { account: 'adam', moveId: 'm2' },
    });
  });

  it('tells the decisions of both places as one list', () => {
    const desk = [approval(7, 0, 'approved', [says('adam', 'approved'), says('dora', 'pending')])];
    expect(decisionsIn({ moves: [OPENED, movedByDesk], desk }).map(({ id }) => id)).toEqual([
      OPENED.id,
      'm2',
      'approval-7-adam',
    ]);
  });
});

function judge(moves: readonly TicketMove[], desk: readonly DeskApproval[]) {
  return judgeTicket({ ...reading(moves), desk }, open, BOT);
}

function approval(
  id: number,
  opened: number,
  decision: DeskApproval['decision'],
  decisions: DeskDecision[],
): DeskApproval {
  const completed = decision === 'pending' ? {} : { completedAt: minutesAfter(opened + 4) };
  const openedAt = minutesAfter(opened);
  return { id: String(id), name: 'Approve', decision, openedAt, ...completed, decisions, digest: `d${id}` };
}

function says(
  account: string,
  decision: DeskDecision['decision'],
  rest: Partial<DeskDecision> = {},
): DeskDecision {
  return { account, accountKind: 'person', active: true, decision, ...rest };
}

function minutesAfter(minutes: number): string {
  return new Date(Date.parse(OPENED.at) + minutes * 60_000).toISOString();
}

function later(what: TicketMove, minutes: number): TicketMove {
  return { ...what, at: minutesAfter(minutes) };
}
