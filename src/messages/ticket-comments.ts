import type { Change, TicketOutcome } from '#domain/change.ts';
import type { Project } from '#domain/project.ts';
import type { TicketBlock } from '#domain/ticket-document.ts';
import type { PlanComparison } from './answer-diff.ts';
import { plural } from './counts.ts';
import { ranUnder } from './in-advance.ts';
import { oneLine, plainSentence, shortened } from './escape.ts';
import { differenceBlocks } from './ticket-difference.ts';
import { verificationBlocks } from './verification.ts';

/**
 * The last comment of a ticket: what came of it and, where one was signed, the checkpoint of the audit log that covers
 * it. With the checkpoint here the ticket system witnesses the log; `countersign audit verify --against` reads it.
 */
export function closingComment(closing: {
  /** Of the ticket that ends. */
  key: string;
  change: Change;
  outcome: TicketOutcome;
  reason: string;
  checkpoint: string | undefined;
  /** The mandates under which something was applied. */
  used?: Parameters<typeof ranUnder>[0];
  pageUrl: string;
}): TicketBlock[] {
  const { change, checkpoint, key, outcome, pageUrl, reason } = closing;
  const { tone, text } = outcomeInWords(outcome, change, key);
  const { release } = change;
  const why = reason.trim() === '' ? [] : [{ text: ` ${plainSentence(reason)}` }];
  const tag: TicketBlock[] =
    release.status === 'tagged'
      ? [
          {
            kind: 'paragraph',
            parts: [
              { text: 'Applied commit ' },
              { text: release.sha, style: 'code' },
              { text: ' carries the tag ' },
              { text: release.tag, style: 'code' },
              { text: '.' },
            ],
          },
        ]
      : [];
  return [
    { kind: 'panel', tone, parts: [{ text, style: 'strong' }, ...why] },
    ...(goesOn(change, key) ? [] : projects(change)),
    ...tag,
    ...ranUnder(closing.used ?? []),
    ...verificationBlocks(change),
    { kind: 'paragraph', parts: [{ text: 'History, gates and evidence', href: pageUrl }] },
    ...witness(checkpoint),
  ];
}

/** What the projects are doing by now is told on the ticket that the change has by now. */
function goesOn({ ticket }: Change, key: string): boolean {
  return ticket.status !== 'closed' || ticket.key !== key;
}

/** Told when the decision on the ticket cannot count, so that it goes back to review. */
export function decisionDoesNotCount(told: {
  decision: 'approved' | 'rejected';
  why: string;
  pageUrl: string;
}): TicketBlock[] {
  const name = told.decision === 'approved' ? 'approval' : 'rejection';
  return [
    {
      kind: 'panel',
      tone: 'warning',
      parts: [
        { text: `This ${name} does not count.`, style: 'strong' },
        { text: ` ${plainSentence(told.why)}` },
      ],
    },
    {
      kind: 'paragraph',
      parts: [
        { text: 'The ticket goes back to review; nothing was applied because of it. ' },
        { text: 'See what was looked at', href: told.pageUrl },
        { text: '.' },
      ],
    },
  ];
}

/** Told when the change was planned again after it was rejected: the rejection holds for what it was about. */
export function rejectedBefore(pageUrl: string): TicketBlock[] {
  return [
    {
      kind: 'panel',
      tone: 'info',
      parts: [
        { text: 'The rejection was of an earlier plan.', style: 'strong' },
        {
          text: ' The change was planned again since, and the ticket asks about what stands in it now. ',
        },
        { text: 'See the change', href: pageUrl },
        { text: '.' },
      ],
    },
  ];
}

/** Told when approvals count and more are wanted: who gave them, and who is asked now. */
export function askedOn(told: { given: readonly string[]; wanted: string; pageUrl: string }): TicketBlock[] {
  const names = told.given.map((name) => shortened(oneLine(name), 100)).join(', ');
  return [
    {
      kind: 'panel',
      tone: 'info',
      parts: [
        { text: `Approved by ${names}.`, style: 'strong' },
        {
          text: ` ${plainSentence(told.wanted)} These approvals stand as long as nobody takes the ticket back.`,
        },
      ],
    },
    {
      kind: 'paragraph',
      parts: [{ text: 'See who is waited for', href: told.pageUrl }, { text: '.' }],
    },
  ];
}

