import { isForgettable, isImportId, isResourceAddress } from './command/address.ts';
import { fromAtlantis } from './command/atlantis.ts';
import { editDistance } from './command/edit-distance.ts';
import {
  isProjectName,
  isSelectorFlag,
  type Misuse,
  type Selector,
  takeSelector,
} from './command/selector.ts';
import { USAGE } from './command/usage.ts';
import { asWord, firstLine, wordsOf } from './command/words.ts';
import { selectorText } from './select.ts';

export type { Selector } from './command/selector.ts';
export { COMMANDS } from './command/usage.ts';

/** What may be asked without changing anything. */
export type Question = 'status' | 'why' | 'diff' | 'version';

/** What a merge-request comment may ask for. */
export type Command =
  | { verb: 'plan'; select?: Selector }
  /** `breakGlass`: the reason why it cannot wait for its approval. */
  | { verb: 'apply'; select?: Selector; breakGlass?: string }
  /** By a second person: it cannot wait indeed. `asked` is the number of the comment that asked, so that no other is confirmed. */
  | { verb: 'confirm'; asked?: number }
  /** What was released under that ticket is to be taken back; under the change's own ticket where none is named. */
  | { verb: 'rollback'; key?: string }
  | { verb: 'cancel' }
  | { verb: 'help' }
  | { verb: Question; select?: Selector }
  | { verb: 'import'; select?: Selector; to: string; id: string }
  | { verb: 'state-rm'; select?: Selector; addresses: readonly string[] }
  /** Without a project: all that this change holds since its plan. */
  | { verb: 'unlock'; project?: string; reason?: string }
  | { verb: 'resolve'; project: string; as: 'applied' | 'not-applied'; reason: string }
  /** `why` where the nearest command alone would not tell what is wrong. */
  | { verb: 'unknown'; text: string; didYouMean?: string; why?: string };

/** Under which names, beside its own, Countersign is spoken to. */
export interface Names {
  /** Its own account's name on the code host, without the `@`. */
  mention?: string;
  /** `atlantis plan` counts as `countersign plan`, for repositories that move over. */
  alsoAtlantis?: boolean;
}

const VERBS = [
  'plan',
  'apply',
  'confirm',
  'rollback',
  'cancel',
  'help',
  'status',
  'why',
  'diff',
  'version',
  'unlock',
  'resolve',
  'import',
  'state',
] as const;
const LONGEST_LINE = 2_000;
const LONGEST_REASON = 500;
const MOST_ADDRESSES = 50;
const BREAK_GLASS = '--break-glass';
const ADDRESS = 'an address is like aws_vpc.main, aws_vpc.main[0] or module.net["a"].aws_vpc.main';

/**
 * Reads a command from a comment: the whole first line must be one, anything below it is the author's own talk.
 * Returns `undefined` for a comment that does not speak to Countersign; `unknown` for one that does, wrongly, and for
 * what would be a command if its first word were right, as in `terraform plan`.
 */
export function parseCommand(note: string, names: Names = {}): Command | undefined {
  const line = firstLine(note);
  const [name = ''] = line.split(/\s/, 1);
  const request = line.slice(name.length).trim();
  const spoken = name.toLowerCase();
  if (spoken === 'countersign') return parseRequest(line, request);
  if (names.alsoAtlantis === true && spoken === 'atlantis') {
    const ours = fromAtlantis(request);
    return typeof ours === 'string' ? parseRequest(line, ours) : unknown(line, undefined, ours.why);
  }
  if (names.mention !== undefined && spoken === `@${names.mention.toLowerCase()}`) {
    const command = parseRequest(line, request);
    // People talk about an account, and thank it: what is near to no command is none.
    return command.verb === 'unknown' && command.didYouMean === undefined ? undefined : command;
  }
  return misaddressed(line, spoken, request);
}

