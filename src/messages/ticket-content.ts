import { plannedProjects } from '#domain/approved-tuple.ts';
import { attributeName } from '#domain/plan/render.ts';
import type { ResourceSummary, Verb } from '#domain/plan/summarize.ts';
import type { TicketBlock, TicketContent, TicketText } from '#domain/ticket-document.ts';
import { addCounts, countsInWords, plural } from './counts.ts';
import { oneLine, shortened } from './escape.ts';
import { countsOf, planOf } from './note-model.ts';
import type { ChangeModel } from './note-model.ts';
import { byGravity } from './plan-details.ts';
import { riskLine } from './risk-line.ts';

/** JIRA's rich text holds 32,767 characters; the attached plan has what the table leaves out. */
const MOST_ROWS = 80;
const MOST_ADDRESS = 160;

/** What only the service knows about the ticket it writes. */
export interface TicketModel extends ChangeModel {
  /** Hash of what an approval would bind; absent while a plan is still missing. */
  tupleHash: string | undefined;
  /** Names of the files attached with the plans. */
  attachments: readonly string[];
}

/** The ticket: what would be done, to what, how risky, asked by whom, and what moving it to Approved means. */
export function ticketContent(model: TicketModel): TicketContent {
  const { change } = model;
  const planned = plannedProjects(change);
  return {
    summary: summary(model),
    body: [
      { kind: 'panel', tone: 'info', parts: [{ text: meaning(planned.length > 0) }] },
      ...risk(model),
      { kind: 'heading', level: 2, text: 'What would be done' },
      projectTable(model),
      ...resourceTable(model),
      ...planFiles(model),
      { kind: 'heading', level: 2, text: 'Who asks, and for what' },
      asked(model),
      ...digests(model),
    ],
  };
}

/** "Apply !12 to fin/prod/network: 2 to add, 1 to destroy", at most 255 characters. */
function summary(model: TicketModel): string {
  const { change } = model;
  const [first, ...others] = change.projects;
  const where =
    first === undefined
      ? 'nothing'
      : others.length === 0
        ? first.key
        : `${first.key} and ${others.length} more`;
  const known = change.projects.flatMap((each) => countsOf(each, model) ?? []);
  const what = known.length === 0 ? 'being planned' : countsInWords(addCounts(known));
  return shortened(oneLine(`Apply !${change.mergeRequest.iid} to ${shortened(where, 150)}: ${what}`), 255);
}

function meaning(isPlanned: boolean): string {
  if (!isPlanned) {
    return 'Nothing is to be decided yet: the plan is being made with this ticket’s number and will be shown here. The ticket then moves to In review.';
  }
  return 'Moving this ticket to Approved allows exactly the plans below, once, as they are. A new push, a plan that comes out differently or the end of the approval’s time takes the approval back. Whoever wrote, committed, pushed or asked for the change cannot approve it. Moving it to Rejected ends the matter until a new version is pushed.';
}

function risk(model: TicketModel): TicketBlock[] {
  const risks = model.change.projects.flatMap((project) => {
    const plan = planOf(project, model);
    return plan === undefined ? [] : [{ project: project.key, risk: plan.risk }];
  });
  if (risks.length === 0) return [];
  const isHigh = risks.some((each) => each.risk.level === 'high');
  const warned = isHigh || risks.some((each) => each.risk.level === 'medium');
  const tone = isHigh ? 'error' : warned ? 'warning' : 'success';
  return [{ kind: 'panel', tone, parts: [{ text: oneLine(riskLine(risks)), style: 'strong' }] }];
}

