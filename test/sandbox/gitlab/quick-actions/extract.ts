import { parseBlocks } from '../markdown/blocks.ts';
import type { Version } from '../model.ts';
import { knows } from '../versions.ts';
import { COMMAND_NAMES, SUBSTITUTIONS } from './names.ts';

export interface Command {
  name: string;
  argument: string;
}

export interface Extracted {
  /** The text without its commands. */
  content: string;
  commands: Command[];
}

/**
 * Takes the quick actions out of a text. Two parsers, by version: the regular expressions that older servers use to leave
 * out code, and the Markdown parser of newer ones, where only top-level paragraphs may hold commands.
 */
export function extractCommands(text: string, version: Version): Extracted {
  const source = text.replaceAll('\r', '');
  return knows(version, 'markdown-quick-actions') ? byMarkdown(source) : byRegularExpression(source);
}

/** What the old parser passes over: fences of three backticks, inline code on rows of its own, HTML and `>>>` blocks. */
const EXCLUDED = [
  '^```.+?\\n```$',
  '^`\\n*.+?\\n*`$',
  '^<[^>]+?>\\n.+?\\n<\\/[^>]+?>$',
  '^>>>.+?\\n>>>$',
].join('|');

const COMMAND = `^\\/(?<cmd>${COMMAND_NAMES.join('|')})(?:[ ](?<arg>[^\\n]*))?(?:\\s*\\n|$)`;

function byRegularExpression(source: string): Extracted {
  return pick(source, new RegExp(`${EXCLUDED}|${COMMAND}`, 'gims'));
}

function byMarkdown(source: string): Extracted {
  const lines = source.split('\n');
  const commands: Command[] = [];
  const kept: string[] = [];
  let at = 0;
  for (const block of parseBlocks(lines)) {
    if (block.kind !== 'paragraph' || !/^\//m.test(block.text)) continue;
    kept.push(...lines.slice(at, block.start).map((line) => `${line}\n`));
    const last = block.end === lines.length - 1 ? '' : '\n';
    const paragraph = `${lines.slice(block.start, block.end + 1).join('\n')}${last}`;
    const picked = pick(paragraph, new RegExp(COMMAND, 'gims'), false);
    kept.push(picked.content);
    commands.push(...picked.commands);
    at = block.end + 1;
  }
  kept.push(lines.slice(at).join('\n'));
  return { content: kept.join('').trimEnd(), commands };
}

function pick(source: string, pattern: RegExp, trim = true): Extracted {
  const commands: Command[] = [];
  const content = source.replace(pattern, (whole: string, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Record<string, string | undefined>;
    const name = groups['cmd']?.toLowerCase();
    if (name === undefined) return whole;
    const argument = (groups['arg'] ?? '').trim();
    const substitution = SUBSTITUTIONS[name];
    if (substitution !== undefined) return `${argument} ${substitution}\n`.trimStart();
    commands.push({ name, argument });
    return '';
  });
  return { content: trim ? content.trimEnd() : content, commands };
}
