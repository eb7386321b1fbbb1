import { describe, expect, test } from 'vitest';
import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';
import { comparePlans } from '#domain/plan/compare.ts';
import { workPlanOf } from '#domain/work-plan.ts';
import type { PlanComparison } from '#messages/answer-diff.ts';
import { differenceBlocks, textLength, type WorkPlanEdit } from '#messages/ticket-difference.ts';
import {
  backInReview,
  closingComment,
  decisionDoesNotCount,
  openedAfter,
  rejectedBefore,
  withdrawnFromReview,
} from '#messages/ticket-comments.ts';
import { adfLength } from '#adapters/jira/cloud/adf.ts';
import { wikiLength } from '#adapters/jira/dc/wiki.ts';
import { fitted, longestFitting } from '#adapters/jira/fitted.ts';
import type { BlastRadius } from '#domain/blast-radius.ts';
import { type PlanFile, planFileName, workPlanFileName } from '#messages/plan-files.ts';
import { ticketContent } from '#messages/ticket-content.ts';
import {
  approvedBy,
  demanding,
  GRAVE,
  model,
  openTicket,
  PAGE,
  planModel,
  project,
  resource,
  sampleChange,
} from './sample-change.ts';

describe('the ticket', () => {
  test('of a change that waits for approval', async () => {
    const { summary, body } = ticketContent({
      ...model(),
      tupleHash: 'e'.repeat(64),
      attachments: FILES,
      differences: [],
      labels: {},
      blast: BLAST,
    });
    await expect(`${summary}\n\n${asText(body)}`).toMatchFileSnapshot('snapshots/ticket.txt');
  });

  test('says who has to approve, who did, and the work plan as its author wrote it', async () => {
    const given = approvedBy('adam', 'Adam Approver', 'network');
    const ticket = openTicket({
      review: {
        status: 'in-review',
        round: 1,
        tupleHash: 'e',
        moveId: '1',
        since: '2026-11-01T10:05:00Z',
        given: [given],
      },
      previous: 'CHG-9',
    });
    const change = demanding(GRAVE, sampleChange({ description: WORK_PLAN, ticket }));
    const { body } = ticketContent({
      ...model(change),
      tupleHash: 'e'.repeat(64),
      attachments: FILES,
      differences: [],
      labels: {},
      blast: { dependents: [], shared: [], projects: 2 },
      previous: { key: 'CHG-9', url: 'https://jira.test/browse/CHG-9' },
    });
    await expect(asText(body)).toMatchFileSnapshot('snapshots/ticket-demanding.txt');
  });

  test('whose work plan is not complete says so before anything else', () => {
    const change = demanding(GRAVE, sampleChange({ description: '## Reason\nMore room.' }));
    const { body } = ticketContent({
      ...model(change),
      tupleHash: 'e',
      attachments: [],
      differences: [],
      labels: {},
    });
    const [meaning, first] = body;
    expect(meaning?.kind).toBe('panel');
    expect(first).toMatchObject({ kind: 'panel', tone: 'warning' });
    expect(asText(first === undefined ? [] : [first])).toContain(
      'The work plan lacks Impact, Fall-back and Window.',
    );
  });

  test('whose work plan was edited since the approval shows both, section by section', async () => {
    const change = demanding(GRAVE, sampleChange({ description: WORK_PLAN }));
    const { body } = ticketContent({
      ...model(change),
      tupleHash: 'e',
      attachments: [],
      differences: [],
      labels: {},
      workPlanEdit: {
        approved: { reason: 'More room for the payment hub.', window: 'Any evening.' },
        present: { reason: 'More room for the payment hub.', window: 'Tuesday at noon.', impact: 'None.' },
      },
    });
    const from = asText(body).indexOf('## What changed');
    await expect(asText(body).slice(from, from + 300)).toMatchFileSnapshot(
      'snapshots/ticket-work-plan-edited.txt',
    );
  });

  test('offers its fields what is known of the change', () => {
    const change = demanding(GRAVE, sampleChange({ description: WORK_PLAN }));
    const { values } = ticketContent({
      ...model(change),
      tupleHash: 'e',
      attachments: [],
      differences: [],
      labels: { network: ['biz', 'fin'], env: ['dev', 'prod'] },
    });
    expect(values).toEqual({
      tier: 'grave',
      changeType: 'normal',
      tierReasons: ['replaces or destroys in production', 'more than 3 resources'],
      repository: 'fin/infra',
      mergeRequest: 'https://gitlab.test/fin/infra/-/merge_requests/12',
      change: PAGE,
      projects: ['fin/prod/network', 'biz/dev/network'],
      labels: { network: ['biz', 'fin'], env: ['dev', 'prod'] },
      reason: 'More room for the payment hub.',
      impact:
        'Nobody notices, except:\n- the hub, which is reached over another gateway\n- monitoring, for a minute',
      fallBack: 'Revert the merge request.',
      window: 'Tuesday at noon.',
    });
  });

  test('of a long work plan shows the beginning of each section and names the file with the rest', () => {
    const long = Array.from({ length: 200 }, (_, n) => `- step ${n} of the way back`).join('\n');
    const change = sampleChange({ description: `## Reason\nx\n## Fall-back\n${long}` });
    const { body } = ticketContent({
      ...model(change),
      tupleHash: 'e',
      attachments: [],
      differences: [],
      labels: {},
    });
    expect(asText(body)).toContain('* step 0 of the way back');
    expect(asText(body)).not.toContain('step 199');
    expect(asText(body)).toContain('The rest is in the attached work plan.');
  });

  test('that comes before its plan', async () => {
    const change = sampleChange({ projects: [project('fin/prod/network', 'opening-ticket')] });
    const { summary, body } = ticketContent({
      ...model(change),
      tupleHash: undefined,
      attachments: [],
      differences: [],
      labels: {},
    });
    await expect(`${summary}\n\n${asText(body)}`).toMatchFileSnapshot('snapshots/ticket-before-plan.txt');
  });

  test('names one project in its summary and counts the others, in 255 characters', () => {
    const projects = Array.from({ length: 30 }, (_, n) =>
      project(`${'team/'.repeat(50)}p${n}`, 'awaiting-approval'),
    );
    const { summary } = ticketContent({
      ...model(sampleChange({ projects })),
      tupleHash: 'e',
      attachments: [],
      differences: [],
      labels: {},
    });
    expect(summary.length).toBeLessThanOrEqual(255);
    expect(summary).toMatch(/to add/);
  });

  test('fits into what JIRA stores, however large the plan, and says how much it leaves out', () => {
    const resources = Array.from({ length: 2_000 }, (_, n) =>
      resource(`terraform_data.${'r'.repeat(300)}${n}`, 'update'),
    );
    const change = sampleChange({ projects: [project('fin/dev/network', 'awaiting-approval')] });
    const plans = new Map([['fin/dev/network', planModel('fin/dev/network', resources)]]);
    const { body } = ticketContent({
      ...model(change),
      plans,
      tupleHash: 'e'.repeat(64),
      attachments: [],
      differences: [],
      labels: {},
    });
    expect(asText(body).length).toBeLessThan(32_767);
    expect(asText(body)).toMatch(/And \d+ more resources/);
  });

  test('of waves says what is a forecast, and that it comes back if that was wrong', () => {
    const later = { ...project('fin/prod/app', 'awaiting-approval'), wave: 1 };
    const change = sampleChange({ projects: [project('fin/prod/network', 'awaiting-approval'), later] });
    const { body } = ticketContent({
      ...model(change),
      tupleHash: 'e',
      attachments: [],
      differences: [],
      labels: {},
    });
    expect(asText(body)).toContain(
      'Wave 2 is a forecast: what it does depends on what is applied before it.',
    );
    expect(asText(body)).toContain('2, forecast');
  });

  test('that comes back shows what is not as it was approved, resource by resource', async () => {
    const change = sampleChange({ wave: 1, projects: [project('fin/prod/network', 'awaiting-approval')] });
    const body = ticketContent({
      ...model(change),
      tupleHash: 'e',
      attachments: [],
      differences: [differing(1)],
      labels: {},
    });
    await expect(asText(body.body)).toMatchFileSnapshot('snapshots/ticket-back-in-review.txt');
    const comment = backInReview({
      why: 'wave 2 came out differently',
      differences: [differing(1)],
      pageUrl: PAGE,
    });
    await expect(asText(comment)).toMatchFileSnapshot('snapshots/comment-back-in-review.txt');
  });

  test('holds what JIRA stores, however many projects, resources and differences there are', () => {
    const keys = Array.from({ length: 200 }, (_, n) => `team/${'long/'.repeat(20)}p${n}`);
    const resources = Array.from({ length: 20 }, (_, n) =>
      resource(`module.${'m'.repeat(150)}.terraform_data.r${n}`, 'update', [
        { ...VALUE, path: ['a'.repeat(80)], before: 'x'.repeat(300), after: 'y' },
      ]),
    );
    const many = Array.from({ length: 50 }, (_, n) => `${'reason '.repeat(40)}${n}`);
    const steps = many.map((id) => ({ id, from: [id, `${id}!`], count: 2 }));
    const description = ['Reason', 'Impact', 'Fall-back', 'Window']
      .map((title) => `## ${title}\n${'- a step on the way\n'.repeat(300)}`)
      .join('\n');
    const projects = keys.map((key) => project(key, 'awaiting-approval'));
    const demand = { ...GRAVE, reasons: many, approvals: steps.slice(0, 20) };
    const change = demanding(demand, sampleChange({ projects, description }));
    const blast = {
      projects: 900,
      dependents: keys.map((key) => ({ project: key, through: key, by: 'state' as const })),
      shared: keys.map((key) => ({ path: key, users: 200, outside: keys })),
    };
    const attachments = keys.map((key) => ({ name: `${key}.txt`, holds: key, sha256: 'f'.repeat(64) }));
    const plans = new Map(keys.map((key) => [key, planModel(key, resources)]));
    const differences = keys.map((key) => ({ ...differing(30), key }));
    const content = ticketContent({
      ...model(change),
      plans,
      tupleHash: 'e',
      attachments,
      differences,
      labels: {},
      blast,
      workPlanEdit: {
        approved: { reason: 'x'.repeat(4_000), window: 'y'.repeat(4_000) },
        present: workPlanOf(description).sections,
      },
    });
    const { body } = content;
    expect(textLength(body)).toBeLessThan(32_767);
    expect(asText(body)).toMatch(/And \d+ more projects/);
    for (const lengthOf of [adfLength, wikiLength]) {
      const taken = fitted(longestFitting(content, lengthOf), lengthOf);
      expect(lengthOf(taken)).toBeLessThanOrEqual(32_767);
      expect(taken.at(0)).toEqual(body.at(0));
      expect(asText(taken)).toMatch(/What the approval is bound to/);
    }
    expect(textLength(backInReview({ why: 'x', differences, pageUrl: PAGE }))).toBeLessThan(32_767);
  });

  test('attaches a plan under a name that is safe and changes with the plan', () => {
    const name = planFileName('../fin/prod net:blue', 'abcdef0123456789ffff', 'txt');
    expect(name).toBe('plan-fin-prod-net-blue-abcdef0123456789.txt');
    expect(planFileName('.', 'a', 'json')).toBe('plan-root-a.json');
  });
});