/** The command as it is typed: read by `parseCommand`, it is the same command. */
export function writeCommand(command: Command): string {
  switch (command.verb) {
    case 'cancel':
    case 'help':
      return `countersign ${command.verb}`;
    case 'confirm':
      return command.asked === undefined ? 'countersign confirm' : `countersign confirm ${command.asked}`;
    case 'apply': {
      const applying = written('apply', command.select);
      return command.breakGlass === undefined ? applying : `${applying} ${BREAK_GLASS} ${command.breakGlass}`;
    }
    case 'rollback':
      return command.key === undefined ? 'countersign rollback' : `countersign rollback ${command.key}`;
    case 'plan':
    case 'status':
    case 'why':
    case 'diff':
    case 'version':
      return written(command.verb, command.select);
    case 'import':
      return written('import', command.select, [command.to, command.id]);
    case 'state-rm':
      return written('state rm', command.select, command.addresses);
    case 'unlock':
      return ['countersign unlock', command.project, command.reason]
        .filter((part) => part !== undefined)
        .join(' ');
    case 'resolve':
      return `countersign resolve ${command.project} ${command.as} ${command.reason}`;
    case 'unknown':
      return command.text;
  }
}

function written(verb: string, select: Selector | undefined, words: readonly string[] = []): string {
  const flags = select === undefined ? [] : [selectorText(select)];
  return ['countersign', verb, ...flags, ...words.map(asWord)].join(' ');
}

function parseRequest(line: string, request: string): Command {
  if (line.length > LONGEST_LINE) {
    return unknown(line, undefined, `a command has at most ${LONGEST_LINE} characters`);
  }
  const [verb = '', ...talk] = request.split(/\s+/);
  switch (verb) {
    case 'unlock':
      return parseUnlock(line, talk);
    case 'resolve':
      return parseResolve(line, talk);
    case '-h':
    case '--help':
      return { verb: 'help' };
    case 'apply':
      return parseApply(line, request);
    case 'rollback':
      return parseRollback(line, talk);
    case 'confirm':
      return parseConfirm(line, talk);
    case 'plan':
    case 'status':
    case 'why':
    case 'diff':
    case 'version':
      return ofProjects(line, USAGE[verb], request, 1, (select, rest) =>
        rest.length === 0 ? { verb, ...select } : undefined,
      );
    case 'cancel':
    case 'help':
      return talk.length === 0 ? { verb } : unknown(line, USAGE[verb]);
    case 'import':
      return ofProjects(line, USAGE.import, request, 1, importOf);
    case 'state':
      return talk[0] === 'rm'
        ? ofProjects(line, USAGE['state-rm'], request, 2, forgetting)
        : unknown(line, USAGE['state-rm']);
    default:
      return unknown(line, nearest(verb, request.slice(verb.length)));
  }
}

/** A command that may name projects: its flags taken out, the rest is `read` as the command's own. */
function ofProjects(
  line: string,
  usage: string,
  request: string,
  verbWords: number,
  read: (select: { select?: Selector }, rest: string[]) => Command | Misuse | undefined,
): Command {
  const words = wordsOf(request);
  if (words === undefined) return unknown(line, usage, 'a quote is left open');
  const taken = takeSelector(words.slice(verbWords).map(({ text }) => text));
  if (!('rest' in taken)) return unknown(line, usage, taken.why);
  const { rest, ...select } = taken;
  const command = read(select, rest);
  return command !== undefined && 'verb' in command ? command : unknown(line, usage, command?.why);
}

/** In an emergency the projects are named first; all behind the flag is the reason, word for word. */
function parseApply(line: string, request: string): Command {
  const [applying = '', ...said] = request.split(/(?:^|\s)--break-glass(?=\s|$)/);
  const breakGlass = said.join(` ${BREAK_GLASS}`).trim().slice(0, LONGEST_REASON);
  const usage = said.length === 0 ? USAGE.apply : USAGE['apply-break-glass'];
  if (said.length > 0 && breakGlass === '') return unknown(line, usage, 'an emergency has a reason');
  if (breakGlass.split(/\s+/).some(isSelectorFlag))
    return unknown(line, usage, `projects are named before ${BREAK_GLASS}; what follows it is the reason`);
  return ofProjects(line, usage, applying, 1, (select, rest) =>
    rest.length === 0
      ? { verb: 'apply', ...select, ...(said.length === 0 ? {} : { breakGlass }) }
      : undefined,
  );
}

