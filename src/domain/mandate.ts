import { canonicalHash } from './canonical-hash.ts';

/** Plans that are approved in advance: which, how many and how large, and until when. */
export interface StandingApproval {
  kind: 'standing-approval';
  /** As people call it. */
  name: string;
  /** Code-host id; every repository when absent. */
  repository?: number;
  /** Patterns of project folders. */
  projects: readonly string[];
  /** The tier that its plans are of. */
  tier: string;
  most: {
    /** Changes within 24 hours; any number when absent. */
    changesPerDay?: number;
    /** Resources that all plans of one change touch together; any number when absent. */
    resourcesPerChange?: number;
    /** Of them destroyed or forgotten, and replaced. */
    destroys: number;
    replaces: number;
  };
  /** RFC 3339 UTC; from then on it approves nothing. */
  until: string;
}

/** The role operator, for one person, some projects and some time. */
export interface OperatorGrant {
  kind: 'operator-grant';
  /** Id in the directory. */
  person: string;
  /** Code-host id; every repository when absent. */
  repository?: number;
  /** Patterns of project folders. */
  projects: readonly string[];
  reason: string;
  /** RFC 3339 UTC. */
  until: string;
}

export type Terms = StandingApproval | OperatorGrant;

/** Terms that a ticket of their own puts in force, for as long as an approver's decision stands there. */
export interface Mandate<T extends Terms = Terms> {
  id: string;
  terms: T;
  /** Id in the directory of whoever asked for it. */
  requestedBy: string;
  openedAt: string;
  /** Absent until it is opened; `reviewMove` is our own move of it to In review. */
  ticket?: { key: string; url: string; reviewMove?: string };
  heard: Heard;
  ended?: { at: string; reason: string };
}

/**
 * What its ticket was found to say when it was read last; for people, and for who decided last was then, whether that
 * counted or not.
 */
export type Heard =
  | { kind: 'nothing' }
  | { kind: 'approved'; approval: MandateApproval }
  | { kind: 'not-approved'; why: string; decider?: MandateDecider };

/** Whoever moved the ticket to Approved, as the directory knew them when that was first heard of; `person` is empty where it did not. */
export type MandateDecider = Pick<MandateApproval, 'moveId' | 'account' | 'person' | 'roles'>;

/** Who put the terms in force, by which move of the ticket; `roles` are those they had when it was first heard of. */
export interface MandateApproval {
  moveId: string;
  account: string;
  person: string;
  name: string;
  roles: readonly string[];
  decidedAt: string;
}

/** As much of a mandate as a change keeps and tells: which it is, its ticket, and who approved it. */
export interface MandateRef {
  id: string;
  key: string;
  name: string;
  approver: string;
}

/** What an approval of the terms is bound to (SHA-256, hex): nobody changes them and keeps it. */
export function termsHash(terms: Terms): string {
  return canonicalHash(terms);
}

/** A mandate as a change keeps and tells it, with whoever approved it as it was heard. */
export function refOf(mandate: Mandate): MandateRef {
  const { heard, id, ticket } = mandate;
  const approver = heard.kind === 'approved' ? heard.approval.name : '';
  return { id, key: ticket?.key ?? '', name: nameOfMandate(mandate), approver };
}

/** What a kind of mandate is called. */
export const KIND_NAMES: Readonly<Record<Terms['kind'], string>> = {
  'standing-approval': 'standing approval',
  'operator-grant': 'operator grant',
};

/** What people call a mandate. */
export function nameOfMandate({ terms }: Pick<Mandate, 'terms'>): string {
  switch (terms.kind) {
    case 'standing-approval':
      return terms.name;
    case 'operator-grant':
      return `operator rights for ${terms.person}`;
  }
}

export function isStandingApproval(mandate: Mandate): mandate is Mandate<StandingApproval> {
  return mandate.terms.kind === 'standing-approval';
}

export function isOperatorGrant(mandate: Mandate): mandate is Mandate<OperatorGrant> {
  return mandate.terms.kind === 'operator-grant';
}
