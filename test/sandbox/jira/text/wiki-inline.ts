import type { WikiInline, WikiMark } from './wiki-tree.ts';

const marks: Readonly<Record<string, WikiMark>> = {
  '*': 'strong',
  _: 'em',
  '-': 'del',
  '+': 'ins',
  '^': 'sup',
  '~': 'sub',
  '??': 'cite',
};

const icons = /(?::\)|:\(|:P|:D|;\)|\((?:y|n|i|\/|x|!|\+|-|\?|on|off|\*[rgby]?|flag|flagoff)\))/y;
const macro = /\{([a-z][a-z0-9-]*)(?::[^}\n]*)?\}/iy;
const address = /(?:(?:https?|ftps?|file|irc|nntp|news|svn|ssh|git):\/\/|mailto:|\/\/)[^\s|\]<>"]+/iy;
const mail = /[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+/y;
const issueKey = /[A-Z][A-Z0-9_]+-\d+/y;
const entity = /&(?:#(\d{1,7})|(amp|lt|gt|quot));/y;

/** Text of one paragraph, item or cell. Whatever could be markup in any version of JIRA is taken for markup here. */
export function parseInline(text: string): WikiInline[] {
  const nodes: WikiInline[] = [];
  let plain = '';
  let index = 0;
  const flush = () => {
    if (plain !== '') nodes.push({ kind: 'text', text: plain });
    plain = '';
  };
  const put = (node: WikiInline, length: number) => {
    flush();
    nodes.push(node);
    index += length;
  };
  while (index < text.length) {
    const escaped = escapedAt(text, index);
    const found = escaped === null ? markupAt(text, index) : null;
    if (escaped !== null) {
      plain += escaped.text;
      index += escaped.length;
    } else if (found !== null) put(found.node, found.length);
    else {
      plain += text.charAt(index);
      index += 1;
    }
  }
  flush();
  return nodes;
}

/** `\*` is an asterisk, `&#92;` a backslash; two backslashes are a line break and no escape. */
function escapedAt(text: string, index: number): { text: string; length: number } | null {
  const next = text.charAt(index + 1);
  if (text.charAt(index) === '\\' && next !== '\\' && /[!-/:-@[-`{-~]/.test(next))
    return { text: next, length: 2 };
  const found = matchAt(entity, text, index);
  if (found === null) return null;
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  const character = found[1] === undefined ? named[found[2] ?? ''] : String.fromCodePoint(Number(found[1]));
  return { text: character ?? '', length: found[0].length };
}

interface Found {
  node: WikiInline;
  length: number;
}

function markupAt(text: string, index: number): Found | null {
  if (text.startsWith('\\\\', index)) return { node: { kind: 'break' }, length: 2 };
  if (text.charAt(index) === '\n') return { node: { kind: 'break' }, length: 1 };
  return (
    monoAt(text, index) ??
    forcedAt(text, index) ??
    macroAt(text, index) ??
    bracketAt(text, index) ??
    imageAt(text, index) ??
    matched(icons, text, index, ([whole]) => ({ kind: 'icon', name: whole })) ??
    linkAt(text, index) ??
    dashAt(text, index) ??
    phraseAt(text, index)
  );
}

function monoAt(text: string, index: number): Found | null {
  if (!text.startsWith('{{', index)) return null;
  const end = closing(text, index + 2, '}}');
  if (end === null) return null;
  const content = parseInline(text.slice(index + 2, end));
  return { node: { kind: 'phrase', mark: 'mono', content }, length: end + 2 - index };
}

/** `{*}bold{*}`: marks inside words. */
function forcedAt(text: string, index: number): Found | null {
  const token = /^\{(\*|_|-|\+|\^|~|\?\?)\}/.exec(text.slice(index, index + 4));
  if (token === null) return null;
  const end = closing(text, index + token[0].length, token[0]);
  if (end === null) return null;
  const content = parseInline(text.slice(index + token[0].length, end));
  const mark = marks[token[1] ?? ''] ?? 'strong';
  return { node: { kind: 'phrase', mark, content }, length: end + token[0].length - index };
}

function macroAt(text: string, index: number): Found | null {
  return matched(macro, text, index, ([, name = '']) => ({ kind: 'macro', name: name.toLowerCase() }));
}

/** `[label|address]`, `[address]`, `[~person]`, `[^file]`, `[#anchor]`. */
function bracketAt(text: string, index: number): Found | null {
  if (text.charAt(index) !== '[') return null;
  const end = closing(text, index + 1, ']');
  if (end === null || end === index + 1 || text.slice(index, end).includes('\n')) return null;
  const inner = text.slice(index + 1, end);
  const length = end + 1 - index;
  if (inner.startsWith('~')) return { node: { kind: 'mention', name: inner.slice(1) }, length };
  const bar = closing(inner, 0, '|');
  const label = bar === null ? inner : inner.slice(0, bar);
  const href = bar === null ? inner : (inner.slice(bar + 1).split('|')[0] ?? '');
  return { node: { kind: 'link', href, content: parseInline(label) }, length };
}

function imageAt(text: string, index: number): Found | null {
  if (text.charAt(index) !== '!' || !/\S/.test(text.charAt(index + 1))) return null;
  const end = closing(text, index + 1, '!');
  if (end === null || /[\n]/.test(text.slice(index, end)) || /\s/.test(text.charAt(end - 1))) return null;
  return { node: { kind: 'image', source: text.slice(index + 1, end) }, length: end + 1 - index };
}

/** Addresses and issue keys become links by themselves. */
function linkAt(text: string, index: number): Found | null {
  const toLink = ([whole]: RegExpExecArray): WikiInline => ({
    kind: 'link',
    href: whole,
    content: [{ kind: 'text', text: whole }],
  });
  const isInWord = /[A-Za-z0-9]/.test(text.charAt(index - 1));
  return (
    matched(address, text, index, toLink) ??
    (isInWord ? null : (matched(mail, text, index, toLink) ?? matched(issueKey, text, index, toLink)))
  );
}

function dashAt(text: string, index: number): Found | null {
  const dashes = /^-{2,3}(?!-)/.exec(text.slice(index))?.[0];
  if (dashes === undefined || text.charAt(index - 1) === '-') return null;
  return { node: { kind: 'icon', name: dashes }, length: dashes.length };
}

/** `*bold*`: the marks stand outside of words, and hug what they mark. */
function phraseAt(text: string, index: number): Found | null {
  const token = text.startsWith('??', index) ? '??' : text.charAt(index);
  const mark = marks[token];
  if (mark === undefined || /[A-Za-z0-9]/.test(text.charAt(index - 1))) return null;
  if (!/\S/.test(text.charAt(index + token.length))) return null;
  for (let from = index + token.length; ; ) {
    const end = closing(text, from, token);
    if (end === null || text.slice(index, end).includes('\n')) return null;
    if (
      end > index + token.length &&
      /\S/.test(text.charAt(end - 1)) &&
      !/[A-Za-z0-9]/.test(text.charAt(end + token.length))
    ) {
      const content = parseInline(text.slice(index + token.length, end));
      return { node: { kind: 'phrase', mark, content }, length: end + token.length - index };
    }
    from = end + 1;
  }
}

/** Where `token` stands next and is not escaped. */
function closing(text: string, from: number, token: string): number | null {
  for (let index = from; index <= text.length - token.length; index += 1) {
    if (text.startsWith(token, index)) return index;
    if (text.charAt(index) === '\\') index += 1;
  }
  return null;
}

function matched(
  pattern: RegExp,
  text: string,
  index: number,
  toNode: (found: RegExpExecArray) => WikiInline,
): Found | null {
  const found = matchAt(pattern, text, index);
  return found === null ? null : { node: toNode(found), length: found[0].length };
}

function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}
