import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TicketValues } from '#domain/ticket-document.ts';
import type { FieldSettings } from '#domain/ticket-fields.ts';
import { content, FLAVOURS, request, type Scene, setScene, STATUS_IDS } from './adapters-jira-scene.ts';

let scene: Scene;

const VALUES: TicketValues = {
  tier: 'grave',
  changeType: 'normal',
  tierReasons: ['destroys a database', 'touches production'],
  repository: 'infra/live',
  mergeRequest: 'https://gitlab.example/infra/live/-/merge_requests/12',
  change: 'https://countersign.example/changes/chg_1',
  projects: ['fin/prod/network', 'fin/prod/dns'],
  labels: { network: ['fin'], env: ['prod', 'stage'] },
  reason: 'The link is full.\n\n{panel}[click|https://evil.example]',
  window: '2026-03-01',
};

describe.each(FLAVOURS)('fields of tickets on JIRA, %s', (flavour) => {
  const isCloud = flavour === 'cloud';
  beforeEach(async () => {
    scene = await setScene(flavour);
  });
  afterEach(async () => {
    await scene.jira.close();
  });

  test('are written as their types want them, when the ticket is opened and again with each plan', async () => {
    const id = await customFields();
    const owner = await scene.user('owner');
    const epic = await scene.rest<{ key: string }>(scene.administrator, 'POST', '/issue', {
      fields: { project: { key: 'CHG' }, issuetype: { name: 'Change' }, summary: 'An epic' },
    });
    const tickets = withFields({
      labels: ['{labels.network}', 'risk {tier}'],
      components: ['Network'],
      parent: epic.key,
      priority: { by: 'tier', values: { grave: 'High' }, otherwise: 'Low' },
      dueDate: '{window}',
      custom: {
        [id.line]: '{changeType} in {repository}',
        [id.text]: '{reason}',
        [id.number]: { by: 'tier', values: { grave: '3' } },
        [id.option]: '{tier}',
        [id.options]: '{labels.env}',
        [id.user]: owner.accountId,
        [id.date]: '{window}',
        [id.tags]: '{projects}',
        [id.group]: 'change-approvers',
        [id.absent]: '{impact}',
      },
    });
    const { key } = await tickets.open(request({ content: { ...content('s'), values: VALUES } }));
    const opened = await fieldsOf(key);
    expect(opened).toMatchObject({
      components: [{ name: 'Network' }],
      priority: { name: 'High' },
      duedate: '2026-03-01',
      [id.line]: 'normal in infra/live',
      [id.number]: 3,
      [id.option]: { value: 'grave' },
      [id.options]: [{ value: 'prod' }, { value: 'stage' }],
      [id.user]: { displayName: 'owner' },
      [id.date]: '2026-03-01',
      [id.tags]: ['fin/prod/dns', 'fin/prod/network'],
      [id.group]: { name: 'change-approvers' },
      [id.absent]: null,
    });
    expect(opened['labels']).toEqual(
      expect.arrayContaining([
        'countersign',
        'countersign-chg_1',
        'countersign-ticket-1',
        'fin',
        'risk-grave',
      ]),
    );
    const above = isCloud ? (opened['parent'] as { key: string }).key : opened[id.epic];
    expect(above).toBe(epic.key);
    expect(JSON.stringify(opened[id.text])).not.toMatch(isCloud ? /"marks"/ : /[^\\][{[]/);

    await tickets.update(key, {
      content: { ...content('s'), values: { ...VALUES, tier: 'normal', reason: 'None.' } },
      binding: request().binding,
      attachments: [],
    });
    const edited = await fieldsOf(key);
    expect(edited).toMatchObject({
      priority: { name: 'Low' },
      [id.option]: { value: 'normal' },
      [id.number]: null,
      components: [{ name: 'Network' }],
    });
    expect(edited['labels']).toEqual(
      expect.arrayContaining(['countersign-chg_1', 'risk-grave', 'risk-normal']),
    );
  });

  test('that are ours are read with the ticket when somebody else changes them; those of others are theirs', async () => {
    const id = await customFields();
    const tickets = withFields({
      labels: [],
      components: [],
      priority: 'High',
      dueDate: '{window}',
      custom: { [id.line]: 'Fall-back: {reason}' },
    });
    const { key } = await tickets.open(request({ content: { ...content('s'), values: VALUES } }));
    await tickets.move(key, ['requested'], 'in-review');
    const [opening] = (await tickets.read(key)).moves;
    const edit = async (fields: Record<string, unknown>) => {
      await scene.rest(scene.approver, 'PUT', `/issue/${key}`, { fields });
      return (await tickets.read(key)).edits?.filter(({ account }) => account === scene.approver.accountId);
    };
    expect(await edit({ [id.number]: 7, [id.tags]: ['calm'] })).toBeUndefined();
    const fields = { after: opening?.id, account: scene.approver.accountId, what: ['fields'] };
    expect(await edit({ priority: { name: 'Low' } })).toMatchObject([fields]);
    expect(await edit({ duedate: '2027-03-01' })).toHaveLength(2);
    expect(await edit({ [id.line]: 'nothing can go wrong' })).toHaveLength(3);

    // They come back with the next writing, which is seen as ours.
    const values = { content: { ...content('s'), values: VALUES }, binding: request().binding };
    await tickets.update(key, { ...values, attachments: [] });
    expect((await tickets.read(key)).edits?.at(-1)).toMatchObject({
      account: scene.bot.accountId,
      what: expect.arrayContaining(['fields']),
    });
    const written = await fieldsOf(key);
    expect(written).toMatchObject({ priority: { name: 'High' }, duedate: '2026-03-01' });
    expect(JSON.stringify(written[id.line])).toContain('The link is full');
  });

  test('that nothing is configured for are nobody’s edits', async () => {
    const { key } = await scene.tickets.open(request());
    await scene.tickets.move(key, ['requested'], 'in-review');
    await scene.rest(scene.approver, 'PUT', `/issue/${key}`, { fields: { priority: { name: 'Low' } } });
    expect((await scene.tickets.read(key)).edits).toBeUndefined();
  });

  test('refuse what does not fit, by the name of the field, before there is a ticket', async () => {
    const id = await customFields();
    const values = { ...VALUES, tier: 'unheard-of' };
    for (const [custom, why] of [
      [{ [id.option]: '{tier}' }, `${id.option} (Tier) does not offer "unheard-of"; it offers normal, grave`],
      [{ [id.number]: '{tier}' }, `${id.number} (Points) takes a number, not "unheard-of"`],
      [{ [id.date]: '{tier}' }, `${id.date} (Window) takes a date such as 2026-01-31`],
      [{ [id.cascading]: '{tier}' }, `${id.cascading} (Region) is of the type option-with-child`],
      [
        { customfield_99999: '{tier}' },
        'customfield_99999 (unknown) is configured, and JIRA has no such field',
      ],
    ] as const) {
      const tickets = withFields({ labels: [], components: [], custom });
      const opening = tickets.open(request({ content: { ...content('s'), values } }));
      await expect(opening).rejects.toMatchObject({
        code: 'jira-field',
        retryable: false,
        message: expect.stringContaining(why),
      });
    }
    expect(await scene.issuesMade()).toBe(0);
  });

  test('are looked at before any ticket is opened: what is missing, mistyped or filled by nobody', async () => {
    const id = await customFields();
    await scene.sandbox('POST', '/custom-fields', {
      id: 'customfield_20001',
      name: 'Cost centre',
      type: 'string',
      required: true,
    });
    const findings = await withFields({
      labels: [],
      components: ['Nowhere'],
      custom: { [id.option]: 'grave', [id.cascading]: '{tier}', customfield_99999: '{tier}' },
    }).examine();
    const found = (subject: string) => findings.find((each) => each.subject === subject);
    expect(found(`field ${id.option}`)).toMatchObject({ state: 'well', found: 'Tier, option' });
    expect(found(`field ${id.cascading}`)).toMatchObject({ state: 'wrong' });
    expect(found('field customfield_99999')).toMatchObject({ state: 'wrong' });
    expect(found('field components')).toMatchObject({
      state: 'wrong',
      found: expect.stringContaining('it offers Network, Storage'),
    });
    expect(found('field customfield_20001')).toMatchObject({
      state: 'wrong',
      found: 'Cost centre is required and nothing fills it: no ticket can be opened',
    });
  });

  test('an examination of a JIRA that is as it should be finds nothing wrong', async () => {
    const tickets = scene.adapter({
      botAccount: scene.bot.accountId,
      approverGroups: ['change-approvers'],
    });
    await scene.inReview();
    const findings = await tickets.examine();
    expect(findings.filter(({ state }) => state !== 'well')).toEqual([]);
    expect(findings.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['account', 'permissions', 'approver groups', 'status approved', 'transitions']),
    );
  });

  test('an examination names what is wrong with account, rights, groups, statuses and transitions', async () => {
    await scene.inReview();
    await scene.sandbox('PUT', '/groups/change-approvers/members', { accountIds: [scene.bot.accountId] });
    await scene.sandbox('PUT', '/groups/change-bots/members', { accountIds: [] });
    await scene.sandbox('PUT', '/projects/CHG/permissions', { CREATE_ATTACHMENTS: [] });
    const tickets = scene.adapter({
      botAccount: 'somebody-else',
      approverGroups: ['change-approvers'],
      statusIds: { ...STATUS_IDS, expired: '99' },
    });
    const wrong = (await tickets.examine()).filter(({ state }) => state === 'wrong');
    const told = (subject: string) =>
      wrong
        .filter((each) => each.subject === subject)
        .map((each) => each.found)
        .join('; ');
    expect(told('account')).toContain('jira.botAccount says somebody-else');
    expect(told('permissions')).toContain('lacks CREATE_ATTACHMENTS');
    expect(told('approver groups')).toContain('our own account is in change-approvers');
    expect(told('status expired')).toContain('has no status 99');
    expect(told('transitions')).toContain('is offered none to requested');
    expect(told('transitions')).toContain('our own account may move CHG-1 to approved');
  });

  test('an examination of a JIRA that does not answer says so of every part', async () => {
    await scene.sandbox('POST', '/stop', { mode: 'unavailable' });
    const findings = await scene.adapter({}).examine();
    expect(findings.filter(({ subject }) => subject !== 'approver groups')).toSatisfy(
      (all: typeof findings) => all.every(({ state }) => state === 'doubtful'),
    );
  }, 60_000);
});

/** A field of each type; ids by what they are for. */
async function customFields() {
  const types = {
    line: { name: 'Change type', type: 'string' },
    text: { name: 'Reason', type: 'textarea' },
    number: { name: 'Points', type: 'number' },
    option: { name: 'Tier', type: 'option', options: ['normal', 'grave'] },
    options: { name: 'Environments', type: 'multi-option', options: ['prod', 'stage'] },
    user: { name: 'Owner', type: 'user' },
    date: { name: 'Window', type: 'date' },
    tags: { name: 'Projects', type: 'labels' },
    group: { name: 'Asked', type: 'group' },
    epic: { name: 'Epic Link', type: 'epic-link' },
    absent: { name: 'Impact', type: 'string' },
    cascading: { name: 'Region', type: 'cascading' },
  };
  const ids: Record<string, string> = {};
  for (const [name, field] of Object.entries(types))
    ids[name] = (await scene.sandbox<{ id: string }>('POST', '/custom-fields', field)).id;
  return ids as Record<keyof typeof types, string>;
}

function withFields(fields: FieldSettings) {
  return scene.adapter({ botAccount: scene.bot.accountId, fields });
}

async function fieldsOf(key: string): Promise<Record<string, unknown>> {
  return (await scene.rest<{ fields: Record<string, unknown> }>(scene.bot, 'GET', `/issue/${key}`)).fields;
}
