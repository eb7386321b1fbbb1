import { wordsOf } from '#domain/command/words.ts';

/**
 * The words of a shell line that needs no shell: names and values, whole words in quotes. `undefined` for anything that
 * a shell would do something about.
 */
export function plainWords(line: string): string[] | undefined {
  const text = line.trim();
  if (/[|&;<>()$`{}*?[\]#~!\\\n]/.test(text)) return undefined;
  const words = wordsOf(text)?.map((word) => word);
  if (words === undefined || words.length === 0) return undefined;
  const quotedInside = words.some(
    ({ text: word, start }) => /["']/.test(word) && !/["']/.test(text[start] ?? ''),
  );
  return quotedInside || words[0]?.text.includes('=') ? undefined : words.map(({ text: word }) => word);
}

/** Terraform run by a line of its own, as Atlantis' pages show it: which step that is, and its arguments. */
export function terraformLine(line: string): { step: string; args: string[] } | undefined {
  const text = line.trim().replace(/\\\n\s*/g, ' ');
  const [, step, rest = ''] =
    /^(?:terraform|tofu)(?:\$\{?ATLANTIS_TERRAFORM_VERSION\}?)?\s+([a-z]+)((?:\s+[^\s|&;<>`()]+)*)$/.exec(
      text,
    ) ?? [];
  if (step === undefined) return undefined;
  const args = rest
    .split(/\s+/)
    .filter((word) => word !== '' && !/^(?:-out=?)?["']?\$\{?(?:PLANFILE|SHOWFILE)\}?["']?$/.test(word))
    .filter((word) => word !== '-out')
    .map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
  return { step, args };
}
