/** One word of a comment's line, and where it stands there. */
export interface Word {
  text: string;
  start: number;
}

/**
 * Splits a line into words the way people quote for a shell, without any shell: a word that begins with `'` or `"` ends
 * with the same; inside a word quotes are text, so that `aws_instance.x["a b"]` is one word as it stands, and
 * `aws_instance.x[\"a\"]` is the same as when it is quoted whole. `undefined` when a quote is left open.
 */
export function wordsOf(line: string): Word[] | undefined {
  const words: Word[] = [];
  for (let at = 0; ; ) {
    while (isSpace(line[at])) at += 1;
    if (at >= line.length) return words;
    const read = isQuote(line[at]) ? quotedWord(line, at) : bareWord(line, at);
    if (read === undefined) return undefined;
    words.push({ text: read.text, start: at });
    at = read.end;
  }
}

/** A word as `wordsOf` reads it again: as it stands where that is enough, in quotes otherwise. */
export function asWord(text: string): string {
  const read = wordsOf(text);
  if (read?.length === 1 && read[0]?.text === text) return text;
  return text.includes("'") ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : `'${text}'`;
}

interface Read {
  text: string;
  end: number;
}

function quotedWord(line: string, start: number): Read | undefined {
  const quote = line[start];
  let text = '';
  for (let at = start + 1; at < line.length; at += 1) {
    const escapes = quote === '"' && line[at] === '\\' && /["\\]/.test(line[at + 1] ?? '');
    if (escapes) at += 1;
    else if (line[at] === quote) {
      const end = at + 1;
      return end === line.length || isSpace(line[end]) ? { text, end } : undefined;
    }
    text += line[at];
  }
  return undefined;
}

function bareWord(line: string, start: number): Read | undefined {
  let text = '';
  let at = start;
  for (; at < line.length && !isSpace(line[at]); at += 1) {
    if (line[at] === '\\' && /["'\\\s]/.test(line[at + 1] ?? '')) at += 1;
    else if (line[at] === '"' && line[at - 1] === '[') {
      const end = endOfKey(line, at);
      if (end === undefined) return undefined;
      text += line.slice(at, end);
      at = end - 1;
      continue;
    }
    text += line[at];
  }
  return { text, end: at };
}

/** Where the string of a key such as `["a b"]` ends; its own escapes belong to it. */
function endOfKey(line: string, start: number): number | undefined {
  for (let at = start + 1; at < line.length; at += 1) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === '"') return at + 1;
  }
  return undefined;
}

function isQuote(char: string | undefined): boolean {
  return char === '"' || char === "'";
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && /\s/.test(char);
}

/** The first line, out of the back-ticks that people put around what they copy. */
export function firstLine(note: string): string {
  const line = (note.split('\n', 1)[0] ?? '').trim();
  const ticks = /^`*/.exec(line)?.[0].length ?? 0;
  const wrapped = ticks > 0 && line.length > 2 * ticks && line.endsWith('`'.repeat(ticks));
  return wrapped ? line.slice(ticks, -ticks).trim() : line;
}
