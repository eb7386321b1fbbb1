import type { Change, Verification } from '#domain/change.ts';
import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';
import { countsInWords, plural } from './counts.ts';
import { oneLine, shortened } from './escape.ts';

/** What the plans after the applies came to, in one sentence without its end; nothing where nothing was applied. */
export function verificationInWords({
  verifications = [],
}: Pick<Change, 'verifications'>): string | undefined {
  if (verifications.length === 0) return undefined;
  const running = verifications.filter(({ result }) => result.kind === 'running').length;
  if (running > 0) return `Being verified: ${plural(running, 'plan')} after the apply still to come`;
  const odd = verifications.filter(({ result }) => result.kind !== 'clean');
  if (odd.length === 0) return 'Verified: a plan after the apply has nothing left to do';
  return `Not verified in ${odd.length} of ${plural(verifications.length, 'project')}: ${odd.slice(0, 3).map(oddInWords).join('; ')}`;
}

/** The same for the ticket, with everything that is odd. */
export function verificationBlocks(change: Pick<Change, 'verifications'>): TicketBlock[] {
  const { verifications = [] } = change;
  const words = verificationInWords(change);
  if (words === undefined) return [];
  const odd = verifications.filter(({ result }) => result.kind !== 'clean' && result.kind !== 'running');
  if (odd.length === 0) return [{ kind: 'paragraph', parts: [{ text: `${words}.` }] }];
  return [
    {
      kind: 'panel',
      tone: 'warning',
      parts: [
        { text: 'A plan made after the apply is not empty everywhere.', style: 'strong' },
        {
          text: ' What is left was not approved here: open a merge request for it, or find out who changed it.',
        },
      ],
    },
    { kind: 'bullets', items: odd.slice(0, MOST).map((each): TicketText[] => [{ text: oddInWords(each) }]) },
  ];
}

const MOST = 30;

function oddInWords({ project, result }: Verification): string {
  const name = shortened(oneLine(project), 160);
  switch (result.kind) {
    case 'running':
      return `${name}: still to come`;
    case 'clean':
      return `${name}: nothing left to do`;
    case 'differs': {
      const named = result.differing.slice(0, 5).map((address) => shortened(oneLine(address), 160));
      const more = result.found > named.length ? ` and ${result.found - named.length} more` : '';
      return `${name}: ${countsInWords(result.counts)}: ${named.join(', ')}${more}`;
    }
    case 'moved-on':
      return `${name}: its state was changed by somebody else since`;
    case 'failed':
      return `${name}: the plan failed: ${shortened(oneLine(result.reason), 300)}`;
  }
}
