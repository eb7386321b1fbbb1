import { z } from 'zod';
import { parse } from '../answer.ts';
import { JiraFault } from '../fault.ts';

/**
 * The changelog that came with an issue, oldest first. Data Center has no other way to it, so one that is not whole is a
 * fault: what is missing could be the move that takes an approval back. Which end is first is told by the entries.
 */
export function historiesIn(changelog: unknown, key: string): readonly unknown[] {
  const { histories, total } = parse(expandedChangelog, changelog, 'changelog');
  if (histories.length !== total)
    throw new JiraFault(
      'jira-unexpected-answer',
      `the changelog of ${key} came with ${histories.length} of ${total} entries`,
      { status: 200, retryable: true },
    );
  const [first, last] = [histories.at(0), histories.at(-1)].map((each) => Date.parse(each?.created ?? ''));
  const isNewestFirst = first !== undefined && last !== undefined && first > last;
  return isNewestFirst ? histories.toReversed() : histories;
}

const expandedChangelog = z.object({
  total: z.number(),
  histories: z.array(z.looseObject({ created: z.string() })),
});
