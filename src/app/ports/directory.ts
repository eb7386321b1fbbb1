import type { Person } from '#domain/gates/evidence.ts';

/** Who is who, and who may what, at one moment. */
export interface DirectoryReading {
  people: readonly Person[];
  /** Parts that did not answer: whoever is not found in a role or group may be there all the same. */
  unseen: readonly { source: string; why: string }[];
}

/**
 * The people of the firm: one person's accounts on the code host, in the ticket system and in commits are one person;
 * roles and groups come from where the firm keeps them.
 */
export interface Directory {
  /** As of now, for decisions; a part that cannot be read is told and is no fault. */
  read(): Promise<DirectoryReading>;
}