function projectTable(model: TicketModel): TicketBlock {
  const rows = model.change.projects.slice(0, MOST_ROWS).map((project): TicketText[][] => {
    const counts = countsOf(project, model);
    const checks = 'plan' in project ? project.plan.checks : [];
    const bad = checks.filter((each) => each.result !== 'pass');
    const verdict =
      bad.length === 0 ? `${checks.length} passed` : `${bad.length} of ${checks.length} not passed`;
    return [
      [{ text: shortened(oneLine(project.key), MOST_ADDRESS), style: 'code' }],
      [{ text: counts === undefined ? 'being planned' : countsInWords(counts) }],
      [{ text: checks.length === 0 ? 'none' : verdict }],
      [{ text: project.applyOn === 'approval' ? 'once approved' : 'on an operator’s command' }],
    ];
  });
  return { kind: 'table', header: ['Project', 'Plan', 'Checks', 'Applied'], rows };
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

/** Resources by action, what is destroyed or replaced first, over all projects. */
function resourceTable(model: TicketModel): TicketBlock[] {
  const owner = new Map<ResourceSummary, string>();
  for (const project of model.change.projects) {
    for (const resource of planOf(project, model)?.summary.resources ?? []) owner.set(resource, project.key);
  }
  const all = byGravity([...owner.keys()]);
  if (all.length === 0) return [];
  const shown = all.slice(0, MOST_ROWS);
  const rows = shown.map((resource): TicketText[][] => [
    [{ text: ACTIONS[resource.verb], style: isGrave(resource) ? 'strong' : 'plain' }],
    [{ text: shortened(oneLine(resource.address), MOST_ADDRESS), style: 'code' }],
    [{ text: changedAttributes(resource) }],
    [{ text: shortened(oneLine(owner.get(resource) ?? ''), MOST_ADDRESS), style: 'code' }],
  ]);
  const more: TicketBlock[] =
    all.length > shown.length
      ? [
          {
            kind: 'paragraph',
            parts: [
              { text: `And ${plural(all.length - shown.length, 'more resource')}, in the attached plan.` },
            ],
          },
        ]
      : [];
  return [{ kind: 'table', header: ['Action', 'Resource', 'Attributes', 'Project'], rows }, ...more];
}

function isGrave({ verb }: ResourceSummary): boolean {
  return verb === 'delete' || verb === 'replace' || verb === 'other';
}

/** Names only: values are in the attached plan. */
function changedAttributes({ verb, changes }: ResourceSummary): string {
  if (verb !== 'update' && verb !== 'replace') return '';
  const names = changes.map(
    (each) => `${attributeName(each.path)}${each.forcesReplacement ? ' (forces replacement)' : ''}`,
  );
  const shown = names.slice(0, 5).map((name) => shortened(oneLine(name), 60));
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more`
    : shown.join(', ');
}

function planFiles({ attachments, pageUrl }: TicketModel): TicketBlock[] {
  if (attachments.length === 0) return [];
  return [
    {
      kind: 'paragraph',
      parts: [
        { text: `The plans in full, secrets hidden, are attached: ` },
        ...attachments
          .slice(0, 20)
          .flatMap((name, at): TicketText[] => [
            ...(at === 0 ? [] : [{ text: ', ' }]),
            { text: name, style: 'code' },
          ]),
        { text: '. They are also on ' },
        { text: 'the change’s page', href: pageUrl },
        { text: '.' },
      ],
    },
  ];
}

function asked({ change, pageUrl }: TicketModel): TicketBlock {
  const { revision } = change;
  const items: TicketText[][] = [
    [
      { text: 'Merge request ' },
      { text: `!${change.mergeRequest.iid}`, href: change.url },
      { text: ': ' },
      { text: shortened(oneLine(change.title), 200), style: 'strong' },
    ],
    [{ text: 'Asked by ' }, { text: `@${oneLine(change.author.username)}`, style: 'code' }],
  ];
  if (revision !== undefined) {
    const authors = [...new Set(revision.commitEmails)].slice(0, 10).map(oneLine).join(', ');
    items.push(
      [{ text: 'Commits by ' }, { text: authors === '' ? 'nobody known' : authors, style: 'code' }],
      [
        { text: `Version ${revision.number}, commit ` },
        { text: revision.headSha, style: 'code' },
        { text: ', for ' },
        { text: shortened(oneLine(revision.targetBranch), 100), style: 'code' },
      ],
    );
  }
  items.push([{ text: 'History, gates and evidence', href: pageUrl }]);
  return { kind: 'bullets', items };
}

/** What the approval is bound to, for whoever compares it later. */
function digests({ change, tupleHash }: TicketModel): TicketBlock[] {
  if (tupleHash === undefined) return [];
  const lines = plannedProjects(change).map(({ key, plan }) => `${oneLine(key)} ${plan.digest}`);
  return [
    { kind: 'heading', level: 2, text: 'What the approval is bound to' },
    { kind: 'code', text: [`approval ${tupleHash}`, ...lines.slice(0, MOST_ROWS)].join('\n') },
  ];
}

/** The name a plan is attached under: the digest in it makes a name one content for ever. */
export function planFileName(project: string, digest: string): string {
  const place = project.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '') || 'root';
  return `plan-${place.slice(0, 120)}-${digest.slice(0, 16)}.txt`;
}
