import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { gitlabAs, jiraAs } from '#test/sandbox/house/actors.ts';
import { ask, post } from '#test/sandbox/house/http.ts';
import { evidenceRecord } from '#test/support/evidence-record.ts';
import { APPROVAL_VARIABLE, openStory, type Story, subnet, until } from '#test/support/story.ts';

const HOUR_MS = 3_600_000;

describe('mandates: what a ticket of its own puts in force until an end date', () => {
  let story: Story;
  let over: string;
  const many = { projects: ['biz/many/**'] };
  beforeAll(async () => {
    story = await openStory({
      server: { tiers: [{ name: 'standard', standing: true }, { name: 'normal' }] },
      sweepSeconds: 1,
      projects: [
        { match: 'biz/**', applyOn: 'approval', tier: 'standard' },
        { match: 'fin/**', applyOn: 'command', tier: 'normal' },
      ],
    });
    // Adam may command by GitLab; what he lacks is the role.
    const { project } = story.scene;
    await post(`${story.gitlabUrl}/sandbox/members`, { user: 'adam', project: project.id, access_level: 40 });
    // Its time is over before anybody wants to use it.
    over = await open(standing('over', { ...many, until: later(30_000) }));
    await story.adamInJira.move(over, 'Approved');
  });
  afterAll(() => story?.close());

  const mia = () => jiraAs(story, story.scene.players.mia);
  const later = (ms: number) => new Date(Date.now() + ms).toISOString();
  let files = 0;
  const terms = async (value: object) => {
    files += 1;
    const path = join(story.dir, `terms-${files}.yaml`);
    await writeFile(path, stringify(value));
    return path;
  };
  const standing = (name: string, more: object = {}) => ({
    kind: 'standing-approval',
    name,
    projects: [`biz/${name}/**`],
    tier: 'standard',
    until: later(HOUR_MS),
    ...more,
  });
  /** Opens a mandate as somebody asked for it; the key of its ticket. */
  const open = async (value: object, requestedBy = 'olga') => {
    const { code, output } = await story.cli(
      'mandate',
      'open',
      await terms(value),
      '--requested-by',
      requestedBy,
    );
    expect({ code, output }).toMatchObject({ code: 0 });
    const key = /opened and put to review: (CHG-\d+)/.exec(output)?.[1];
    if (key === undefined) throw new Error(output);
    return key;
  };
  const change = (name: string, dir: string, ...cidrs: string[]) =>
    story.propose(name, {
      [`${dir}/main.tf`]: story.module(
        name,
        APPROVAL_VARIABLE + cidrs.map((cidr, i) => subnet(`subnet_${i}`, cidr)).join('\n'),
      ),
    });
  const comments = async (key: string) => JSON.stringify((await story.adamInJira.comments(key)).comments);
  const evidence = async (iid: number, gate: string, go = true) => {
    const { id } = await story.changeOf(iid);
    const rows = await story.query<{ result: { reason: string; evidence: Record<string, unknown> } }>(
      `select r as result from gate_evaluations, jsonb_array_elements(results) r
       where change_id = $1 and r ->> 'gate' = $2 and go = $3 order by at desc limit 1`,
      [id, gate, go],
    );
    return rows[0]?.result;
  };
  const moves = async (key: string) => {
    const { values } = await story.adamInJira.asked<{
      values: { items: { field: string; toString: string }[] }[];
    }>(`/issue/${key}/changelog`);
    return values.flatMap(({ items }) =>
      items.filter(({ field }) => field === 'status').map(({ toString: to }) => to),
    );
  };

  test('a standard change is applied with nobody asked, and its ticket, the evidence and the log say why; one too many goes to review', async () => {
    const limits = { most: { changesPerDay: 1, resourcesPerChange: 3 } };
    const value = standing('dns', limits);
    const mandate = await open(value);
    const again = await story.cli('mandate', 'open', await terms(value), '--requested-by', 'olga');
    expect(again.output).toContain(`it is there already: ${mandate}`);
    await story.adamInJira.move(mandate, 'Approved');

    const first = await change('dns-one', 'biz/dns/one', '10.2.0.0/24', '10.2.1.0/24');
    const { id, state } = await story.changeIs(first.iid, 'merged', 60_000);
    const key = state.ticket.key ?? '';
    await until('the ticket to be Done', async () => (await moves(key)).includes('Done') || undefined);
    expect(await moves(key)).toEqual(['Applying', 'Done']);
    expect(await comments(key)).toMatch(/Applied with nobody asked.*dns \(CHG-\d+\), approved by Adam/);
    expect(await comments(key)).toContain(
      `under the standing approval dns (${mandate}), approved by Adam Approver`,
    );

    expect(await evidence(first.iid, 'ticket-approved')).toMatchObject({
      reason: expect.stringContaining('change 1 of 1 within 24 hours, 2 of 3 resources'),
      evidence: {
        mandate: { key: mandate, name: 'dns', approver: 'Adam Approver', terms: { tier: 'standard' } },
        used: { changes: 1, resources: 2, destroys: 0, replaces: 0 },
      },
    });
    expect((await evidence(first.iid, 'four-eyes'))?.reason).toContain('Adam Approver approved');
    expect(await evidenceRecord(story, key)).toMatchObject({
      identity: { type: 'standard', tier: 'standard', approvalId: key },
      decision: { kind: 'standing', mandate: { key: mandate, approver: 'Adam Approver' }, decisions: [] },
      execution: { attempts: [{ outcome: 'succeeded' }], release: { tag: `release/${key}` } },
    });
    const entries = await story.entries(first.iid);
    expect(entries).toContain('ticket-prepared');
    expect(entries.indexOf('mandate-used')).toBe(entries.indexOf('attempt-claimed') + 1);
    const uses = await story.query('select project from mandate_uses where change_id = $1', [id]);
    expect(uses).toEqual([{ project: 'biz/dns/one' }]);
    expect((await story.cli('mandate', 'list')).output).toMatch(
      new RegExp(
        `${mandate} \\| standing approval dns \\|.*in force, approved by Adam Approver \\| used for 1 change`,
      ),
    );

    // The limit is 1 a day: the second goes the normal way, and says so.
    const second = await change('dns-two', 'biz/dns/two', '10.3.0.0/24');
    const asked = await story.ticketIs(second.iid, 'In review');
    expect(await comments(asked)).toMatch(
      /An approver is asked after all.*1 a day, as many changes as it allows/,
    );
    await story.adamInJira.move(asked, 'Approved');
    await story.changeIs(second.iid, 'merged');
    expect(await story.query('select 1 from mandate_uses where change_id <> $1', [id])).toEqual([]);
  });

  test('a standing approval that does not hold lets nothing through: the ticket goes to review and says why', async () => {
    const { bot } = story.scene.jira;
    const asBot = {
      authorization: `Basic ${Buffer.from(`${bot.email}:${bot.token}`).toString('base64')}`,
    };
    const keys = {
      edited: await open(standing('edited', many)),
      revoked: await open(standing('revoked', many)),
      ended: await open(standing('ended', many)),
      own: await open(standing('own', many), 'mia'),
      large: await open(standing('large', { ...many, most: { resourcesPerChange: 1 } })),
    };
    for (const key of [keys.edited, keys.revoked, keys.ended, keys.large])
      await story.adamInJira.move(key, 'Approved');
    await mia().move(keys.own, 'Approved');
    await ask(`${story.jiraUrl}/rest/api/3/issue/${keys.edited}/properties/countersign.binding`, {
      method: 'PUT',
      headers: asBot,
      body: { changeId: 'x', revision: 0, tupleHash: '0'.repeat(64), round: 1 },
    });
    await story.adamInJira.move(keys.revoked, 'In review');
    expect((await story.cli('mandate', 'end', keys.ended, '--reason', 'no longer wanted')).output).toContain(
      'ended and recorded',
    );
    expect((await story.cli('mandate', 'end', keys.ended, '--reason', 'again')).output).toContain(
      'it was over already',
    );
    await until('the time of the short one to be over', async () =>
      (await story.issue(over)).fields.status.name === 'Expired' ? true : undefined,
    );

    const { iid } = await change('many', 'biz/many/net', '10.4.0.0/24', '10.4.1.0/24');
    const key = await story.ticketIs(iid, 'In review');
    expect(await comments(key)).toMatch(
      /An approver is asked after all\..* No standing approval covers this change: over .*; edited .*; revoked .*; and \d more/,
    );
    const tried = (await evidence(iid, 'ticket-approved', false))?.evidence['tried'];
    expect(tried).toEqual([
      { mandate: 'over', ticket: over, why: expect.stringMatching(/its time was over/) },
      {
        mandate: 'edited',
        ticket: keys.edited,
        why: expect.stringMatching(/is not bound to these terms any more/),
      },
      {
        mandate: 'revoked',
        ticket: keys.revoked,
        why: expect.stringMatching(/is in review and not approved/),
      },
      { mandate: 'ended', ticket: keys.ended, why: expect.stringMatching(/was ended on .*no longer wanted/) },
      { mandate: 'own', ticket: keys.own, why: 'Mia Maintainer asked for it and approved it' },
      { mandate: 'large', ticket: keys.large, why: '2 resources are touched, and it allows 1' },
    ]);
    expect(await story.attempts(iid)).toEqual([]);
    expect(await story.entries(iid)).toContain('verdict-refused');

    const stranger = await change('none', 'biz/none/net', '10.4.2.0/24');
    const asked = await story.ticketIs(stranger.iid, 'In review');
    expect(await comments(asked)).toContain('none is for these projects and their tier');
    expect((await story.issue(keys.ended)).fields.status.name).toBe('Superseded');
  });

  test('whoever approved the standing approval does not let their own change through with it', async () => {
    const mandate = await open(standing('mias'));
    await mia().move(mandate, 'Approved');
    const asMia = gitlabAs(story, story.scene.players.mia);
    await asMia.push('mias', {
      'biz/mias/net/main.tf': story.module('mias', APPROVAL_VARIABLE + subnet('first', '10.5.0.0/24')),
    });
    const { iid } = await asMia.open('mias', 'A change of her own');
    const key = await story.ticketIs(iid, 'In review');
    expect(await comments(key)).toMatch(/Mia Maintainer approved a change of their own/);
    expect(await story.attempts(iid)).toEqual([]);
  });

  test('an operator grant lets somebody apply what it is for until it ends, and the evidence names its ticket', async () => {
    const adam = gitlabAs(story, story.scene.players.adam);
    const one = await change('granted', 'fin/granted/net', '10.6.0.0/24');
    const other = await change('elsewhere', 'fin/elsewhere/net', '10.7.0.0/24');
    for (const { iid } of [one, other]) {
      const key = await story.ticketIs(iid, 'In review');
      await mia().move(key, 'Approved');
      await story.changeIs(iid, 'ready');
    }
    await adam.comment(one.iid, 'countersign apply');
    await story.noteSays(one.iid, /\*\*Refused\*\* `countersign apply`.*does not have the operator role/s);

    const grant = {
      kind: 'operator-grant',
      person: 'adam',
      projects: ['fin/granted/**'],
      until: later(HOUR_MS),
      reason: 'Olga is away',
    };
    const tooLong = await story.cli(
      'mandate',
      'open',
      await terms({ ...grant, until: later(31 * 24 * HOUR_MS) }),
      '--requested-by',
      'olga',
    );
    expect(tooLong).toMatchObject({ code: 1, output: expect.stringContaining('at most 30 days') });
    const key = await open(grant);
    await mia().move(key, 'Approved');

    await adam.comment(other.iid, 'countersign apply');
    await story.noteSays(other.iid, /\*\*Refused\*\* `countersign apply`.*operator rights for fin\/granted/s);
    await adam.comment(one.iid, 'countersign apply');
    await story.changeIs(one.iid, 'merged', 60_000);
    expect((await evidence(one.iid, 'four-eyes'))?.evidence).toMatchObject({
      operatorGrant: { key, terms: { person: 'adam', reason: 'Olga is away' } },
    });
    expect(await story.entries(one.iid)).toContain('mandate-used');

    expect((await story.cli('mandate', 'end', key, '--reason', 'Olga is back')).code).toBe(0);
    const late = await change('late', 'fin/granted/late', '10.8.0.0/24');
    const ticket = await story.ticketIs(late.iid, 'In review');
    await mia().move(ticket, 'Approved');
    await story.changeIs(late.iid, 'ready');
    await adam.comment(late.iid, 'countersign apply');
    await story.noteSays(late.iid, /\*\*Refused\*\* `countersign apply`.*does not have the operator role/s);
    expect(await story.attempts(late.iid)).toEqual([]);
  });
});
