import type { Finding } from './finding.ts';

/** Watches the indexes of a log go by and tells what is missing, doubled or out of place. */
export interface EntrySequence {
  /** The index that the next entry should have; also how far the log reaches. */
  readonly next: number;
  readonly intact: boolean;
  see: (index: number) => void;
  findings: () => Finding[];
}

/** A sequence that should run 0, 1, 2 … without a gap. Memory grows with what is wrong, not with the log. */
export function createEntrySequence(): EntrySequence {
  let next = 0;
  let position = 0;
  let missing: { from: number; to: number }[] = [];
  const doubled: number[] = [];
  const misplaced: { position: number; index: number }[] = [];

  return {
    get next() {
      return next;
    },
    get intact() {
      return misplaced.length === 0;
    },
    see(index) {
      if (index !== position && misplaced.length < MISPLACED_NAMED) misplaced.push({ position, index });
      position += 1;
      if (index >= next) {
        if (index > next) missing.push({ from: next, to: index });
        next = index + 1;
      } else if (missing.some(({ from, to }) => from <= index && index < to)) {
        missing = missing.flatMap((range) => without(range, index));
      } else {
        doubled.push(index);
      }
    },
    findings() {
      const gaps = missing.map(({ from, to }): Finding => ({ kind: 'entry-missing', from, to }));
      const doubles = doubled.map((index): Finding => ({ kind: 'entry-doubled', index }));
      // A missing entry shifts all that follow: only a complete log can be called reordered.
      if (gaps.length + doubles.length > 0) return [...gaps, ...doubles];
      return misplaced.map((at): Finding => ({ kind: 'entry-moved', ...at }));
    },
  };
}

function without(range: { from: number; to: number }, index: number): { from: number; to: number }[] {
  if (index < range.from || index >= range.to) return [range];
  return [
    { from: range.from, to: index },
    { from: index + 1, to: range.to },
  ].filter(({ from, to }) => from < to);
}

const MISPLACED_NAMED = 10;
