import { lookAtMandates, type Looked } from '#app/mandates/look-at-mandates.ts';
import { approvalInForce } from '#domain/approval.ts';
import { plannedProjects } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import type { MandateSeen } from '#domain/gates/evidence.ts';
import { byGitlabId } from '#domain/gates/people.ts';
import { findCover } from '#domain/gates/cover.ts';
import { isAbout } from '#domain/mandate-cover.ts';
import {
  isOperatorGrant,
  isStandingApproval,
  type Mandate,
  type MandateRef,
  refOf,
} from '#domain/mandate.ts';
import { commandOf } from '#domain/ordered.ts';
import type { Asker, Granted } from '#domain/project.ts';
import type { WorkerContext } from './context.ts';
import { type WhoIsWho, whoIsWho } from './who-is-who.ts';

/**
 * The mandates that the gates of a change have to know of, read live: standing approvals where it goes by one, operator
 * grants of those who commanded an apply without having the role.
 */
export async function mandatesSeen(
  context: WorkerContext,
  change: Change,
  around: WhoIsWho,
): Promise<MandateSeen[]> {
  // Where glass is broken for some projects the others go by it all the same.
  const isStanding = change.projects.some(({ key }) => approvalInForce(change, key)?.kind === 'standing');
  const standing = isStanding ? await standingSeen(context, change, around) : [];
  const commanders = change.projects.flatMap((project) => commandOf(project)?.by ?? []);
  const granted = await lookAt(context, await grantsOf(context, commanders, around), around);
  return [...standing, ...granted];
}

/** The standing approval that covers the plans of a change at this moment, if one does; the gates look again. */
export async function standingApprovalFor(
  context: WorkerContext,
  change: Change,
): Promise<MandateRef | undefined> {
  const { ledger, settings } = context;
  const around = await whoIsWho(context);
  const mandates = await standingSeen(context, change, around);
  const { ticketBot } = settings;
  const cover = findCover(change, { at: await ledger.now(), mandates, ticketBot, ...around });
  return cover.kind === 'covered'
    ? { ...refOf(cover.seen.mandate), approver: cover.approval.name }
    : undefined;
}

/** Standing approvals: those that are about the change as they are now; of the others it is enough that there are some. */
async function standingSeen(
  context: WorkerContext,
  change: Change,
  around: WhoIsWho,
): Promise<MandateSeen[]> {
  const all = (await context.ledger.mandates.recent('standing-approval')).filter(isStandingApproval);
  const planned = plannedProjects(change);
  const about = all.filter(({ terms }) => isAbout(terms, change, planned));
  const others = all.filter((mandate) => !about.includes(mandate));
  const unread = { seen: false, why: 'it is not about this change' } as const;
  return [
    ...(await lookAt(context, about, around)),
    ...others.map((mandate) => ({ mandate, ticket: unread, uses: [] })),
  ];
}

/** The grants of operator rights that are in force for an account of the code host, as far as they reach a repository. */
export async function grantsInForce(
  context: WorkerContext,
  repository: number,
  gitlabId: number,
  around: WhoIsWho,
): Promise<Granted[]> {
  const looked = await lookAt(context, await grantsOf(context, [{ gitlabId }], around), around);
  return looked.flatMap(({ judgement, mandate }) => {
    const { terms } = mandate;
    if (judgement.kind !== 'in-force' || terms.kind !== 'operator-grant') return [];
    if (terms.repository !== undefined && terms.repository !== repository) return [];
    const ref = { ...refOf(mandate), approver: judgement.approval.name };
    return [{ mandate: ref, projects: terms.projects }];
  });
}

async function grantsOf(
  { ledger }: WorkerContext,
  askers: readonly Pick<Asker, 'gitlabId'>[],
  { people }: WhoIsWho,
): Promise<Mandate[]> {
  const ids = askers.flatMap(({ gitlabId }) => {
    const person = byGitlabId(people, gitlabId);
    return person === undefined || person.roles.includes('operator') ? [] : [person.id];
  });
  if (ids.length === 0) return [];
  const grants = (await ledger.mandates.recent('operator-grant')).filter(isOperatorGrant);
  return grants.filter(({ terms }) => ids.includes(terms.person));
}

/** Mandates as they are now; what their tickets say is entered in the books when it is news. */
export async function lookAt(
  context: WorkerContext,
  mandates: readonly Mandate[],
  { people, unseenSources }: WhoIsWho,
): Promise<Looked[]> {
  if (mandates.length === 0) return [];
  const { ledger, settings, ticketing } = context;
  const lookout = {
    books: ledger.mandates,
    ticketing,
    whoIsWho: () => whoIsWho(context, { fresh: true }),
  };
  const around = { at: await ledger.now(), bot: settings.ticketBot, people, unseenSources };
  return lookAtMandates(lookout, around, mandates);
}
