import type { TicketBlock, TicketContent } from '#domain/ticket-document.ts';

/**
 * What a text of JIRA holds, markup included, unless an administrator of Data Center allows more. Whether Cloud counts the
 * characters of a document's texts or of the whole document, Atlassian does not say: what passes as a document passes both.
 */
export const MOST_CHARACTERS = 32_767;

/** The longest of a ticket's texts that JIRA takes. */
export function longestFitting(
  { body, shorter = [] }: Pick<TicketContent, 'body' | 'shorter'>,
  lengthOf: (blocks: readonly TicketBlock[]) => number,
): readonly TicketBlock[] {
  const all = [body, ...shorter];
  return all.find((blocks) => lengthOf(blocks) <= MOST_CHARACTERS) ?? all.at(-1) ?? body;
}

const NOTICE: TicketBlock = {
  kind: 'paragraph',
  parts: [{ text: 'This is longer than JIRA takes; some of it is left out here.', style: 'strong' }],
};

/** The blocks as far as JIRA takes them: of what is longer the largest are left out, never the last, and it says so. */
export function fitted(
  blocks: readonly TicketBlock[],
  lengthOf: (blocks: readonly TicketBlock[]) => number,
): readonly TicketBlock[] {
  if (lengthOf(blocks) <= MOST_CHARACTERS) return blocks;
  const last = blocks.slice(-1);
  const kept = new Set(blocks.slice(0, -1));
  const bySize = [...kept].map((block) => ({ block, size: lengthOf([block]) }));
  for (const { block } of bySize.toSorted((a, b) => b.size - a.size)) {
    if (lengthOf([...kept, NOTICE, ...last]) <= MOST_CHARACTERS) break;
    kept.delete(block);
  }
  return [...kept, NOTICE, ...last];
}
