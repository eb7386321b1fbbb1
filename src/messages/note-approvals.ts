import type { Change } from '#domain/change.ts';
import { isInAdvance } from '#domain/in-advance.ts';
import { isOver } from '#domain/over.ts';
import { plannedProjects } from '#domain/approved-tuple.ts';
import { DEFAULT_DEMAND, type Demand } from '#domain/demand.ts';
import type { Person } from '#domain/gates/evidence.ts';
import { missingSections, sectionTitles, workPlanOf } from '#domain/work-plan.ts';
import {
  type Approvals,
  approvalsOf,
  demandOf,
  namesInWords,
  placesInWords,
  type Wanted,
} from './approvers.ts';
import { isOf } from '#domain/reminder.ts';
import { plural } from './counts.ts';
import { inlineCode, link, minute, prose } from './escape.ts';
import type { ChangeModel } from './note-model.ts';

/** Who decides next, and how far it is: the end of the note's first line while the ticket is in review. Markdown. */
export function whoDecides(change: Change, people: readonly Person[], ticket: string): string {
  const approvals = approvalsOf(change, people);
  const { asked, given, wanted } = approvals;
  const [only] = wanted;
  if (only === undefined)
    return `${given.map(({ name }) => prose(name, 100)).join(', ')} approved on ${ticket}; whether that counts is looked at now.`;
  if (asked === 1) {
    const who = only.step.from.length === 0 ? 'An approver' : `Somebody of ${groups(only)}`;
    return `${who}, other than those who wrote this change, decides on ${ticket}${known(only)}.`;
  }
  const next = approvals.demand.inOrder === true ? wanted.slice(0, 1) : wanted;
  const told = next.map((each) => `${placesInWords(each.step, each.left, inlineCode)}${known(each)}`);
  const later = wanted.slice(next.length).map(({ left, step }) => placesInWords(step, left, inlineCode));
  const after = later.length === 0 ? '' : `, after that ${later.join(', then ')}`;
  if (given.length === 0)
    return `${ticket} takes the approval of ${told.join(' and ')}${after}; nobody who wrote this change counts.`;
  const names = given.map(({ name }) => prose(name, 100)).join(', ');
  return `${given.length} of ${asked} approvals given (${names}); ${ticket} still waits for ${told.join(' and ')}${after}.`;
}

/** What the change needs and has, for the lines below the table of projects; nothing where a single approver is all there is. */
export function approvalLines({ change, pageUrl, people }: ChangeModel): string[] {
  if (plannedProjects(change).length === 0 || isOver(change)) return [];
  const approvals = approvalsOf(change, people);
  const asked = isInAdvance(change) ? [] : [needs(approvals.demand, isAsked(change)), has(approvals)];
  return [workPlanLine(change, approvals.demand, pageUrl), ...asked].filter((line) => line !== '');
}

/** That the review takes longer than it should, and whom was told of it; nothing once it is decided. */
export function remindedLine({
  change: { ticket },
  reminded,
}: Pick<ChangeModel, 'change' | 'reminded'>): string {
  if (reminded === undefined || ticket.status !== 'open' || ticket.review.status !== 'in-review') return '';
  const { key, review } = ticket;
  if (!isOf(reminded, { key, round: review.round })) return '';
  const { at, people, stage, to } = reminded;
  const names = people.map((name) => prose(name, 100));
  const were = people.length === 1 ? 'was' : 'were';
  const whom = people.length === 0 ? [] : [`${namesInWords(names, 'and')} ${were} reminded ${minute(at)}`];
  const escalated =
    stage === 'escalated' ? [`escalated to ${to.map((name) => inlineCode(name)).join(', ')}`] : [];
  const told = [...whom, ...escalated].join(', and it is ');
  return `In review since ${minute(review.since)}${told === '' ? '' : `: ${told}`}.`;
}

/** Where to read how a work plan is written. */
function workPlanHelp(pageUrl: string): string {
  return pageUrl.replace(/\/changes\/[^/]+$/, '/help/work-plan');
}

/** What the work plan lacks, for whoever has to write it, before anybody approves what cannot be applied. */
function workPlanLine(change: Change, { workPlan }: Demand, pageUrl: string): string {
  const missing = missingSections(workPlanOf(change.description), workPlan);
  if (missing.length === 0) return '';
  const each = missing.length === 1 ? 'a heading of that name' : 'headings of these names';
  return `**The work plan lacks ${sectionTitles(missing)}.** Write ${missing.length === 1 ? 'it' : 'them'} below ${each} into ${link('the description', `${change.url}/edit`)} (${link('how', workPlanHelp(pageUrl))}); nothing is applied before that, and what is written later has to be approved again.`;
}

/** While people are asked, the first line says of whom. */
function isAsked({ ticket }: Change): boolean {
  return ticket.status === 'open' && ticket.review.status === 'in-review';
}

function needs(demand: Demand, isSaid: boolean): string {
  if (isPlain(demand)) return '';
  const between = demand.inOrder === true ? ', then ' : ' and ';
  const steps = demand.approvals.map((step) => placesInWords(step, step.count, inlineCode));
  const wants = [
    ...(isSaid ? [] : [`approved by ${steps.join(between)}`]),
    ...(demand.reviews === 0
      ? []
      : [`it also takes ${plural(demand.reviews, 'review')} of the merge request itself`]),
  ];
  const reasons = demand.reasons.slice(0, 5).map((reason) => prose(reason, 200));
  const more = demand.reasons.length - reasons.length;
  const why = [...reasons, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
  const tier = `Tier ${inlineCode(demand.tier)}${why === '' ? '' : ` (${why})`}`;
  return wants.length === 0 ? `${tier}.` : `${tier}: ${wants.join(', and ')}.`;
}

/** A tier that nothing is to be said of. */
function isPlain({ approvals, reasons, reviews }: Demand): boolean {
  const [only, ...others] = approvals;
  const isUsual = only?.count === 1 && only.from.length === 0 && others.length === 0;
  return isUsual && reviews === DEFAULT_DEMAND.reviews && reasons.length === 0;
}

function has({ expiresAt, given }: Approvals): string {
  if (given.length === 0) return '';
  const names = given.map(({ at, name }) => `${prose(name, 100)} (${minute(at)})`);
  const until = expiresAt === undefined ? '' : `; good until ${minute(expiresAt)}`;
  return `Approved by ${names.join(', ')}${until}.`;
}

function groups({ step: { from } }: Wanted): string {
  return from.map((name) => inlineCode(name)).join(' or ');
}

/** ": Ann or Bob", where the directory knows who could. */
function known({ people }: Wanted): string {
  return people.length === 0 ? '' : ` (${namesInWords(people.map(({ name }) => prose(name, 100)))})`;
}

/** Who is waited for, as an answer to "why": one line, or nothing while it is not an approver. */
export function waitedFor({ change, people }: ChangeModel): string {
  const { ticket } = change;
  if (ticket.status !== 'open' || ticket.review.status !== 'in-review') return '';
  const { wanted } = approvalsOf(change, people);
  const inOrder = demandOf(change).inOrder === true;
  const next = inOrder ? wanted.slice(0, 1) : wanted;
  return next.map((each) => `${placesInWords(each.step, each.left, inlineCode)}${known(each)}`).join(' and ');
}
