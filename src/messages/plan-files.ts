import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';

/** Which files hold the plans in full, and where else they are. */
export function planFiles({
  attachments,
  pageUrl,
}: {
  attachments: readonly string[];
  pageUrl: string;
}): TicketBlock[] {
  if (attachments.length === 0) return [];
  return [
    {
      kind: 'paragraph',
      parts: [
        { text: `The plans in full, secrets hidden, are attached: ` },
        ...attachments
          .slice(0, 20)
          .flatMap((name, at): TicketText[] => [
            ...(at === 0 ? [] : [{ text: ', ' }]),
            { text: name, style: 'code' },
          ]),
        { text: '. They are also on ' },
        { text: 'the change’s page', href: pageUrl },
        { text: '.' },
      ],
    },
  ];
}

/** The name that many plans in one file are attached under. */
export function plansFileName(tupleHash: string): string {
  return `plans-${tupleHash.slice(0, 16)}.txt`;
}

/** The name a plan is attached under: the digest in it makes a name one content for ever. */
export function planFileName(project: string, digest: string): string {
  const place = project.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '') || 'root';
  return `plan-${place.slice(0, 120)}-${digest.slice(0, 16)}.txt`;
}
