import type { Change } from '#domain/change.ts';
import { plannedProjects } from '#domain/approved-tuple.ts';
import type { PlanRisk } from '#domain/plan/risk.ts';
import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';
import { missingSections, sectionTitles, workPlanOf } from '#domain/work-plan.ts';
import { type Approvals, approvalsOf, periodInWords, placesInWords } from './approvers.ts';
import { minute, oneLine, shortened } from './escape.ts';
import type { ChangeModel } from './note-model.ts';
import { riskLine } from './risk-line.ts';

/** What is to be decided and by whom: what keeps the approval from being of use comes first. */
export function approvalBlocks(
  { change, people }: Pick<ChangeModel, 'change' | 'people'>,
  risks: readonly { project: string; risk: PlanRisk }[],
): TicketBlock[] {
  if (plannedProjects(change).length === 0) return riskPanel(risks);
  const approvals = approvalsOf(change, people);
  return [...incomplete(change, approvals), ...riskPanel(risks), ...demanded(approvals)];
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

function riskPanel(risks: readonly { project: string; risk: PlanRisk }[]): TicketBlock[] {
  if (risks.length === 0) return [];
  const levels = new Set(risks.map(({ risk }) => risk.level));
  const tone = levels.has('high') ? 'error' : levels.has('medium') ? 'warning' : 'success';
  return [{ kind: 'panel', tone, parts: [{ text: oneLine(riskLine(risks)), style: 'strong' }] }];
}

const MOST_REASONS = 8;

function demanded(approvals: Approvals): TicketBlock[] {
  const { demand, given } = approvals;
  const reasons = demand.reasons.slice(0, MOST_REASONS).map((reason) => shortened(oneLine(reason), 200));
  const more = demand.reasons.length - reasons.length;
  const why = [...reasons, ...(more > 0 ? [`and ${more} more reasons`] : [])].join('; ');
  const reviews = demand.reviews;
  const items: TicketText[][] = [
    [
      { text: 'Tier ' },
      { text: shortened(oneLine(demand.tier), 100), style: 'strong' },
      ...(why === '' ? [] : [{ text: `: ${why}` }]),
    ],
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