const WORK_PLAN = [
  '## Reason',
  'More room for the payment hub.',
  '## Impact',
  '<!-- who notices? -->',
  'Nobody notices, except:',
  '- the hub, which is reached over another gateway',
  '- monitoring, for a minute',
  '### Fall-back',
  'Revert the merge request.',
  '# Window',
  'Tuesday at noon.',
].join('\n');

const FILES: readonly PlanFile[] = [
  {
    name: planFileName('fin/prod/network', 'a'.repeat(64), 'txt'),
    holds: 'the plan of fin/prod/network as text',
    sha256: 'a'.repeat(64),
  },
  {
    name: planFileName('fin/prod/network', 'b'.repeat(64), 'json'),
    holds: 'the plan of fin/prod/network as JSON',
    sha256: 'b'.repeat(64),
  },
  { name: workPlanFileName('c'.repeat(64)), holds: 'the work plan', sha256: 'c'.repeat(64) },
];

const BLAST: BlastRadius = {
  projects: 12,
  dependents: [
    { project: 'biz/prod/app', through: 'fin/prod/app', by: 'state' },
    { project: 'fin/prod/app', through: 'fin/prod/network', by: 'dependsOn' },
  ],
  shared: [{ path: 'modules/vpc', users: 5, outside: ['biz/prod/network'] }],
};

