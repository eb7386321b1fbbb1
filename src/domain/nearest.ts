import { editDistance } from './command/edit-distance.ts';

/**
 * The word that was probably meant: at most two typing errors away (one, when it is short), or the same but for capitals
 * and dashes. Undefined when none is that near.
 */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const plain = bare(word);
  const most = plain.length <= 3 ? 1 : 2;
  const [best] = words
    .filter((each) => Math.abs(each.length - word.length) <= most + 3)
    .map((each) => ({ each, distance: editDistance(plain, bare(each)) }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= most && best.each !== word ? best.each : undefined;
}

/** `when_modified` and `whenModified` are one word to whoever types them. */
function bare(word: string): string {
  return word.slice(0, 200).toLowerCase().replaceAll(/[_-]/g, '');
}
