/** GitLab's roles (https://docs.gitlab.com/api/members/#roles), highest first, as the end of a sentence about somebody. */
const ROLES: readonly (readonly [level: number, words: string])[] = [
  [50, 'an Owner'],
  [40, 'a Maintainer'],
  [30, 'a Developer'],
  [20, 'a Reporter'],
  [15, 'a Planner'],
  [10, 'a Guest'],
  [1, 'a member with minimal access'],
];

/** "a Developer" for 30, "no member" for 0; a level in between goes by the role below it. */
export function roleInWords(accessLevel: number): string {
  return ROLES.find(([level]) => accessLevel >= level)?.[1] ?? 'no member';
}
