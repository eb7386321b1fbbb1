import type { TicketBlock } from '#app/ports/ticketing.ts';
import { withMentions } from './mentions.ts';
import { sendOnce } from './send-once.ts';
import type { FoundComment, JiraSite } from './site.ts';

/** Adds a comment once: it ends with its marker, and one of ours that does so is the result of an earlier call. */
export async function addComment(
  site: JiraSite,
  key: string,
  marker: string,
  body: readonly TicketBlock[],
): Promise<void> {
  if ((await findOwn(site, key, marker)) === undefined)
    await add(site, key, marker, signed(await withMentions(site, body), marker));
}

/** Replaces our comment that ends with the marker, unless it says the same already; adds it where there is none. */
export async function putComment(
  site: JiraSite,
  key: string,
  marker: string,
  body: readonly TicketBlock[],
): Promise<void> {
  const blocks = signed(await withMentions(site, body), marker);
  const there = await findOwn(site, key, marker);
  if (there === undefined) await add(site, key, marker, blocks);
  else if (there.lines.join('\n') !== site.linesOf(site.richText(blocks)).join('\n'))
    await site.editComment(key, there.id, blocks);
}

/** Our own comments, the newest first. */
export async function* ownComments(site: JiraSite, key: string): AsyncGenerator<FoundComment> {
  const me = await site.self();
  for await (const each of site.comments(key)) if (each.author.account === me) yield each;
}

function add(site: JiraSite, key: string, marker: string, blocks: readonly TicketBlock[]): Promise<void> {
  const isThere = async () => (await findOwn(site, key, marker)) !== undefined;
  return sendOnce(site, () => site.addComment(key, blocks), isThere);
}

function signed(body: readonly TicketBlock[], marker: string): TicketBlock[] {
  return [...body, { kind: 'paragraph', parts: [{ text: marker, style: 'code' }] }];
}

async function findOwn(site: JiraSite, key: string, marker: string): Promise<FoundComment | undefined> {
  for await (const each of ownComments(site, key)) if (each.lines.at(-1) === marker) return each;
  return undefined;
}
