import type { PlanCounts } from '#domain/plan-ref.ts';

/** "2 to add, 1 to replace, 1 to destroy": what would be done, the gravest last; "no changes" for nothing. */
export function countsInWords(counts: PlanCounts): string {
  const parts: [number, string][] = [
    [counts.import, 'to import'],
    [counts.move, 'to move'],
    [counts.create, 'to add'],
    [counts.update, 'to change'],
    [counts.forget, 'to forget'],
    [counts.replace, 'to replace'],
    [counts.delete, 'to destroy'],
  ];
  const said = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  if (said.length > 0) return said.join(', ');
  return counts.outputs > 0 ? `${plural(counts.outputs, 'output')} to change` : 'no changes';
}

/** "2 moves, 1 output": what the four numbers of a table leave out; empty when that is nothing. */
export function otherCounts(counts: PlanCounts): string {
  const parts: [number, string][] = [
    [counts.import, 'import'],
    [counts.move, 'move'],
    [counts.forget, 'removal'],
    [counts.outputs, 'output'],
  ];
  return parts
    .filter(([n]) => n > 0)
    .map(([n, what]) => plural(n, what))
    .join(', ');
}

/** The sum over several plans. */
export function addCounts(all: readonly PlanCounts[]): PlanCounts {
  const sum: PlanCounts = {
    create: 0,
    update: 0,
    delete: 0,
    replace: 0,
    import: 0,
    move: 0,
    forget: 0,
    outputs: 0,
  };
  for (const counts of all) {
    for (const name of Object.keys(sum) as (keyof PlanCounts)[]) sum[name] += counts[name];
  }
  return sum;
}

/** "1 project", "3 projects". */
export function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
