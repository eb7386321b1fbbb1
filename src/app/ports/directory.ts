import type { Person } from '#domain/gates/evidence.ts';

/** Who is who, and who may what, at one moment. */
export interface DirectoryReading {
  people: readonly Person[];
  /** Parts that did not answer: whoever is not found in a role or group may be there all the same. */
  unseen: readonly UnseenSource[];
}

export interface UnseenSource {
  /** What was asked, in words. */
  source: string;
  why: string;
}

/**
 * The people of the firm: one person's accounts on the code host, in the ticket system and in commits are one person;
 * roles and groups come from where the firm keeps them.
 */
export interface Directory {
  /**
   * As of now, for decisions; a part that cannot be read is told and is no fault. Looks at the same moment share a reading;
   * `fresh`, for an apply, begins its own.
   */
  read(options?: { fresh?: boolean }): Promise<DirectoryReading>;
}

/** Who is in a group, by whatever the group's keeper knows people by. */
export interface GroupMembers {
  gitlabIds?: readonly number[];
  jiraAccounts?: readonly string[];
  /** Ids of people, in whatever case. */
  people?: readonly string[];
}

/** Somebody as a directory service tells of them. */
export interface DirectoryEntry {
  /** Where it stands there, for messages. */
  name: string;
  person: Pick<Person, 'id' | 'name' | 'gitlabIds' | 'jiraAccounts' | 'emails'>;
}
