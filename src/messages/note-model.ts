import type { Change } from '#domain/change.ts';
import type { PlanRisk } from '#domain/plan/risk.ts';
import type { PlanSummary } from '#domain/plan/summarize.ts';

/** What the summary note, the commit status and the ticket are made of: the change as it is at this moment. */
export interface ChangeModel {
  change: Change;
  /** Address of the change's page: everything that is too long for a note is there. */
  pageUrl: string;
  /** The newest finished plan of each project, by project key. */
  plans: ReadonlyMap<string, PlanModel>;
}

export interface PlanModel {
  summary: PlanSummary;
  risk: PlanRisk;
  digest: string;
}
