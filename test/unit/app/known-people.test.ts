import { describe, expect, test, vi } from 'vitest';
import { createKnownPeople } from '#app/directory/known-people.ts';
import type { DirectoryReading } from '#app/ports/directory.ts';
import type { Person } from '#domain/gates/evidence.ts';

const person = (id: string, name: string): Person => ({
  id,
  name,
  gitlabIds: [],
  jiraAccounts: [],
  emails: [],
  roles: [],
  groups: [],
});
const ann = person('ann', 'Ann Listed');
const lena = person('lena', 'Lena Lead');

/** A directory whose readings are given one by one. */
function directory() {
  const asked: PromiseWithResolvers<DirectoryReading>[] = [];
  const read = () => {
    const reading = Promise.withResolvers<DirectoryReading>();
    asked.push(reading);
    return reading.promise;
  };
  const answer = (...people: Person[]) => asked.at(-1)?.resolve({ people, unseen: [] });
  return { read, asked, answer };
}

const options = { listed: [ann], freshMs: 0, patienceMs: 60_000, onError: vi.fn<(error: unknown) => void>() };
const namesOf = (people: readonly Person[]) => people.map(({ name }) => name);

describe('the people whom pages name', () => {
  test('are those of the directory; the first looks wait for it together', async () => {
    const { answer, asked, read } = directory();
    const people = createKnownPeople({ read }, { ...options, freshMs: 60_000 });
    const [one, two] = [people(), people()];
    answer(ann, lena);
    expect(namesOf(await one)).toEqual(['Ann Listed', 'Lena Lead']);
    expect(await two).toBe(await one);
    expect(asked).toHaveLength(1);
  });

  test('are those of the file while the directory does not answer, and its own once it does', async () => {
    const { answer, read } = directory();
    const people = createKnownPeople({ read }, { ...options, freshMs: 60_000, patienceMs: 1 });
    expect(namesOf(await people())).toEqual(['Ann Listed']);
    answer(ann, lena);
    await vi.waitFor(async () => expect(namesOf(await people())).toContain('Lena Lead'));
  });

  test('are looked up anew behind whoever looks, and keep their names when they go', async () => {
    const { answer, asked, read } = directory();
    const people = createKnownPeople({ read }, options);
    const first = people();
    answer(ann, lena);
    await first;
    expect(namesOf(await people())).toEqual(['Ann Listed', 'Lena Lead']);
    expect(asked.length).toBeGreaterThan(1);
    answer(person('ann', 'Ann Married'));
    await vi.waitFor(async () => expect(namesOf(await people())).toEqual(['Ann Married', 'Lena Lead']));
  });

  test('stay as they were when a reading breaks', async () => {
    const { answer, asked, read } = directory();
    const people = createKnownPeople({ read }, options);
    const first = people();
    answer(ann, lena);
    await first;
    await people();
    asked.at(-1)?.reject(new Error('the database is gone'));
    await vi.waitFor(() => expect(options.onError).toHaveBeenCalledOnce());
    expect(namesOf(await people())).toEqual(['Ann Listed', 'Lena Lead']);
  });
});
