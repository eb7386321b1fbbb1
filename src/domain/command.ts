/** Which projects a command is about: `-d` and `-w`, or `-p`; each may be a pattern with `*` and `**`. */
export interface Selector {
  dir?: string;
  workspace?: string;
  /** A project's name or key. */
  project?: string;
}

/** What may be asked without changing anything. */
export type Question = 'status' | 'why' | 'diff' | 'version';

/** What a merge-request comment may ask for. */
export type Command =
  | { verb: 'plan'; select?: Selector }
  | { verb: 'apply'; select?: Selector }
  | { verb: 'cancel' }
  | { verb: 'help' }
  | { verb: Question; select?: Selector }
  | { verb: 'import'; select?: Selector; to: string; id: string }
  | { verb: 'state-rm'; select?: Selector; addresses: readonly string[] }
  /** Without a project: all that this change holds since its plan. */
  | { verb: 'unlock'; project?: string; reason?: string }
  | { verb: 'resolve'; project: string; as: 'applied' | 'not-applied'; reason: string }
  | { verb: 'unknown'; text: string; didYouMean?: string };

/** One line for `help` per verb: what is typed and what it does. */
export const COMMANDS: readonly { usage: string; does: string }[] = [
  { usage: 'countersign plan', does: 'plan every project of this change again' },
  { usage: 'countersign apply', does: 'apply what is approved (operators; never the requester)' },
  { usage: 'countersign cancel', does: 'stop what is queued or being planned; interrupts a running apply' },
  { usage: 'countersign unlock PROJECT REASON', does: 'release a hold or a quarantine (operators)' },
  {
    usage: 'countersign resolve PROJECT applied|not-applied REASON',
    does: 'say what became of an interrupted apply (operators)',
  },
  { usage: 'countersign help', does: 'show this list' },
];

const VERBS = [
  'plan',
  'apply',
  'cancel',
  'help',
  'status',
  'why',
  'diff',
  'version',
  'unlock',
  'resolve',
] as const;
const WORD = /^[A-Za-z0-9_./:-]{1,200}$/;

/**
 * Reads a command from a comment: the whole first line must be one, anything below it is the author's own talk.
 * Returns `undefined` for a comment that does not speak to Countersign; `unknown` for one that does, wrongly.
 */
export function parseCommand(note: string): Command | undefined {
  const line = (note.split('\n', 1)[0] ?? '').replace(/\r$/, '').trim();
  const [name, verb = '', ...rest] = line.split(/\s+/);
  if (name?.toLowerCase() !== 'countersign') return undefined;
  switch (verb) {
    case 'plan':
    case 'apply':
    case 'cancel':
    case 'help':
    case 'status':
    case 'why':
    case 'diff':
    case 'version':
      return rest.length === 0 ? { verb } : unknown(line, `countersign ${verb}`);
    case 'unlock':
      return parseUnlock(line, rest);
    case 'resolve':
      return parseResolve(line, rest);
    default:
      return unknown(line, nearest(verb));
  }
}

function parseUnlock(line: string, [project, ...reason]: string[]): Command {
  if (project === undefined || !WORD.test(project) || reason.length === 0) {
    return unknown(line, 'countersign unlock PROJECT REASON');
  }
  return { verb: 'unlock', project, reason: reason.join(' ').slice(0, 500) };
}

function parseResolve(line: string, [project, as, ...reason]: string[]): Command {
  if (
    project === undefined ||
    !WORD.test(project) ||
    (as !== 'applied' && as !== 'not-applied') ||
    reason.length === 0
  ) {
    return unknown(line, 'countersign resolve PROJECT applied|not-applied REASON');
  }
  return { verb: 'resolve', project, as, reason: reason.join(' ').slice(0, 500) };
}

function unknown(text: string, didYouMean: string | undefined): Command {
  const base = { verb: 'unknown' as const, text: text.slice(0, 200) };
  return didYouMean === undefined ? base : { ...base, didYouMean };
}

/** The verb within two typing errors of what was written, if there is one. */
function nearest(word: string): string | undefined {
  const ranked = VERBS.map((verb) => ({ verb, distance: editDistance(word.toLowerCase(), verb) }));
  const best = ranked.sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= 2 ? `countersign ${best.verb}` : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
