import type { TicketBlock } from '#domain/ticket-document.ts';
import { plural } from './counts.ts';
import { oneLine, shortened } from './escape.ts';

/** A file attached to the ticket; its name carries its content's hash, so that a name is one content for ever. */
export interface PlanFile {
  name: string;
  /** What is in it, in words. */
  holds: string;
  /** SHA-256 (hex) of its bytes. */
  sha256: string;
}

/** More files are not listed: each has its hash in its name. */
const MOST_LISTED = 24;

/** Which files hold what in full, by their hashes, and where else it is. */
export function planFiles(
  { attachments, pageUrl }: { attachments: readonly PlanFile[]; pageUrl: string },
  most = MOST_LISTED,
): TicketBlock[] {
  if (attachments.length === 0) return [];
  const rows = attachments
    .slice(0, Math.min(most, MOST_LISTED))
    .map(({ holds, name, sha256 }) => [
      [{ text: shortened(oneLine(name), 200), style: 'code' as const }],
      [{ text: shortened(oneLine(holds), 200) }],
      [{ text: oneLine(sha256), style: 'code' as const }],
    ]);
  const left = attachments.length - rows.length;
  return [
    { kind: 'heading', level: 2, text: 'Attached, secrets hidden' },
    { kind: 'table', header: ['File', 'Holds', 'SHA-256'], rows },
    {
      kind: 'paragraph',
      parts: [
        ...(left > 0 ? [{ text: `And ${plural(left, 'more file')}, each with its hash in its name. ` }] : []),
        { text: 'The same plans are on ' },
        { text: 'the change’s page', href: pageUrl },
        { text: '.' },
      ],
    },
  ];
}

/** The name that many plans in one file are attached under. */
export function plansFileName(sha256: string, extension: 'txt' | 'json'): string {
  return `plans-${sha256.slice(0, 16)}.${extension}`;
}

/** The name a plan is attached under. */
export function planFileName(project: string, sha256: string, extension: 'txt' | 'json'): string {
  const place = project.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '') || 'root';
  return `plan-${place.slice(0, 120)}-${sha256.slice(0, 16)}.${extension}`;
}

export function workPlanFileName(sha256: string): string {
  return `work-plan-${sha256.slice(0, 16)}.md`;
}
