/** A moment (RFC 3339, UTC) as sentences say it: "2026-11-01 10:05 UTC". */
export function minute(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}
