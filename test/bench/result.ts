/** One line of the report: ours beside what it is compared with, both measured in this run. */
export interface Row {
  /** Stable over runs, to compare them. */
  id: string;
  what: string;
  ours: number;
  /** Absent for a plain count. */
  other?: number;
  unit: 'ms' | 'requests/s' | 'count';
  /** `ours / other`, or ours where there is nothing to compare it with. */
  value: number;
  goal?: { at: 'most' | 'least'; value: number };
}

export interface Results {
  at: string;
  machine: Record<string, string | number>;
  settings: object;
  rows: Row[];
  /** What was not measured, and why. */
  skipped: string[];
}

/** A row whose value is a ratio. */
export function ratio(row: Omit<Row, 'value'> & { other: number }): Row {
  return { ...row, value: row.ours / row.other };
}

/** A row that is itself what is looked at. */
export function count(row: Omit<Row, 'value' | 'other'>): Row {
  return { ...row, value: row.ours };
}

/** The middle of the values; the mean of the two in the middle of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
}

/** The value that the given share of all does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
