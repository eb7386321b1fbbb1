/**
 * What wiki text of our own making says, a line for each of its blocks, code as it is: for finding a marker, and what a
 * ticket can witness of the audit log. Text that others wrote comes out somehow.
 */
export function linesOf(wiki: unknown): string[] {
  if (typeof wiki !== 'string') return [];
  const parts = wiki.replaceAll('\r\n', '\n').split(/\{noformat\}\n?/);
  return parts.flatMap((part, index) =>
    index % 2 === 1 ? [part.replace(/\n$/, '').replaceAll('{\u200b', '{')] : linesOfText(part),
  );
}

function linesOfText(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\{panel(?::[^}]*)?\}$/.test(line))
    .map((line) => plain(line.replace(/^(?:h[1-6]\. |\* )/, '')).trim());
}

/** Every mark that is not escaped is ours: `\*` is an asterisk, `*` a mark. */
function plain(line: string): string {
  const token =
    /\\([!-/:-@[-`{-~])|&amp;|&#92;|\[~([^\]]*)\]|\[((?:\\.|[^\]|\\])*)\|[^\]]*\]|\{\{|\}\}|\{\*\}|\*|\|\|?/g;
  return line.replaceAll(token, (whole: string, escaped?: string, name?: string, label?: string) => {
    if (escaped !== undefined) return escaped;
    if (name !== undefined) return `@${name}`;
    if (label !== undefined) return plain(label);
    if (whole === '&amp;') return '&';
    if (whole === '&#92;') return '\\';
    return whole.startsWith('|') ? ' ' : '';
  });
}
