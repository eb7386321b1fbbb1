/** The first names of a list and how many more there are, and whether it "is" or "are": "a, b, c and 2 more are". */
export function inShort(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `${shown}${more} ${names.length === 1 ? 'is' : 'are'}`;
}