const VALUE = { sensitive: false, unknown: false, forcesReplacement: false };

/** A plan with so many resources that are planned with another size than was approved. */
function differing(count: number): PlanComparison {
  const sized = (size: number) =>
    Array.from({ length: count }, (_, n) =>
      resource(`terraform_data.disk${n}`, 'update', [{ ...VALUE, path: ['size'], before: 0, after: size }]),
    );
  const { summary: before } = planModel('fin/prod/network', sized(1));
  const { summary: after } = planModel('fin/prod/network', sized(2));
  return {
    key: 'fin/prod/network',
    hasPlan: true,
    base: { isApproved: true, at: '2026-11-01T10:00:00Z', revision: 2 },
    difference: comparePlans({ digest: 'd1', summary: before }, { digest: 'd2', summary: after }),
  };
}

describe('what comes out differently', () => {
  const headingOf = (comparisons: readonly PlanComparison[], edit?: WorkPlanEdit) =>
    asText(differenceBlocks(comparisons, 10_000, edit)).split('\n', 1)[0];
  const firstSeen: PlanComparison = { key: 'fin/prod/dns', hasPlan: true };
  const edit: WorkPlanEdit = { approved: { reason: 'a' }, present: { reason: 'b' } };

  test('is called a change since the approval where something was approved', () => {
    expect(headingOf([differing(1), firstSeen])).toContain('What changed since it was approved');
    expect(headingOf([firstSeen], edit)).toContain('What changed since it was approved');
  });

  test('is called a change since the plan before where nothing was', () => {
    const base = { isApproved: false, at: '2026-11-01T10:00:00Z', revision: 2 };
    expect(headingOf([firstSeen])).toContain('What changed since the plan before');
    expect(headingOf([{ ...differing(1), base }, firstSeen])).toContain('What changed since the plan before');
  });
});

