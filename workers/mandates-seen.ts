import { lookAtMandates, type Looked } from '#app/mandates/look-at-mandates.ts';
import { approvalInForce } from '#domain/approval.ts';
import type { Change } from '#domain/change.ts';
import type { MandateSeen, Person } from '#domain/gates/evidence.ts';
import { byGitlabId } from '#domain/gates/people.ts';
import { isOperatorGrant, type Mandate, nameOfMandate } from '#domain/mandate.ts';
import type { Asker, Granted, Project } from '#domain/project.ts';
import type { WorkerContext } from './context.ts';

/** Who is who at this moment, as far as mandates are judged by it. */
export interface Around {
  people: readonly Person[];
  unseenSources: readonly { source: string; why: string }[];
}

/**
 * The mandates that the gates of a change have to know of, read live: standing approvals where it goes by one, operator
 * grants of those who commanded an apply without having the role.
 */
export async function mandatesSeen(
  context: WorkerContext,
  change: Change,
  around: Around,
): Promise<MandateSeen[]> {
  const { mandates } = context.ledger;
  const standing =
    approvalInForce(change)?.kind === 'standing' ? await mandates.open('standing-approval') : [];
  const commanders = change.projects.flatMap((project) => commanderOf(project) ?? []);
  const granted = await grantsOf(context, commanders, around);
  return look(context, [...standing, ...granted], around);
}

/** Standing approvals in force or not, as they are now: for the ticket of a change that may go by one. */
export async function standingApprovalsSeen(context: WorkerContext, around: Around): Promise<Looked[]> {
  return look(context, await context.ledger.mandates.open('standing-approval'), around);
}

/** The grants of operator rights that are in force for an account of the code host, as far as they reach a repository. */
export async function grantsInForce(
  context: WorkerContext,
  repository: number,
  gitlabId: number,
  around: Around,
): Promise<Granted[]> {
  const looked = await look(context, await grantsOf(context, [{ gitlabId }], around), around);
  return looked.flatMap(({ judgement, mandate }) => {
    const { terms, ticket } = mandate;
    if (judgement.kind !== 'in-force' || terms.kind !== 'operator-grant') return [];
    if (terms.repository !== undefined && terms.repository !== repository) return [];
    const { id } = mandate;
    const ref = {
      id,
      key: ticket?.key ?? '',
      name: nameOfMandate(mandate),
      approver: judgement.approval.name,
    };
    return [{ mandate: ref, projects: terms.projects }];
  });
}

async function grantsOf(
  { ledger }: WorkerContext,
  askers: readonly Pick<Asker, 'gitlabId'>[],
  { people }: Around,
): Promise<Mandate[]> {
  const ids = askers.flatMap(({ gitlabId }) => {
    const person = byGitlabId(people, gitlabId);
    return person === undefined || person.roles.includes('operator') ? [] : [person.id];
  });
  if (ids.length === 0) return [];
  const grants = (await ledger.mandates.open('operator-grant')).filter(isOperatorGrant);
  return grants.filter(({ terms }) => ids.includes(terms.person));
}

async function look(
  { ledger, settings, ticketing }: WorkerContext,
  mandates: readonly Mandate[],
  { people, unseenSources }: Around,
): Promise<Looked[]> {
  if (mandates.length === 0) return [];
  const around = { at: await ledger.now(), bot: settings.ticketBot, people, unseenSources };
  return lookAtMandates(ledger.mandates, ticketing, around, mandates);
}

function commanderOf(project: Project): Asker | undefined {
  if (project.status === 'applying') return project.command?.by;
  if (project.status !== 'gating' || project.purpose.kind !== 'apply') return undefined;
  return project.purpose.command?.by;
}