/** Told when a ticket that was approved comes back, since a wave's plan is not what its forecast was. */
export function backInReview(told: {
  why: string;
  differences: readonly PlanComparison[];
  pageUrl: string;
}): TicketBlock[] {
  return [
    {
      kind: 'panel',
      tone: 'warning',
      parts: [{ text: 'Back in review.', style: 'strong' }, { text: ` ${plainSentence(told.why)}` }],
    },
    ...differenceBlocks(told.differences, MOST_OF_DIFFERENCE),
    {
      kind: 'paragraph',
      parts: [
        { text: 'What was applied before stays applied; the rest waits for this decision. ' },
        { text: 'See the plans', href: told.pageUrl },
        { text: '.' },
      ],
    },
  ];
}

/** Told when a newer version takes the ticket out of review. */
export function withdrawnFromReview(told: { why: string; pageUrl: string }): TicketBlock[] {
  return [
    {
      kind: 'paragraph',
      parts: [
        { text: 'Taken out of review. ', style: 'strong' },
        {
          text: `${plainSentence(told.why)} The ticket comes back to review with the next plan, if there is one; earlier decisions do not carry over. `,
        },
        { text: 'Follow the change', href: told.pageUrl },
        { text: '.' },
      ],
    },
  ];
}

/** On a ticket that goes on where an earlier one ended. */
export function openedAfter(told: { previous: { key: string; url: string }; why: string }): TicketBlock[] {
  return [
    {
      kind: 'paragraph',
      parts: [
        { text: 'Opened after ' },
        { text: told.previous.key, href: told.previous.url },
        {
          text: `, whose approval was used or ended. ${plainSentence(told.why)} What was decided there does not count here.`,
        },
      ],
    },
  ];
}

/** What was applied in an emergency was approved as well, only later. */
function outcomeInWords(
  outcome: TicketOutcome,
  { debts = [] }: Change,
  key: string,
): { tone: 'success' | 'info' | 'warning' | 'error'; text: string } {
  const afterwards = outcome === 'done' && debts.some(({ ticket }) => ticket.key === key);
  return afterwards
    ? { tone: 'success', text: 'Done: applied in an emergency, and approved afterwards.' }
    : OUTCOMES[outcome];
}

const OUTCOMES: Readonly<
  Record<TicketOutcome, { tone: 'success' | 'info' | 'warning' | 'error'; text: string }>
> = {
  done: { tone: 'success', text: 'Done: applied as approved.' },
  failed: { tone: 'error', text: 'Failed: it was not applied as approved.' },
  partial: {
    tone: 'error',
    text: 'Partly applied: some projects were, others were not, so there is no release tag.',
  },
  superseded: { tone: 'info', text: 'Superseded: nothing will be applied under this ticket any more.' },
  'no-changes': { tone: 'info', text: 'No changes: the plan would do nothing, so nothing was applied.' },
  cancelled: { tone: 'info', text: 'Cancelled: nothing more will be applied under this ticket.' },
  expired: { tone: 'warning', text: 'Expired: it was not applied in time.' },
};

/** Of the 32,767 characters that a comment may have. */
const MOST_OF_DIFFERENCE = 15_000;
const MOST_PROJECTS = 30;

function projects(change: Change): TicketBlock[] {
  if (change.projects.length === 0) return [];
  const rows = change.projects
    .toSorted((a, b) => Number(isDone(a)) - Number(isDone(b)))
    .slice(0, MOST_PROJECTS)
    .map((project) => [
      [{ text: shortened(oneLine(project.key), 160), style: 'code' as const }],
      [{ text: project.status.replaceAll('-', ' ') }],
      [{ text: 'reason' in project ? shortened(oneLine(project.reason), 300) : '' }],
    ]);
  const more = change.projects.length - rows.length;
  const rest: TicketBlock[] =
    more > 0 ? [{ kind: 'paragraph', parts: [{ text: `And ${plural(more, 'more project')}.` }] }] : [];
  return [{ kind: 'table', header: ['Project', 'Outcome', 'Why'], rows }, ...rest];
}

function isDone({ status }: Project): boolean {
  return DONE.has(status);
}

const DONE: ReadonlySet<Project['status']> = new Set(['no-changes', 'applied', 'released', 'merged']);

function witness(checkpoint: string | undefined): TicketBlock[] {
  if (checkpoint === undefined) return [];
  return [
    {
      kind: 'paragraph',
      parts: [
        {
          text: 'Head of the audit log that covers this change. Whoever keeps it can prove later that the log was not rewritten:',
        },
      ],
    },
    { kind: 'code', text: checkpoint },
  ];
}
