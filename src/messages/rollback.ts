import type { TicketBlock } from '#domain/ticket-document.ts';
import { inlineCode, link, oneLine, prose, shortened } from './escape.ts';

/** What is taken back, of whom, and to what. */
export interface RollbackTold {
  key: string;
  ticketUrl: string;
  title: string;
  mergeRequestUrl: string;
  /** Name and account of whoever asked. */
  askedBy: string;
  askedAt: string;
  projects: readonly { key: string; before: string }[];
  pageUrl: string;
}

/** One line; GitLab shows no markup there. */
export function rollbackTitle({ key, title }: Pick<RollbackTold, 'key' | 'title'>): string {
  return shortened(`Roll back ${key}: ${oneLine(title)}`, 200);
}

/** The merge request that takes a release back, with its work plan filled in. Markdown; text of others is quoted. */
export function rollbackDescription(told: RollbackTold): string {
  const { askedAt, askedBy, key, mergeRequestUrl, pageUrl, projects, ticketUrl, title } = told;
  const ticket = link(key, ticketUrl);
  return [
    `Takes back ${ticket} (${link('its merge request', mergeRequestUrl)}, ${prose(title, 200)}). Asked for by ${prose(askedBy, 100)} in ${link('a comment', askedAt)}, who is the requester of this change; made by Countersign.`,
    `## Reason\n\nWhat was released under ${ticket} is to be taken back.`,
    `## Impact\n\n${projects.map((each) => `- ${inlineCode(each.key)} is as it was at ${inlineCode(each.before)}`).join('\n')}\n\nThe plan says what that does to what is there; nothing is applied before it is approved.`,
    `## Fall-back\n\nRoll this change back in its turn: that brings ${ticket} back.`,
    `## Window\n\nAs soon as it is approved.`,
    link('The change that is taken back', pageUrl),
  ].join('\n\n');
}

/** The message of the commit that is made for it. GitLab acts on what messages say, so nobody's words are in it. */
export function rollbackMessage({ key }: Pick<RollbackTold, 'key'>): string {
  return `Roll back ${key}\n\nMade by Countersign for its author, who asked for it.\n`;
}

/** The answer to whoever asked for it; `askedBefore`, the user name of whoever else did first. Markdown. */
export function rollbackOpened({
  askedBefore,
  iid,
  key,
  url,
}: {
  key: string;
  iid: number;
  url: string;
  askedBefore?: string;
}): string {
  const command = inlineCode(`countersign rollback ${key}`);
  const mergeRequest = link(`merge request ${iid}`, url);
  const like = 'It is planned, approved and applied like any other change';
  return askedBefore === undefined
    ? `**Opened** ${command}: ${mergeRequest} takes it back. ${like}; you are its requester, so somebody else approves it.`
    : `**Open already** ${command}: ${inlineCode(`@${askedBefore}`)} asked for it before, and ${mergeRequest} takes it back. ${like}; ${inlineCode(`@${askedBefore}`)} is its requester, and you are not.`;
}

/** On the ticket of what is to be taken back. */
export function rollbackAsked(told: { url: string; iid: number; askedBy: string }): TicketBlock[] {
  return [
    {
      kind: 'panel',
      tone: 'warning',
      parts: [
        { text: 'This is to be taken back.', style: 'strong' },
        { text: ` ${shortened(oneLine(told.askedBy), 100)} asked for it: ` },
        { text: `merge request !${told.iid}`, href: told.url },
        { text: '. It needs an approval of its own.' },
      ],
    },
  ];
}

/** On either of the two tickets, about the other. */
export function rollbackLinked(told: {
  takesBack: boolean;
  other: { key: string; url: string };
}): TicketBlock[] {
  const { other, takesBack } = told;
  return [
    {
      kind: 'paragraph',
      parts: [
        {
          text: takesBack
            ? 'This takes back what was released under '
            : 'What takes this back is decided on ',
        },
        { text: other.key, href: other.url },
        { text: '.' },
      ],
    },
  ];
}
