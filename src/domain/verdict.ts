import type { Review, Verdict } from './change.ts';
import { deskDecisions } from './desk.ts';
import type { DeskApproval, TicketEdit, TicketMove, TicketReading } from './fact.ts';

/** A decision as the changelog tells it: when it was heard of and who that was then, the core knows. */
export type Decided = Omit<Verdict, 'heardAt' | 'decider'>;

/** What a reading of the ticket says about the review that is open. */
export type Judgement =
  /** Approvals that our own account asked on after stand; nobody took them back. */
  | { kind: 'in-review'; given: readonly Decided[] }
  /** By the last of them the ticket came to Approved. */
  | { kind: 'approved'; verdict: Decided; given: readonly Decided[] }
  | { kind: 'rejected'; verdict: Decided }
  | {
      kind: 'not-counting';
      /** What was found, in words for people. */
      why: string;
      remedy: string;
      /** The reading disagrees with itself, as one taken in the middle of a move does: read again before acting on it. */
      readAgain: boolean;
    };

/**
 * Decides what the ticket says, as its changelog tells it: an approval counts only when the last move is a person's,
 * from In review to Approved, after the service's own last move to In review for the tuple that is in front of the
 * approver. Where more than one is wanted our account moves it back to In review for the next: the approvals before that
 * stand, until somebody else takes the ticket back. The changelog's order decides; times never do, since they are another
 * system's clock.
 *
 * @param bot the service's own account in the ticket system.
 */
export function judgeTicket(reading: TicketReading, review: Review, bot: string): Judgement {
  if (!reading.exists) return no('the ticket is gone or is no longer ours', NEW_TICKET);
  switch (review.status) {
    case 'withdrawn':
    case 'presenting':
    case 'standing':
      return no(
        'no plan is in front of the approver at the moment',
        'wait until the ticket is In review again',
      );
    case 'rejected':
      return { kind: 'rejected', verdict: review.verdict };
    case 'in-review':
    case 'approved':
      return judgeReview(reading, review, bot);
  }
}

function judgeReview(
  reading: TicketReading,
  review: Extract<Review, { status: 'in-review' | 'approved' }>,
  bot: string,
): Judgement {
  if (reading.boundTuple !== review.tupleHash)
    return no('the ticket is not bound to the present plan any more', REVIEW_AGAIN);
  const opening = reading.moves.findLastIndex((move) => opensReview(move, bot));
  if (reading.moves[opening]?.id !== review.moveId)
    return no(
      'its changelog does not hold our move to In review for this plan as our last one',
      REVIEW_AGAIN,
    );
  const since = reading.moves.slice(opening);
  const torn = disagreement(reading, since);
  if (torn !== undefined) return { kind: 'not-counting', why: torn, remedy: READ_AGAIN, readAgain: true };
  const moves = withoutOurStart(since, bot);
  const judgement =
    reading.desk === undefined
      ? judgeMove(moves, review.tupleHash, bot)
      : judgeDesk(reading.desk, moves, review.tupleHash, bot);
  // Whatever was read, a rejection is one.
  if (judgement.kind === 'rejected') return judgement;
  const edited = editedSince(reading, opening, bot);
  return edited === undefined ? judgement : no(edited, REVIEW_AGAIN);
}

/** Whoever reads a text that others changed since we put it there does not decide on what would be done. */
function editedSince({ edits = [], moves }: TicketReading, opening: number, bot: string): string | undefined {
  const before = edits.filter(({ after }) => after === moves[opening - 1]?.id);
  const since = edits.filter(({ after }) => moves.slice(opening).some(({ id }) => id === after));
  return (
    changedBy(unwritten(before, bot), 'before it came to review, when our text was there already') ??
    changedBy(
      since.filter(({ account }) => account !== bot),
      'after it came to review',
    )
  );
}

/**
 * What others changed and we did not write over. Our text is written between our last two moves; where it was there
 * already that leaves no trace in the changelog, and what comes after it is the last of its kind all the same.
 */
function unwritten(edits: readonly TicketEdit[], bot: string): TicketEdit[] {
  return edits.flatMap((edit, index) => {
    const ours = edits.slice(index + 1).filter(({ account }) => account === bot);
    const what = edit.what.filter((each) => !ours.some((later) => later.what.includes(each)));
    return edit.account === bot || what.length === 0 ? [] : [{ ...edit, what }];
  });
}

function changedBy(edits: readonly TicketEdit[], when: string): string | undefined {
  const [first] = edits;
  if (first === undefined) return undefined;
  const what = [...new Set(edits.flatMap((each) => each.what))];
  return `${moverOf(first)} changed the ticket's ${what.join(' and ')} ${when}`;
}

/** A reading whose moves do not follow on each other, or do not lead to the ticket's status. */
function disagreement(reading: TicketReading, moves: readonly TicketMove[]): string | undefined {
  const gap = moves.find((move, index) => index > 0 && move.from !== moves[index - 1]?.to);
  if (gap !== undefined) return `its changelog has a gap before move ${gap.id}`;
  const last = moves.at(-1);
  if (last?.to !== reading.status)
    return `its status is ${reading.status}, but the last move in its changelog leads to ${last?.to ?? 'nothing'}`;
  return undefined;
}

/** Our own Approved → Applying follows from the approval and leaves it standing. */
function withoutOurStart(moves: readonly TicketMove[], bot: string): readonly TicketMove[] {
  const last = moves.at(-1);
  const isOurs = last?.account === bot && last.from === 'approved' && last.to === 'applying';
  return isOurs ? moves.slice(0, -1) : moves;
}

