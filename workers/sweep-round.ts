import { Fault } from '#domain/fault.ts';
import type { Change } from '#domain/change.ts';
import type { SweepFault } from '#app/ledger.ts';
import type { WorkerContext } from './context.ts';

/** A part of a round that succeeds or fails for itself. */
export interface Piece {
  /** A repository, merge request, ticket or change; a part of the round itself. */
  item: string;
  /** What happened there since then is read; where it failed before, from where that had to be. */
  readFrom?: string;
  work: () => Promise<void>;
}

/** One round of the sweep. */
export interface Round {
  /** Every change that is open, as it was when the round first asked: read once for all that go through them. */
  openChanges(): Promise<readonly Change[]>;
  /** What failed at this step before and has not succeeded since. */
  failed(step: SweepStep): readonly SweepFault[];
  /** Does the pieces one after the other, each at most once in a round; one that fails is remembered, and the next follows. */
  each(step: SweepStep, pieces: readonly Piece[]): Promise<void>;
  /** Forgets what failed once and is nobody's concern any more. */
  end(): Promise<void>;
}

export type SweepStep =
  | 'round'
  | 'merge-requests'
  | 'notes'
  | 'configuration'
  | 'webhooks'
  | 'release-tags'
  | 'ticket'
  | 'mandate'
  | 'reminder'
  | 'approval'
  | 'plan'
  | 'emergency'
  | 'blocked';

/** Many answers are needed to read one of these, so that one which keeps failing is tried less and less often. */
const SPACED: readonly SweepStep[] = ['ticket', 'notes'];
const MOST_BETWEEN_MS = 5 * 60_000;

export async function beginRound(
  context: Pick<WorkerContext, 'ledger' | 'log' | 'settings'>,
): Promise<Round> {
  const { ledger, log } = context;
  const now = Date.parse(await ledger.now());
  const before = await ledger.sweepFaults();
  const tried = new Set<string>();
  let open: Promise<readonly Change[]> | undefined;

  async function tryOne(step: SweepStep, { item, readFrom, work }: Piece): Promise<void> {
    const name = nameOf({ step, item });
    const failure = before.find((each) => nameOf(each) === name);
    if (tried.has(name)) return;
    tried.add(name);
    if (failure !== undefined && Date.parse(failure.dueAt) > now) return;
    try {
      await work();
    } catch (error) {
      const tries = (failure?.tries ?? 0) + 1;
      const dueAt = new Date(
        now + (SPACED.includes(step) ? spacing(tries, MOST_BETWEEN_MS) : 0),
      ).toISOString();
      const told = inWords(error);
      log[told.code === BUG ? 'error' : 'warn'](
        { err: error, step, item, tries },
        'the sweep could not do this, goes on with everything else, and tries again',
      );
      await ledger.noteSweepFault({ step, item, readFrom, dueAt, ...told });
      return;
    }
    if (failure !== undefined) await ledger.forgetSweepFault(failure);
  }

  return {
    openChanges: () => (open ??= allOpenChanges(context)),
    failed: (step) => before.filter((each) => each.step === step),
    async each(step, pieces) {
      for (const piece of pieces) await tryOne(step, piece);
    },
    async end() {
      for (const failure of before) if (!tried.has(nameOf(failure))) await ledger.forgetSweepFault(failure);
    },
  };
}

/** Every change that is open, of all repositories. */
export async function allOpenChanges({
  ledger,
  settings,
}: Pick<WorkerContext, 'ledger' | 'settings'>): Promise<Change[]> {
  const changes: Change[] = [];
  for (const repository of settings.repositories) changes.push(...(await ledger.openChanges(repository)));
  return changes;
}

function nameOf({ step, item }: Pick<SweepFault, 'step' | 'item'>): string {
  return `${step} ${item}`;
}

/** What failed often is tried less often: after seconds at first, with `mostMs` in between in the end. */
export function spacing(tries: number, mostMs: number): number {
  return Math.min(1_000 * 2 ** Math.min(tries, 12), mostMs);
}

const BUG = 'unexpected';

function inWords(error: unknown): Pick<SweepFault, 'code' | 'reason'> {
  if (error instanceof Fault) return { code: error.code, reason: error.message };
  return { code: BUG, reason: String(error) };
}
