import { attributeName, renderHead, renderResource } from '#domain/plan/render.ts';
import type { AttributeChange, ResourceSummary, Verb } from '#domain/plan/summarize.ts';
import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';
import { plural } from './counts.ts';
import { oneLine, shortened } from './escape.ts';
import { planOf } from './note-model.ts';
import type { ChangeModel } from './note-model.ts';
import { byGravity } from './plan-details.ts';

export const MOST_ADDRESS = 160;
const MOST_OF_VALUE = 70;
/** Of one resource; the attached plan has the others. */
const MOST_ATTRIBUTES = 12;

/** What happens to resources: by action, what is destroyed or replaced first, then what changes about them. */
export function resourceBlocks(model: ChangeModel, mostRows: number, mostText: number): TicketBlock[] {
  const owner = new Map<ResourceSummary, string>();
  for (const project of model.change.projects) {
    for (const resource of planOf(project, model)?.summary.resources ?? []) owner.set(resource, project.key);
  }
  const all = byGravity([...owner.keys()]);
  if (all.length === 0) return [];
  return [...table(all, owner, mostRows), ...beforeAfter(all, owner, mostText)];
}

export function more(left: number, what: string): TicketBlock[] {
  if (left <= 0) return [];
  return [{ kind: 'paragraph', parts: [{ text: `And ${plural(left, what)} in the attached plan.` }] }];
}

const ACTIONS: Readonly<Record<Verb, string>> = {
  other: 'unknown action',
  delete: 'destroy',
  replace: 'replace',
  forget: 'forget',
  update: 'change',
  create: 'add',
  read: 'read',
  'no-op': 'move or import',
};

function table(
  all: readonly ResourceSummary[],
  owner: ReadonlyMap<ResourceSummary, string>,
  most: number,
): TicketBlock[] {
  const hasOne = new Set(owner.values()).size === 1;
  const rows = all
    .slice(0, most)
    .map((resource): TicketText[][] => [
      [{ text: ACTIONS[resource.verb], style: isGrave(resource) ? 'strong' : 'plain' }],
      [{ text: shortened(oneLine(resource.address), MOST_ADDRESS), style: 'code' }],
      [{ text: changedAttributes(resource) }],
      ...(hasOne
        ? []
        : [[{ text: shortened(oneLine(owner.get(resource) ?? ''), MOST_ADDRESS), style: 'code' as const }]]),
    ]);
  return [
    { kind: 'table', header: ['Action', 'Resource', 'What about it', ...(hasOne ? [] : ['Project'])], rows },
    ...more(all.length - rows.length, 'more resource'),
  ];
}

function isGrave({ verb }: ResourceSummary): boolean {
  return verb === 'delete' || verb === 'replace' || verb === 'other';
}

/** Names only: values stand below, and in the attached plan. */
function changedAttributes({ verb, changes, previousAddress, importing, reason }: ResourceSummary): string {
  const asides = [
    ...(previousAddress === undefined
      ? []
      : [`moved from ${shortened(oneLine(previousAddress), MOST_ADDRESS)}`]),
    ...(importing === undefined ? [] : [`imported from ${shortened(oneLine(importing.id), MOST_ADDRESS)}`]),
  ];
  if (verb !== 'update' && verb !== 'replace')
    return [...asides, ...(reason === undefined ? [] : [shortened(oneLine(reason), 100)])].join('; ');
  const names = forcingFirst(changes).map(
    (each) =>
      `${shortened(oneLine(attributeName(each.path)), 60)}${each.forcesReplacement ? ' (forces replacement)' : ''}`,
  );
  const shown = names.slice(0, 4);
  const left = names.length - shown.length;
  return [...asides, left > 0 ? `${shown.join(', ')} and ${left} more` : shown.join(', ')].join('; ');
}

function forcingFirst(changes: readonly AttributeChange[]): AttributeChange[] {
  return changes.toSorted((a, b) => Number(b.forcesReplacement) - Number(a.forcesReplacement));
}

/**
 * Attribute by attribute, before and after, secrets hidden: what is lost first, then what is changed, then what is made.
 * A resource is shown or counted; of one with many attributes those that force its replacement are shown first.
 */
function beforeAfter(
  all: readonly ResourceSummary[],
  owner: ReadonlyMap<ResourceSummary, string>,
  most: number,
): TicketBlock[] {
  const telling = all.filter(({ changes }) => changes.length > 0);
  if (telling.length === 0) return [];
  const several = new Set(owner.values()).size > 1;
  let room = most;
  let last: string | undefined;
  const blocks: string[] = [];
  for (const resource of telling) {
    const project = owner.get(resource);
    const block = shownResource(resource, several && project !== last ? project : undefined);
    room -= block.length + 2;
    if (room < 0) break;
    blocks.push(block);
    last = project;
  }
  return [
    { kind: 'heading', level: 2, text: 'Before and after' },
    ...(blocks.length === 0 ? [] : [{ kind: 'code' as const, language: 'diff', text: blocks.join('\n\n') }]),
    ...more(telling.length - blocks.length, 'more resource'),
  ];
}

function shownResource(resource: ResourceSummary, project: string | undefined): string {
  // What is not known yet of something new says nothing.
  const told = resource.changes.filter(({ unknown }) => resource.verb !== 'create' || !unknown);
  const changes = forcingFirst(told).slice(0, MOST_ATTRIBUTES);
  const left = told.length - changes.length;
  const text = [
    ...(project === undefined ? [] : [`# In ${shortened(oneLine(project), MOST_ADDRESS)}`, '']),
    renderResource({ ...resource, changes }, { mostOfValue: MOST_OF_VALUE }),
    ...(left > 0 ? [`    (and ${plural(left, 'more attribute')} in the attached plan)`] : []),
  ].join('\n');
  // A name that is a page by itself is in the attached plan.
  return text.length <= 3_000
    ? text
    : `${shortened(renderHead(resource), 1_000)}\n    (see the attached plan)`;
}