/** A review begins with our move from Requested; from Approved we only ask on. */
function opensReview({ account, from, to }: TicketMove, bot: string): boolean {
  return account === bot && to === 'in-review' && from !== 'approved';
}

/** `moves` starts with our move to In review and is therefore never empty. */
function judgeMove(moves: readonly TicketMove[], tupleHash: string, bot: string): Judgement {
  const move = moves.at(-1);
  const given = approvalsIn(moves.slice(0, -1), tupleHash, bot);
  if (move === undefined || move.to === 'in-review')
    return { kind: 'in-review', given: move?.account === bot ? given : [] };
  const decision = move.to;
  if (decision !== 'approved' && decision !== 'rejected')
    return no(`${moverOf(move)} moved the ticket from ${move.from} to ${move.to}`, REVIEW_AGAIN);
  const refusal = notCounting(move, bot);
  if (refusal !== undefined) return no(refusal, REVIEW_AGAIN);
  const verdict = decided(move, decision, tupleHash);
  return decision === 'approved' ? { kind: 'approved', verdict, given } : { kind: 'rejected', verdict };
}

/**
 * Where approvals are given on a service desk, that moves the ticket by itself, in whosever name: what counts is who approved
 * there since the ticket went to review, or since somebody took it back. A move to Approved that no approval stands behind
 * counts nothing. Moves and approvals are of one system, and so of one clock.
 */
function judgeDesk(
  desk: readonly DeskApproval[],
  moves: readonly TicketMove[],
  tupleHash: string,
  bot: string,
): Judgement {
  const last = moves.at(-1);
  const taken = moves.findLast(
    ({ account, to }) => account !== bot && to !== 'approved' && to !== 'rejected',
  );
  const asked = openedSince(desk, taken ?? moves[0]);
  const counting = asked
    .filter(({ decision }) => decision !== 'declined')
    .flatMap(deskDecisions)
    .filter((move) => move.to === 'approved' && notCounting(move, bot) === undefined);
  const given = counting.map((move) => decided(move, 'approved', tupleHash));
  if (last === undefined || last.to === 'in-review')
    return { kind: 'in-review', given: last?.account === bot ? given : [] };
  const [newest] = openedSince(
    asked,
    moves.findLast(({ to }) => to === 'in-review'),
  ).toReversed();
  const decliner = newest?.decision === 'declined' ? declinedBy(newest, bot) : undefined;
  if (last.to === 'rejected' && decliner !== undefined)
    return { kind: 'rejected', verdict: decided(decliner, 'rejected', tupleHash) };
  if (last.to !== 'approved') return judgeMove(moves, tupleHash, bot);
  const stray = last.from !== 'in-review' || last.account === bot ? notCounting(last, bot) : undefined;
  if (stray !== undefined) return no(stray, REVIEW_AGAIN);
  const verdict = given.at(-1);
  if (newest?.decision !== 'approved' || verdict === undefined)
    return no(
      `${moverOf(last)} moved the ticket to approved, and no approval was given on the service desk since it went to review`,
      REVIEW_AGAIN,
    );
  return { kind: 'approved', verdict, given: given.slice(0, -1) };
}

function openedSince(desk: readonly DeskApproval[], move: TicketMove | undefined): readonly DeskApproval[] {
  return desk.filter(({ openedAt }) => move !== undefined && Date.parse(openedAt) >= Date.parse(move.at));
}

function declinedBy(approval: DeskApproval, bot: string): TicketMove | undefined {
  return deskDecisions(approval).find(
    (move) => move.to === 'rejected' && notCounting(move, bot) === undefined,
  );
}

/** The approvals that stand at the end of these moves: whoever but us takes the ticket back takes all of them back. */
function approvalsIn(moves: readonly TicketMove[], tupleHash: string, bot: string): Decided[] {
  return moves.reduce<Decided[]>((given, move) => {
    if (move.to !== 'approved') return move.account === bot ? given : [];
    return notCounting(move, bot) === undefined ? [...given, decided(move, 'approved', tupleHash)] : given;
  }, []);
}

function decided(move: TicketMove, decision: Verdict['decision'], tupleHash: string): Decided {
  const { account, at, digest, id } = move;
  return { decision, account, moveId: id, decidedAt: at, tupleHash, evidenceDigest: digest };
}

/** Why a move to Approved or Rejected decides nothing, if so. */
function notCounting(move: TicketMove, bot: string): string | undefined {
  const { to } = move;
  if (move.from !== 'in-review') return `the ticket came to ${to} from ${move.from}, not from In review`;
  if (move.account === bot) return `our own account moved the ticket to ${to}`;
  if (move.accountKind !== 'person')
    return `${moverOf(move)}, which moved the ticket to ${to}, is not a person's account`;
  if (!move.active) return `${moverOf(move)}, which moved the ticket to ${to}, is deactivated`;
  return undefined;
}

/** Who moved the ticket, in words for people who know names and administrators who need ids. */
export function moverOf({ account, name }: Pick<TicketMove, 'account' | 'name'>): string {
  return name === undefined || name === '' ? account : `${name} (${account})`;
}

const REVIEW_AGAIN = 'the ticket goes back to review; decide there again';
const READ_AGAIN = 'the ticket is read again by itself';
const NEW_TICKET = 'push again or comment `countersign plan` to get a new ticket';

function no(why: string, remedy: string): Judgement {
  return { kind: 'not-counting', why, remedy, readAgain: false };
}