describe('comments on the ticket', () => {
  const checkpoint = 'countersign.test/log\n42\nq5Rg==\n\n— countersign.test/log sig\n';
  const done = sampleChange({
    projects: [project('fin/prod/network', 'released')],
    release: { status: 'tagged', tag: 'release/CHG-12', sha: '4'.repeat(40), at: '2026-11-01T11:00:00Z' },
  });

  test.each(['done', 'failed', 'partial', 'superseded', 'no-changes', 'cancelled', 'expired'] as const)(
    'the closing one of a ticket that ends as %s',
    async (outcome) => {
      const ticket = { status: 'closed', number: 1, key: 'CHG-12', url: '', outcome } as const;
      const change = { ...(outcome === 'done' ? done : sampleChange()), ticket };
      const told = { key: 'CHG-12', change, outcome, reason: 'the reason', pageUrl: PAGE };
      const body = closingComment({ ...told, checkpoint: outcome === 'done' ? checkpoint : undefined });
      await expect(asText(body)).toMatchFileSnapshot(`snapshots/comment-closing-${outcome}.txt`);
    },
  );

  test('carry the checkpoint unchanged, so that it can be cut out and verified', () => {
    const body = closingComment({
      key: 'CHG-12',
      change: done,
      outcome: 'done',
      reason: '',
      checkpoint,
      pageUrl: PAGE,
    });
    expect(body.at(-1)).toEqual({ kind: 'code', text: checkpoint });
  });

  test('the closing one holds what JIRA takes with its checkpoint, and what went wrong first', () => {
    const projects = Array.from({ length: 200 }, (_, n) => project(`${'team/'.repeat(40)}p${n}`, 'released'));
    const failed = { ...project('fin/prod/last', 'apply-failed'), reason: '"'.repeat(1_000) };
    const told = { key: 'CHG-12', outcome: 'partial', reason: 'r'.repeat(2_000), pageUrl: PAGE } as const;
    const ticket = { status: 'closed', number: 1, key: 'CHG-12', url: '', outcome: 'partial' } as const;
    const change = sampleChange({ projects: [...projects, failed], ticket });
    const body = closingComment({ ...told, change, checkpoint });
    expect(adfLength(body)).toBeLessThanOrEqual(32_767);
    expect(wikiLength(body)).toBeLessThanOrEqual(32_767);
    expect(body.at(-1)).toEqual({ kind: 'code', text: checkpoint });
    const table = body.find((block) => block.kind === 'table');
    expect(table?.rows).toHaveLength(30);
    expect(table?.rows[0]?.[0]).toMatchObject([{ text: 'fin/prod/last' }]);
    expect(asText(body)).toContain('And 171 more projects.');
  });

  test('the closing one says nothing of the revision that goes on under another ticket', () => {
    const told = { outcome: 'failed', reason: 'revision 3 took its place', pageUrl: PAGE } as const;
    const opening = sampleChange({ ticket: { status: 'opening', number: 2, previous: 'CHG-12' } });
    const body = closingComment({ ...told, key: 'CHG-12', change: opening, checkpoint: undefined });
    expect(body.some(({ kind }) => kind === 'table')).toBe(false);
    expect(asText(body)).toContain('Revision 3 took its place.');
  });

  test('tell why a decision does not count, why it left review, and what came before', async () => {
    const all = [
      ...rejectedBefore(PAGE),
      ...decisionDoesNotCount({
        decision: 'approved',
        why: 'the approver is the author of a commit',
        pageUrl: PAGE,
      }),
      ...withdrawnFromReview({ why: 'version 3 was pushed', pageUrl: PAGE }),
      ...openedAfter({
        previous: { key: 'CHG-12', url: 'https://jira.test/browse/CHG-12' },
        why: 'an apply had started under it',
      }),
    ];
    await expect(asText(all)).toMatchFileSnapshot('snapshots/comments.txt');
  });
});

/** The document as plain text, for reading in a review. */
function asText(blocks: readonly TicketBlock[]): string {
  return `${blocks.map(blockText).join('\n\n')}\n`;
}

function blockText(block: TicketBlock): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${block.text}`;
    case 'paragraph':
      return partsText(block.parts);
    case 'panel':
      return `(${block.tone}) ${partsText(block.parts)}`;
    case 'bullets':
      return block.items.map((item) => `* ${partsText(item)}`).join('\n');
    case 'table':
      return [block.header.join(' | '), ...block.rows.map((row) => row.map(partsText).join(' | '))].join(
        '\n',
      );
    case 'code':
      return block.text;
  }
}

function partsText(parts: readonly TicketText[]): string {
  return parts.map((part) => ('href' in part ? `${part.text} <${part.href}>` : part.text)).join('');
}
