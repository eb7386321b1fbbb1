import { matchesPath } from './path-match.ts';
import type { Asker } from './project.ts';

/*
 * Breaking the glass: in an emergency two people together do what else an approver does beforehand. What was applied that
 * way is a debt, until it is approved afterwards.
 */

/**
 * What may be left out in an emergency, each of them a promise of people or a matter of time. What is not among them says
 * whether that runs what was seen, on what it was seen for, alone and on record; no emergency is helped by leaving it out.
 */
export const WAIVABLE = [
  'ticket-approved',
  'approver-allowed',
  'four-eyes',
  'reviewed',
  'work-plan-complete',
  'change-window',
  'not-frozen',
  'pipeline-passed',
  'mergeable',
] as const;
export type Waivable = (typeof WAIVABLE)[number];

/** Whom an unpaid debt keeps from breaking the glass again: those who want the same project, the same repository, everybody. */
export type DebtScope = 'project' | 'repository' | 'all' | 'never';

/** What the server says of emergencies at the moment when somebody asks. */
export interface GlassTerms {
  /** What people call it; on no ladder of tiers. */
  tier: string;
  /** Patterns of project folders it is allowed for; all when absent. */
  projects?: readonly string[];
  confirmWithinSeconds: number;
  /** Whoever may confirm, in words. */
  confirmedBy: string;
  waives: readonly Waivable[];
  blockWhileUnpaid: DebtScope;
  /** Until when (RFC 3339) what is applied now has to be approved. */
  due: string;
  /** Debts of all changes that are not paid. */
  unpaid: readonly DebtRef[];
}

/** A debt as others see it. */
export interface DebtRef {
  changeId: string;
  /** Key of its ticket. */
  key: string;
  repository: number;
  projects: readonly string[];
  due: string;
}

/** Somebody asked for the glass to be broken, for the plans as they stood then. */
interface Asked {
  /** The comment that asked; it names this glass. */
  noteId: number;
  by: Asker;
  reason: string;
  askedAt: string;
  /** Until then it may be confirmed and, once it is, applied. */
  until: string;
  /** Number of the revision, and what its plans came to. */
  revision: number;
  tupleHash: string;
  /** Keys of the projects it is for. */
  projects: readonly string[];
  tier: string;
  waives: readonly Waivable[];
  blockWhileUnpaid: DebtScope;
}

export interface ConfirmedGlass extends Asked {
  status: 'confirmed';
  confirmedBy: Asker;
  confirmNoteId: number;
  confirmedAt: string;
  due: string;
  /** An attempt was claimed under it: from then on it is owed. */
  usedAt?: string;
}

/** What a second person types who agrees. */
export function confirming({ noteId }: Pick<Asked, 'noteId'>): string {
  return `countersign confirm ${noteId}`;
}

export type BreakGlass =
  | (Asked & { status: 'asked' })
  | ConfirmedGlass
  | (Asked &
      Partial<Omit<ConfirmedGlass, 'status'>> & {
        status: 'over';
        /** `used`: all it was for is applied. `withdrawn`: not before something else became of the plans. */
        as: 'used' | 'lapsed' | 'withdrawn';
        why: string;
        overAt: string;
      });

/** The debts that keep this from being applied in an emergency as well. */
export function blockingDebts(
  scope: DebtScope,
  unpaid: readonly DebtRef[],
  { repository, projects }: Pick<DebtRef, 'repository' | 'projects'>,
): readonly DebtRef[] {
  switch (scope) {
    case 'never':
      return [];
    case 'all':
      return unpaid;
    case 'repository':
      return unpaid.filter((debt) => debt.repository === repository);
    case 'project':
      return unpaid.filter(
        (debt) => debt.repository === repository && debt.projects.some((key) => projects.includes(key)),
      );
  }
}

/** Whether emergencies are provided for in a project's folder. */
export function isProvidedFor({ projects }: Pick<GlassTerms, 'projects'>, dir: string): boolean {
  return projects === undefined || projects.some((pattern) => matchesPath(pattern, dir));
}
