import type { AlteredTag, Change } from '#domain/change.ts';
import { tagTroubleInWords } from '#domain/tag-standing.ts';
import type { TicketBlock } from '#domain/ticket-document.ts';
import { inlineCode, minute } from './escape.ts';

/** Release tags that do not stand as they were made, for those who read the merge request. Markdown. */
export function alteredTagLines({ alteredTags = [] }: Pick<Change, 'alteredTags'>): string[] {
  return alteredTags.map(
    ({ at, sha, standing, tag }) =>
      `**The release tag ${inlineCode(tag)} ${tagTroubleInWords(standing, sha)}**, found ${minute(at)}. ${WHAT_TO_DO}`,
  );
}

/** The same on the ticket that the tag is named after. */
export function alteredTagOnTicket({ at, sha, standing, tag }: AlteredTag, pageUrl: string): TicketBlock[] {
  return [
    {
      kind: 'panel',
      tone: 'error',
      parts: [
        { text: `The release tag ${tag} ${tagTroubleInWords(standing, sha)}.`, style: 'strong' },
        { text: ` Found ${minute(at)}. ${WHAT_TO_DO} ` },
        { text: 'See the change', href: pageUrl },
        { text: '.' },
      ],
    },
  ];
}

/** What the comment says once all is well again. */
export function tagIsRightOnTicket(tag: string, pageUrl: string): TicketBlock[] {
  return [
    {
      kind: 'panel',
      tone: 'info',
      parts: [
        { text: `The release tag ${tag} is as the audit log has it again.`, style: 'strong' },
        { text: ' It was otherwise for a while: the log says how, and since when. ' },
        { text: 'See the change', href: pageUrl },
        { text: '.' },
      ],
    },
  ];
}

const WHAT_TO_DO =
  'The audit log knows what was released; an operator finds out who did it, and puts the tag right.';
