/** One thing that verification found. `source` names a checkpoint or witness, e.g. `checkpoint 128`, `ticket:OPS-7`. */
export type Finding =
  | { kind: 'entry-edited'; index: number }
  | { kind: 'entry-missing'; from: number; to: number }
  | { kind: 'entry-doubled'; index: number }
  | { kind: 'entry-moved'; position: number; index: number }
  | { kind: 'payload-edited'; index: number }
  | { kind: 'payload-missing'; index: number }
  | { kind: 'payload-not-erased'; index: number; erasedBy: number }
  | { kind: 'erasure-unseen'; index: number; erasedBy: number }
  | { kind: 'payload-without-entry'; index: number }
  | { kind: 'head-differs'; source: string; size: number; agreedSize: number }
  | { kind: 'tail-cut'; source: string; claimedSize: number; size: number }
  | { kind: 'checkpoint-refused'; source: string; reason: string }
  | { kind: 'file-changed'; path: string }
  | { kind: 'file-missing'; path: string }
  | { kind: 'nothing-signed' }
  | { kind: 'tail-unsigned'; from: number; to: number }
  | { kind: 'witness-unusable'; source: string; reason: string };

/** Tampering: the log is not what was signed. Incomplete: it may be, but this much could not be shown. */
export type Severity = 'tampering' | 'incomplete';

/** How bad a finding is. */
export function severityOf(finding: Finding): Severity {
  switch (finding.kind) {
    case 'erasure-unseen':
    case 'file-missing':
    case 'nothing-signed':
    case 'tail-unsigned':
    case 'witness-unusable':
      return 'incomplete';
    case 'entry-edited':
    case 'entry-missing':
    case 'entry-doubled':
    case 'entry-moved':
    case 'payload-edited':
    case 'payload-missing':
    case 'payload-not-erased':
    case 'payload-without-entry':
    case 'head-differs':
    case 'tail-cut':
    case 'checkpoint-refused':
    case 'file-changed':
      return 'tampering';
  }
}

/** The finding as a sentence for people; indexes are those in the envelopes, ranges include both ends. */
export function describeFinding(finding: Finding): string {
  switch (finding.kind) {
    case 'entry-edited':
      return `entry ${finding.index} was edited: its bytes are not those that were hashed`;
    case 'entry-missing':
      return `${entries(finding.from, finding.to)} missing`;
    case 'entry-doubled':
      return `entry ${finding.index} is there more than once`;
    case 'entry-moved':
      return `entries were reordered: entry ${finding.index} stands at position ${finding.position}`;
    case 'payload-edited':
      return `the payload of entry ${finding.index} was edited: it does not match the digest in the entry`;
    case 'payload-missing':
      return `the payload of entry ${finding.index} is missing and no entry records its erasure`;
    case 'payload-not-erased':
      return `the payload of entry ${finding.index} is there although entry ${finding.erasedBy} records its erasure`;
    case 'erasure-unseen':
      return `the payload of entry ${finding.index} is said to be erased by entry ${finding.erasedBy}, which is not here`;
    case 'payload-without-entry':
      return `there is a payload for entry ${finding.index}, which is not in the log`;
    case 'head-differs':
      return (
        `the log differs from ${finding.source} at size ${finding.size}: something in ` +
        `entries ${finding.agreedSize} to ${finding.size - 1} was changed (agreed up to size ${finding.agreedSize})`
      );
    case 'tail-cut':
      return (
        `the tail was cut off: ${finding.source} covers ${finding.claimedSize} entries, the log has ${finding.size}: ` +
        `${entries(finding.size, finding.claimedSize)} missing`
      );
    case 'checkpoint-refused':
      return `${finding.source} is refused: ${finding.reason}`;
    case 'file-changed':
      return `${finding.path} is not the file that the manifest lists`;
    case 'file-missing':
      return `${finding.path} is missing`;
    case 'nothing-signed':
      return 'no checkpoint covers the log: nothing vouches for these entries yet';
    case 'tail-unsigned':
      return `${entries(finding.from, finding.to)} not covered by a checkpoint`;
    case 'witness-unusable':
      return `${finding.source} cannot be used as a witness: ${finding.reason}`;
  }
}

const entries = (from: number, to: number): string =>
  to - from === 1 ? `entry ${from} is` : `entries ${from} to ${to - 1} are`;
