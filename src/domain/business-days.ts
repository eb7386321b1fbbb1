const DAY_MS = 86_400_000;

/**
 * So many working days later, at the same time of day: Saturdays, Sundays and holidays do not count. Days are those of UTC.
 *
 * @param at RFC 3339.
 * @param holidays `YYYY-MM-DD`.
 */
export function afterBusinessDays(at: string, days: number, holidays: readonly string[]): string {
  let time = Date.parse(at);
  for (let left = days; left > 0; ) {
    time += DAY_MS;
    if (isWorkingDay(new Date(time), holidays)) left -= 1;
  }
  return new Date(time).toISOString();
}

function isWorkingDay(day: Date, holidays: readonly string[]): boolean {
  const weekday = day.getUTCDay();
  return weekday !== 0 && weekday !== 6 && !holidays.includes(day.toISOString().slice(0, 10));
}
