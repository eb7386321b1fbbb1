import { type ModuleCall, moduleTitle } from './composition.ts';

/** An entry of the server's register: somebody reviewed a module, and how long that holds. */
export interface ModuleAttestation {
  /** Pattern of sources: `*` stands for any characters but `/`, `**` for any. */
  source: string;
  /** Exactly as the call has it; any when absent. */
  version?: string;
  /** Git's id of what was reviewed; see `ModuleCall.hash`. A call whose id cannot be seen does not fit. */
  hash?: string;
  /** The repository whose folder it is, for a source that begins with `./`. */
  repository?: number;
  reviewedBy: string;
  /** Days, `YYYY-MM-DD`; the last one counts. */
  reviewedAt: string;
  until: string;
}

/** A module that a project calls, as rules see it. */
export interface SeenModule {
  source: string;
  version: string;
  /** Source and version, and whose review has ended. */
  title: string;
  attested: boolean;
}

/**
 * Whether each call is of a module that somebody reviewed and whose review still holds.
 *
 * @param at the time now, RFC 3339 UTC.
 */
export function seenModules(
  calls: readonly ModuleCall[],
  register: readonly ModuleAttestation[],
  { repository, at }: { repository: number; at: string },
): SeenModule[] {
  return calls.map((call) => {
    const fitting = register.filter((entry) => fitsCall(entry, call, repository));
    const attested = fitting.some((entry) => !hasEnded(entry, at));
    const ended = attested ? undefined : fitting.at(-1);
    return {
      source: call.source,
      version: call.version ?? '',
      title: ended === undefined ? moduleTitle(call) : `${moduleTitle(call)} (${endedInWords(ended)})`,
      attested,
    };
  });
}

/** How long before a review ends it is time to say so. */
const NOTICE_DAYS = 30;

/** Entries, by their place in the register, whose review has ended or soon will, and how to say it. */
export function endingReviews(
  register: readonly ModuleAttestation[],
  at: string,
): { index: number; what: string }[] {
  const soon = new Date(Date.parse(at) + NOTICE_DAYS * 86_400_000).toISOString();
  return register.flatMap((entry, index) => {
    if (!hasEnded(entry, soon)) return [];
    const { source, reviewedBy, until } = entry;
    const words = hasEnded(entry, at)
      ? endedInWords(entry)
      : `the review by ${reviewedBy} ends with ${until}`;
    return [{ index, what: `module ${source}: ${words}` }];
  });
}

function hasEnded({ until }: ModuleAttestation, at: string): boolean {
  return at.slice(0, 10) > until;
}

function endedInWords({ reviewedBy, until }: ModuleAttestation): string {
  return `the review by ${reviewedBy} ended with ${until}`;
}

function fitsCall(entry: ModuleAttestation, call: ModuleCall, repository: number): boolean {
  return (
    (entry.repository ?? repository) === repository &&
    (entry.version ?? call.version) === call.version &&
    (entry.hash === undefined || entry.hash === call.hash) &&
    fitsSource(entry.source, call.source)
  );
}

function fitsSource(pattern: string, source: string): boolean {
  const parts = pattern.split(/(\*\*?)/u).map((part) => {
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part.replaceAll(/[$()+.?[\\\]^{|}]/gu, String.raw`\$&`);
  });
  return new RegExp(`^${parts.join('')}$`, 'u').test(source);
}
