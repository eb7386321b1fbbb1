import { isPathPattern } from '../path-match.ts';

/** Which projects a command is about: `-d` and `-w`, or `-p`; each may be a pattern with `*` and `**`. */
export interface Selector {
  dir?: string;
  workspace?: string;
  /** A project's name or key. */
  project?: string;
}

/** Why the words of a command cannot be taken, where the usage alone does not say it. */
export interface Misuse {
  why?: string;
}

const FLAGS: Readonly<Record<string, keyof Selector>> = {
  '-d': 'dir',
  '--dir': 'dir',
  '-w': 'workspace',
  '--workspace': 'workspace',
  '-p': 'project',
  '--project': 'project',
};
const PROJECT = /^[A-Za-z0-9_.*~][A-Za-z0-9_.*~/:-]{0,199}$/;
const WORKSPACE = /^[A-Za-z0-9_*][A-Za-z0-9_.*-]{0,89}$/;

/** Takes the selector's flags out of a command's words, wherever they stand among them; what is left is the command's own. */
export function takeSelector(words: readonly string[]): { select?: Selector; rest: string[] } | Misuse {
  const select: Selector = {};
  const rest: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') return { why: EXTRA_ARGUMENTS };
    if (!word.startsWith('-')) {
      rest.push(word);
      continue;
    }
    const [flag, attached] = word.startsWith('--') ? splitAt(word, '=') : [word];
    const part = Object.hasOwn(FLAGS, flag) ? FLAGS[flag] : undefined;
    if (part === undefined || select[part] !== undefined) return {};
    if (attached === undefined) at += 1;
    const value = readValue(part, attached ?? words[at] ?? '');
    if (value === undefined) return { why: `${flag} takes ${EXPECTED[part]}` };
    select[part] = value;
  }
  if (select.project !== undefined && (select.dir ?? select.workspace) !== undefined) {
    return { why: '-p names projects by itself, so -d and -w cannot stand beside it' };
  }
  return Object.keys(select).length === 0 ? { rest } : { select, rest };
}

/** A word that would name projects, were it in its place. */
export function isSelectorFlag(word: string): boolean {
  return Object.hasOwn(FLAGS, word.split('=', 1)[0] ?? '');
}

/** The name or key of a project, as one word of a command. */
export function isProjectName(word: string): boolean {
  return PROJECT.test(word) && !word.includes('*');
}

const EXTRA_ARGUMENTS =
  'arguments for terraform come from the workflow configuration on the target branch, never from a comment';

const EXPECTED = {
  dir: 'a folder or a pattern such as fin/prod/**',
  workspace: 'the name of a workspace, * allowed',
  project: "a project's name or key, * and ** allowed",
} as const;

function readValue(part: keyof Selector, value: string): string | undefined {
  switch (part) {
    case 'dir': {
      const dir = value.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '') || '.';
      return value !== '' && value.length <= 500 && !/^[/-]/.test(value) && isPathPattern(dir)
        ? dir
        : undefined;
    }
    case 'workspace':
      return WORKSPACE.test(value) ? value : undefined;
    case 'project':
      return PROJECT.test(value) ? value : undefined;
  }
}

function splitAt(word: string, mark: string): [string, string?] {
  const at = word.indexOf(mark);
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}
