import type { Command } from 'commander';
import type { Opening } from '#app/mandates/open-mandate.ts';
import type { Looked } from '#app/mandates/look-at-mandates.ts';
import { KIND_NAMES, nameOfMandate, type Terms } from '#domain/mandate.ts';

/** What is done about mandates, on a running Countersign and its tickets. */
export interface MandateDesk {
  open(terms: Terms, requestedBy: string): Promise<Opening>;
  /** Those that nobody ended and whose time is not over, each as its ticket says now. */
  list(): Promise<Looked[]>;
  /** False when it was over before; `undefined` when no mandate has that ticket. */
  end(key: string, reason: string): Promise<boolean | undefined>;
  close(): Promise<void>;
}

export interface MandateDependencies {
  readonly openDesk: () => Promise<MandateDesk>;
  /** The terms in a file, or what is wrong there, line by line. */
  readonly readTerms: (path: string) => { ok: true; terms: Terms } | { ok: false; problems: string[] };
  /** Who types. */
  readonly operator: string;
  readonly print: (line: string) => void;
  readonly setExitCode: (code: 0 | 1) => void;
}

/** Adds `countersign mandate`: standing approvals and operator grants, each on a ticket of its own. */
export function registerMandateCommands(program: Command, dependencies: MandateDependencies): void {
  const { print, setExitCode } = dependencies;
  const mandate = program
    .command('mandate')
    .description('standing approvals and operator grants: terms that a ticket of their own puts in force');
  mandate
    .command('open <file>')
    .description('open the ticket for the terms in a YAML file and put it to review; safe to repeat')
    .option('--requested-by <person>', 'id in the directory of whoever asks; default: who types')
    .action((file: string, { requestedBy }: { requestedBy?: string }) => {
      const reading = dependencies.readTerms(file);
      if (!reading.ok) {
        reading.problems.forEach(print);
        return setExitCode(1);
      }
      return atDesk(dependencies, async (desk) => {
        const opening = await desk.open(reading.terms, requestedBy ?? dependencies.operator);
        openingInWords(opening).forEach(print);
        setExitCode(opening.kind === 'opened' ? 0 : 1);
      });
    });
  mandate
    .command('list')
    .description('those that nobody ended, and what their tickets say now')
    .action(() =>
      atDesk(dependencies, async (desk) => {
        const found = await desk.list();
        if (found.length === 0) print('no standing approval and no operator grant is open');
        for (const each of found) print(lineOf(each));
      }),
    );
  mandate
    .command('end <ticket>')
    .description('end one now, and close its ticket; safe to repeat')
    .requiredOption('--reason <text>', 'why; it is recorded')
    .action((key: string, { reason }: { reason: string }) =>
      atDesk(dependencies, async (desk) => {
        const ended = await desk.end(key, reason);
        if (ended === undefined) print(`refused: no mandate has ticket ${key}; take the key from the ticket`);
        else print(ended ? 'ended and recorded' : 'it was over already; its ticket is closed');
        setExitCode(ended === undefined ? 1 : 0);
      }),
    );
}

function openingInWords(opening: Opening): string[] {
  if (opening.kind === 'refused') return opening.reasons.map((reason) => `refused: ${reason}`);
  const { key, url, wasThere } = opening;
  return [`${wasThere ? 'it is there already' : 'opened and put to review'}: ${key} ${url}`];
}

/** One line: ticket, what it is, until when, whether it is in force and by whom, and how often it was used lately. */
function lineOf({ judgement, mandate, uses }: Looked): string {
  const { terms, ticket } = mandate;
  const state =
    judgement.kind === 'in-force'
      ? `in force, approved by ${judgement.approval.name}`
      : `${judgement.kind === 'unknown' ? 'not known' : 'not in force'}: ${judgement.why}`;
  const changes = new Set(uses.map((use) => use.as)).size;
  return [
    ticket?.key ?? 'no ticket',
    `${KIND_NAMES[terms.kind]} ${nameOfMandate(mandate)}`,
    terms.projects.join(', '),
    `until ${terms.until}`,
    state,
    `used for ${changes} ${changes === 1 ? 'change' : 'changes'} within 24 hours`,
  ].join(' | ');
}

async function atDesk(
  { openDesk }: MandateDependencies,
  work: (desk: MandateDesk) => Promise<void>,
): Promise<void> {
  const desk = await openDesk();
  try {
    await work(desk);
  } finally {
    await desk.close();
  }
}
