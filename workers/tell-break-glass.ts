import type { BreakGlass } from '#domain/break-glass.ts';
import type { Change, Debt } from '#domain/change.ts';
import type { TicketBlock } from '#domain/ticket-document.ts';
import { debtIsOverdue, debtIsPaid, emergencyNote, emergencyOnTicket } from '#messages/emergency.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { noteMarker } from './publish-note.ts';

/**
 * Says loudly, in the merge request and on the ticket, where an emergency stands: one note that is edited, and a comment
 * for each step, once. A debt that is overdue is an alarm in the log as well.
 */
export async function tellBreakGlass(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { breakGlass: glass, debts = [] } = change;
  const pageUrl = changeUrl(context, change);
  if (glass !== undefined) await tellGlass(context, change, glass);
  for (const debt of debts) {
    const { key } = debt.ticket;
    const told = toldOf(debt, pageUrl);
    if (told === undefined) continue;
    if (told.alarm) {
      context.log.error(
        { changeId: change.id, approvalId: key, due: debt.due },
        'an emergency apply is overdue for its approval',
      );
    }
    await context.ticketing.comment(key, told.marker, told.body);
    // The note of this glass says it too, even where another was asked for since.
    if (debt.glass.noteId !== glass?.noteId) await putNote(context, change, overGlass(debt), debt);
  }
  return undefined;
}

async function tellGlass(context: WorkerContext, change: Change, glass: BreakGlass): Promise<void> {
  const debt = change.debts?.find((each) => each.glass.noteId === glass.noteId);
  await putNote(context, change, glass, debt);
  const key = debt?.ticket.key ?? ('key' in change.ticket ? change.ticket.key : undefined);
  if (key === undefined) return;
  const body = emergencyOnTicket(glass, changeUrl(context, change));
  await context.ticketing.comment(key, `glass-${glass.noteId}-${stepOf(glass)}`, body);
}

/** A use that is over was told when it began; what ends unused is told when it ends. */
function stepOf(glass: BreakGlass): string {
  if (glass.status === 'over') return glass.usedAt === undefined ? 'over' : 'confirmed';
  return glass.status;
}

function putNote(context: WorkerContext, change: Change, glass: BreakGlass, debt: Debt | undefined) {
  const { ticket } = change;
  const ticketUrl = debt?.ticket.url ?? ('url' in ticket ? ticket.url : '');
  const body = emergencyNote({ glass, debt, pageUrl: changeUrl(context, change), ticketUrl });
  return context.conversation.putNote(
    change.mergeRequest,
    noteMarker(change.id, `glass-${glass.noteId}`),
    body,
  );
}

function overGlass({ glass, usedAt }: Debt): BreakGlass {
  return { ...glass, status: 'over', as: 'used', why: 'it was applied', overAt: usedAt };
}

function toldOf(
  debt: Debt,
  pageUrl: string,
): { marker: string; body: TicketBlock[]; alarm: boolean } | undefined {
  const { noteId } = debt.glass;
  if (debt.status === 'paid') {
    const names = debt.verdicts.map(({ account, decider }) => decider?.name ?? account);
    return { marker: `glass-${noteId}-paid`, body: debtIsPaid(names), alarm: false };
  }
  return debt.overdue === true
    ? { marker: `glass-${noteId}-overdue`, body: debtIsOverdue(debt, pageUrl), alarm: true }
    : undefined;
}
