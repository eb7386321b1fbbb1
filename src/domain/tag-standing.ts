import { createHash } from 'node:crypto';
import { approvalOfTag } from './release-tag.ts';

/**
 * What a tag says: the commit that it leads to, and SHA-256 of its message, without the white space around that. Who
 * made it, and when, is not in it: whoever has the text can put a lost tag back.
 */
export interface TagPicture {
  sha: string;
  text: string;
}

/** A release tag in our books: as the log says that it was made, and as it stood when it was looked at last. */
export interface TagRecord {
  tag: string;
  /** Absent for one that we never made. */
  changeId?: string;
  made?: TagPicture;
  /** Absent where nothing stood. */
  seen?: TagPicture;
}

/** How a tag compares with the log; `unrecorded` is one that the log does not know. */
export type TagStanding = 'as-recorded' | TagTrouble;

export type TagTrouble = 'moved' | 'gone' | 'unrecorded';

export function pictureOf({ message, sha }: { message: string; sha: string }): TagPicture {
  return { sha, text: createHash('sha256').update(message.trim()).digest('hex') };
}

export function samePicture(one: TagPicture | undefined, other: TagPicture | undefined): boolean {
  return one?.sha === other?.sha && one?.text === other?.text;
}

/** How what stands now compares with what was made. */
export function tagStanding(made: TagPicture | undefined, found: TagPicture | undefined): TagStanding {
  if (samePicture(made, found)) return 'as-recorded';
  if (made === undefined) return 'unrecorded';
  return found === undefined ? 'gone' : 'moved';
}

/** Names of the release tags that are not as they were when they were looked at last, of a complete list of those there are. */
export function tagsThatTurned(
  records: readonly TagRecord[],
  listed: readonly { name: string; sha: string; message: string }[],
): string[] {
  const found = new Map(listed.map((tag) => [tag.name, pictureOf(tag)]));
  const known = new Map(records.map((record) => [record.tag, record.seen]));
  return [...new Set([...known.keys(), ...found.keys()])].filter(
    (name) => approvalOfTag(name) !== undefined && !samePicture(known.get(name), found.get(name)),
  );
}

/** What became of a release tag, as the end of a sentence about it. */
export function tagTroubleInWords(standing: TagTrouble, sha = ''): string {
  switch (standing) {
    case 'moved':
      return `was made anew: it leads to ${sha.slice(0, 12)}, and does not say what was released`;
    case 'gone':
      return 'was deleted';
    case 'unrecorded':
      return `stands at ${sha.slice(0, 12)}, though nothing was released under it`;
  }
}
