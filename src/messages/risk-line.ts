import type { PlanRisk, RiskLevel } from '#domain/plan/risk.ts';

const ORDER: readonly RiskLevel[] = ['high', 'medium', 'low'];

/** "Risk: high – destroys 1 in production; replaces 2": the worst of several plans, with every reason of that plan. */
export function riskLine(risks: readonly { project: string; risk: PlanRisk }[]): string {
  const level = ORDER.find((each) => risks.some(({ risk }) => risk.level === each)) ?? 'low';
  const reasons = risks
    .filter(({ risk }) => risk.reasons.length > 0)
    .toSorted((a, b) => ORDER.indexOf(a.risk.level) - ORDER.indexOf(b.risk.level))
    .map(({ project, risk }) => `${risks.length > 1 ? `${project} ` : ''}${risk.reasons.join(', ')}`);
  const shown = reasons.slice(0, 5);
  if (reasons.length > shown.length) shown.push(`and ${reasons.length - shown.length} more projects`);
  return shown.length === 0 ? `Risk: ${level}` : `Risk: ${level} – ${shown.join('; ')}`;
}
