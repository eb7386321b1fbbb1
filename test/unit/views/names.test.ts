import { expect, test } from 'vitest';
import { PEOPLE } from '#test/unit/messages/sample-change.ts';
import { namesFrom, personOfHost } from '#views/names.ts';

test('whoever has an account in GitLab is called as the directory calls them, and by the account where it does not', () => {
  const nameOf = namesFrom(PEOPLE);
  expect(personOfHost({ id: 3, username: 'mara' }, nameOf)).toEqual({ id: '@mara', name: 'Mara Miller' });
  expect(personOfHost({ id: 99, username: 'guest' }, nameOf)).toEqual({ id: '@guest', name: '@guest' });
});
