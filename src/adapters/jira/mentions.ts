import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';
import { Fault } from '#domain/fault.ts';
import type { JiraSite } from './site.ts';

/** The blocks with mentions as this JIRA writes them; somebody whom it does not know any more is named and not called. */
export async function withMentions(
  site: Pick<JiraSite, 'userReference'>,
  blocks: readonly TicketBlock[],
): Promise<TicketBlock[]> {
  const accounts = new Set(
    blocks.flatMap(partsOf).flatMap((part) => ('mention' in part ? [part.mention] : [])),
  );
  const known = new Map<string, string>();
  for (const account of accounts) {
    const reference = await referenceTo(site, account);
    if (reference !== undefined) known.set(account, reference);
  }
  return blocks.map((block) =>
    mapParts(block, (part) => {
      if (!('mention' in part)) return part;
      const mention = known.get(part.mention);
      return mention === undefined ? { text: part.text } : { text: part.text, mention };
    }),
  );
}

async function referenceTo(
  site: Pick<JiraSite, 'userReference'>,
  account: string,
): Promise<string | undefined> {
  try {
    return Object.values(await site.userReference(account)).at(0);
  } catch (error) {
    if (error instanceof Fault && !error.retryable) return undefined;
    throw error;
  }
}

function partsOf(block: TicketBlock): TicketText[] {
  const parts: TicketText[] = [];
  mapParts(block, (part) => {
    parts.push(part);
    return part;
  });
  return parts;
}

function mapParts(block: TicketBlock, change: (part: TicketText) => TicketText): TicketBlock {
  switch (block.kind) {
    case 'paragraph':
    case 'panel':
      return { ...block, parts: block.parts.map(change) };
    case 'bullets':
      return { ...block, items: block.items.map((item) => item.map(change)) };
    case 'table':
      return { ...block, rows: block.rows.map((cells) => cells.map((parts) => parts.map(change))) };
    case 'heading':
    case 'code':
      return block;
  }
}
