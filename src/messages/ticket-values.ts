import { plannedProjects } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import { isInAdvance } from '#domain/in-advance.ts';
import type { TicketValues } from '#domain/ticket-document.ts';
import { workPlanOf } from '#domain/work-plan.ts';
import { demandOf } from './approvers.ts';
import { oneLine, printable, shortened } from './escape.ts';
import type { ChangeModel } from './note-model.ts';

const MOST_PROJECTS = 200;
const MOST_REASONS = 20;
/** Of a section of the work plan; the attached file has it whole. */
const MOST_OF_SECTION = 4_000;

/**
 * What fields of the ticket may be filled with. All of it is text of the change's own; which field takes what, and whether
 * any does, is configured.
 *
 * @param labels of the change's projects by the server's configuration: every value of each label.
 */
export function ticketValues(
  model: ChangeModel,
  labels: Readonly<Record<string, readonly string[]>>,
): TicketValues {
  const { change, pageUrl } = model;
  const { reasons, tier } = demandOf(change);
  const { sections } = workPlanOf(change.description);
  return {
    tier: oneLine(tier),
    changeType: changeTypeOf(change),
    tierReasons: reasons.slice(0, MOST_REASONS).map((reason) => shortened(oneLine(reason), 200)),
    repository: repositoryOf(change),
    mergeRequest: change.url,
    change: pageUrl,
    projects: plannedProjects(change)
      .slice(0, MOST_PROJECTS)
      .map(({ key }) => oneLine(key)),
    labels,
    ...(sections.reason === undefined ? {} : { reason: told(sections.reason) }),
    ...(sections.impact === undefined ? {} : { impact: told(sections.impact) }),
    ...(sections['fall-back'] === undefined ? {} : { fallBack: told(sections['fall-back']) }),
    ...(sections.window === undefined ? {} : { window: told(sections.window) }),
  };
}

function told(section: string): string {
  return shortened(printable(section), MOST_OF_SECTION);
}

/** ITIL's three: approved in advance, decided on the ticket, or applied before anybody could. */
function changeTypeOf({ breakGlass, debts = [], ticket }: Change): TicketValues['changeType'] {
  const isOwed = 'key' in ticket && debts.some((debt) => debt.ticket.key === ticket.key);
  if (breakGlass?.status === 'confirmed' || isOwed) return 'emergency';
  return isInAdvance({ ticket }) ? 'standard' : 'normal';
}

/** `group/project`, from the merge request's address. */
function repositoryOf({ mergeRequest, url }: Change): string {
  const path = URL.parse(url)?.pathname.split('/-/')[0]?.replace(/^\/+/, '') ?? '';
  return path === '' ? String(mergeRequest.repository) : path;
}