function parseRollback(line: string, [key, ...more]: string[]): Command {
  if (key === undefined) return { verb: 'rollback' };
  const isKey = /^[A-Za-z][A-Za-z0-9_]{1,19}-[1-9]\d{0,9}$/.test(key);
  if (isKey && more.length === 0) return { verb: 'rollback', key: key.toUpperCase() };
  const why = isKey
    ? 'one ticket is taken back at a time'
    : 'KEY is the key of a ticket, such as CHG-12; without it, what this change released is taken back';
  return unknown(line, USAGE.rollback, why);
}

function parseConfirm(line: string, [asked, ...more]: string[]): Command {
  if (asked === undefined) return { verb: 'confirm' };
  const isNumber = /^[1-9]\d{0,14}$/.test(asked);
  if (isNumber && more.length === 0) return { verb: 'confirm', asked: Number(asked) };
  return unknown(line, USAGE.confirm, 'NUMBER is the number that the answer to whoever asked gives');
}

function importOf(select: { select?: Selector }, [to, id, ...more]: string[]): Command | Misuse | undefined {
  if (to === undefined || id === undefined || more.length > 0) return undefined;
  if (!isResourceAddress(to)) return { why: ADDRESS };
  return isImportId(id) ? { verb: 'import', ...select, to, id } : { why: 'that cannot be an id to import' };
}

function forgetting(select: { select?: Selector }, addresses: string[]): Command | Misuse | undefined {
  if (addresses.length === 0 || addresses.length > MOST_ADDRESSES) return undefined;
  return addresses.every(isForgettable) ? { verb: 'state-rm', ...select, addresses } : { why: ADDRESS };
}

function parseUnlock(line: string, [project, ...reason]: string[]): Command {
  if (project === undefined) return { verb: 'unlock' };
  if (!isProjectName(project) || reason.length === 0) return unknown(line, USAGE['unlock-project']);
  return { verb: 'unlock', project, reason: reasonOf(reason) };
}

function parseResolve(line: string, [project, as, ...reason]: string[]): Command {
  const known = as === 'applied' || as === 'not-applied';
  if (project === undefined || !isProjectName(project) || !known || reason.length === 0) {
    return unknown(line, USAGE.resolve);
  }
  return { verb: 'resolve', project, as, reason: reasonOf(reason) };
}

function reasonOf(words: readonly string[]): string {
  return words.join(' ').slice(0, LONGEST_REASON).trim();
}

/** What would be a command, had it begun with our name: nearly our name, or terraform's, which people type out of habit. */
function misaddressed(line: string, name: string, request: string): Command | undefined {
  const ofTerraform = name === 'terraform' || name === 'tofu';
  if (ofTerraform ? !/^(?:plan|apply|import|state rm)(?:\s|$)/.test(request) : !isNearlyOurs(name)) {
    return undefined;
  }
  const meant = parseRequest(line, request);
  if (meant.verb !== 'unknown') return unknown(line, writeCommand(meant));
  // Flags of terraform's own, and nothing but flags, are no talk either.
  const [, verb] = (ofTerraform && /^(plan|apply)(?:\s+-\S+)+$/.exec(request)) || [];
  return verb === undefined ? undefined : unknown(line, `countersign ${verb}`);
}

function isNearlyOurs(name: string): boolean {
  return /^[a-z-]{9,13}$/.test(name) && editDistance(name, 'countersign') <= 2;
}

/** The command within two typing errors of what was written, if there is one. */
function nearest(word: string, rest: string): string | undefined {
  if (word.length > 20) return undefined;
  const near = VERBS.map((verb) => ({ verb, distance: editDistance(word.toLowerCase(), verb) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance)
    .map(({ verb }) => ({ verb, meant: parseRequest('', `${verb}${rest}`) }));
  const whole = near.find(({ meant }) => meant.verb !== 'unknown');
  if (whole !== undefined) return writeCommand(whole.meant);
  const [first] = near;
  if (first === undefined) return undefined;
  return first.meant.verb === 'unknown' ? first.meant.didYouMean : undefined;
}

function unknown(text: string, didYouMean?: string, why?: string): Command {
  return {
    verb: 'unknown',
    text: text.slice(0, 200),
    ...(didYouMean === undefined ? {} : { didYouMean }),
    ...(why === undefined ? {} : { why }),
  };
}
