import type { Change } from '#domain/change.ts';
import { plannedProjects } from '#domain/approved-tuple.ts';
import type { PlanSummary } from '#domain/plan/summarize.ts';
import { isInAdvance } from '#domain/in-advance.ts';
import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';
import { missingSections, sectionTitles, workPlanOf } from '#domain/work-plan.ts';
import { type Approvals, approvalsOf, periodInWords, placesInWords } from './approvers.ts';
import { minute, oneLine, shortened } from './escape.ts';
import type { ChangeModel } from './note-model.ts';
import { tierPanel } from './tier-panel.ts';

/** What is to be decided and by whom: what keeps the approval from being of use comes first. */
export function approvalBlocks(
  { change, people }: Pick<ChangeModel, 'change' | 'people'>,
  summaries: readonly PlanSummary[],
): TicketBlock[] {
  if (plannedProjects(change).length === 0) return tierPanel(undefined, summaries);
  const approvals = approvalsOf(change, people);
  return [
    ...incomplete(change, approvals),
    ...tierPanel(approvals.demand, summaries),
    ...(isInAdvance(change) ? [] : demanded(approvals)),
  ];
}

/** Whoever approves it as it is would be asked again as soon as it is complete. */
function incomplete({ description }: Change, { demand }: Approvals): TicketBlock[] {
  const missing = missingSections(workPlanOf(description), demand.workPlan);
  if (missing.length === 0) return [];
  return [
    {
      kind: 'panel',
      tone: 'warning',
      parts: [
        { text: `The work plan lacks ${sectionTitles(missing)}.`, style: 'strong' },
        {
          text: ' Nothing is applied before the author has written that into the merge request’s description, and what is written then needs an approval again: better wait for it.',
        },
      ],
    },
  ];
}

function demanded(approvals: Approvals): TicketBlock[] {
  const { demand, given } = approvals;
  const reviews = demand.reviews;
  const items: TicketText[][] = [
    [{ text: 'Approved by ' }, ...steps(approvals)],
    ...(given.length === 0
      ? []
      : [
          [
            { text: 'Given so far: ' },
            {
              text: given.map(({ at, name }) => `${shortened(oneLine(name), 80)}, ${minute(at)}`).join('; '),
            },
          ],
        ]),
    ...(reviews > 0
      ? [
          [
            {
              text: `Reviewed in the merge request by ${reviews === 1 ? 'one person' : `${reviews} people`} with the role reviewer before it is applied`,
            },
          ],
        ]
      : []),
    [
      {
        text: `An approval is good for ${periodInWords(demand.approvalValidSeconds)}; a new push, another plan or an edited work plan takes it back sooner`,
      },
    ],
    [{ text: 'Whoever asked for the change, wrote, committed or pushed it cannot approve it' }],
  ];
  return [
    { kind: 'heading', level: 2, text: 'What it needs' },
    { kind: 'bullets', items },
  ];
}

/** "an approver"; "1 of `network`, then 2 of `security`". */
function steps({ demand, asked }: Approvals): TicketText[] {
  const between = demand.inOrder === true ? ', then ' : ' and ';
  const told = demand.approvals.flatMap((step, at): TicketText[] => [
    ...(at === 0 ? [] : [{ text: between }]),
    {
      text: placesInWords(step, step.count, (group) => `“${shortened(oneLine(group), 80)}”`),
      style: 'strong',
    },
  ]);
  return asked > 1 ? [...told, { text: ': each by another person' }] : told;
}
