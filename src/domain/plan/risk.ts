import type { PlanSummary } from './summarize.ts';

export type RiskLevel = 'low' | 'medium' | 'high';

export interface PlanRisk {
  level: RiskLevel;
  /** Why, the gravest first; empty for a low risk with nothing to say. */
  reasons: string[];
}

/** More changed resources than this are hard to review in one go. */
const largePlan = 20;

const productionSegment = /^(?:prod|production|prd|live)$/u;

/**
 * A first guess at how carefully a plan wants to be read, from what it does and where; it opens and closes no gate.
 * Whatever destroys is at least medium, in production high, and so is what cannot be shown.
 */
export function planRisk(summary: PlanSummary, project: { dir: string; workspace: string }): PlanRisk {
  const { counts } = summary;
  const production = [...project.dir.split('/'), project.workspace].some((part) =>
    productionSegment.test(part),
  );
  const touched = counts.create + counts.update + counts.delete + counts.replace + counts.forget;
  const inProduction = production ? ' in production' : '';
  const found: { level: RiskLevel; reason: string }[] = [];
  const note = (level: RiskLevel, reason: string) => found.push({ level, reason });

  for (const { kind, text } of summary.warnings) if (kind !== 'check-unknown') note('high', text);
  if (counts.delete > 0) note(production ? 'high' : 'medium', `destroys ${counts.delete}${inProduction}`);
  if (counts.replace > 0) note(production ? 'high' : 'medium', `replaces ${counts.replace}${inProduction}`);
  if (counts.forget > 0) note('medium', `stops managing ${counts.forget}`);
  if (production && counts.update > 0) note('medium', `changes ${counts.update} in production`);
  if (touched > largePlan) note('medium', `touches ${touched} resources`);
  if (production && counts.create > 0) note('low', `adds ${counts.create} in production`);

  const order: RiskLevel[] = ['high', 'medium', 'low'];
  found.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
  return { level: found[0]?.level ?? 'low', reasons: found.map((each) => each.reason) };
}
