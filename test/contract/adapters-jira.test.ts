import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { content, FLAVOURS, request, type Scene, setScene } from './adapters-jira-scene.ts';

// Each adapter against the JIRA double of its flavour, over HTTP. What the doubles are worth is checked elsewhere in this
// folder.

let scene: Scene;

describe.each(FLAVOURS)('JIRA, %s', (flavour) => {
  const isCloud = flavour === 'cloud';
  beforeEach(async () => {
    scene = await setScene(flavour);
  });
  afterEach(async () => {
    await scene.jira.close();
  });

  describe('opening a ticket', () => {
    test('makes one ticket with its binding, which reads back as requested and bound', async () => {
      const { key, url } = await scene.tickets.open(request());
      const reading = await scene.tickets.read(key);
      expect(reading).toMatchObject({
        key,
        status: 'requested',
        exists: true,
        boundTuple: 'tuple-1',
        moves: [],
      });
      expect(url).toBe(`${scene.jira.url}/browse/${key}`);
    });

    test('an answer lost after the ticket was made leads to that ticket, although search lags behind', async () => {
      await scene.sandbox('PATCH', '/settings', { searchLagMs: 1_000 });
      await scene.fault({ kind: 'reset-after-write', method: 'POST', path: '/issue$' });
      await expect(scene.tickets.open(request())).rejects.toMatchObject({
        code: 'jira-unreachable',
        retryable: true,
      });
      const { key } = await scene.tickets.open(request({ mayExist: true }));
      expect(await scene.issuesMade()).toBe(1);
      expect(key).toBe('CHG-1');
    });

    test('of two tickets made for one change the oldest is kept; the other says so and is closed', async () => {
      await scene.sandbox('PATCH', '/settings', { searchLagMs: 60_000 });
      const first = await scene.tickets.open(request());
      const second = await scene.tickets.open(request());
      expect(second.key).not.toBe(first.key);
      await scene.sandbox('POST', '/search-index/catch-up');
      const kept = await scene.tickets.open(request({ mayExist: true }));
      expect(kept.key).toBe(first.key);
      expect((await scene.tickets.read(second.key)).status).toBe('superseded');
    });

    test('an issue that somebody else gave our labels is not taken for ours', async () => {
      await scene.rest(scene.approver, 'POST', '/issue', {
        fields: {
          project: { key: 'CHG' },
          issuetype: { name: 'Change' },
          summary: 'looks like yours',
          labels: ['countersign', 'countersign-chg_1', 'countersign-ticket-1'],
        },
      });
      const { key } = await scene.tickets.open(request({ mayExist: true }));
      expect(key).toBe('CHG-2');
    });

    test('a rate limit is told with how long to wait, and nothing is sent twice', async () => {
      await scene.fault({ kind: 'rate-limited', method: 'POST', path: '/issue$', retryAfterSeconds: 30 });
      await expect(scene.tickets.open(request())).rejects.toMatchObject({
        code: 'jira-rate-limited',
        retryable: true,
        retryAfterMs: 30_000,
      });
      expect(await scene.issuesMade()).toBe(0);
    });
  });

  describe('moving a ticket', () => {
    test('returns the changelog id of our move, and the same again when asked twice', async () => {
      const { key } = await scene.tickets.open(request());
      const first = await scene.tickets.move(key, ['requested'], 'in-review');
      const again = await scene.tickets.move(key, ['requested'], 'in-review');
      expect(first).toMatchObject({ moved: true });
      expect(again).toEqual(first);
    });

    test('a move whose answer was lost is found to have been made', async () => {
      const { key } = await scene.tickets.open(request());
      await scene.fault({ kind: 'reset-after-write', method: 'POST', path: '/transitions$' });
      expect(await scene.tickets.move(key, ['requested'], 'in-review')).toMatchObject({ moved: true });
      expect((await scene.tickets.read(key)).moves).toHaveLength(1);
    });

    test('is refused with the present status when the ticket is elsewhere', async () => {
      const { key } = await scene.tickets.open(request());
      const answer = await scene.tickets.move(key, ['approved'], 'applying');
      expect(answer).toMatchObject({ moved: false, status: 'requested' });
    });

    test('our account cannot approve: the workflow offers it no such transition', async () => {
      const { key } = await scene.tickets.open(request());
      await scene.tickets.move(key, ['requested'], 'in-review');
      const answer = await scene.tickets.move(key, ['in-review'], 'approved');
      expect(answer).toMatchObject({ moved: false, status: 'in-review' });
    });

    test('a move that somebody else made is not taken for ours', async () => {
      const key = await scene.inReview();
      await scene.decide(key, 'approved');
      const answer = await scene.tickets.move(key, ['in-review'], 'approved');
      expect(answer).toMatchObject({ moved: false, status: 'approved' });
    });

    test('a transition that loses a race is refused, not repeated', async () => {
      const { key } = await scene.tickets.open(request());
      await scene.fault({ kind: 'conflict', method: 'POST', path: '/transitions$' });
      const answer = await scene.tickets.move(key, ['requested'], 'in-review');
      expect(answer).toMatchObject({ moved: false, status: 'requested' });
    });
  });

  describe('reading a ticket', () => {
    test('names who moved it, in the changelog’s order, and that they are a person', async () => {
      const key = await scene.inReview();
      await scene.decide(key, 'approved');
      const { status, moves, digest } = await scene.tickets.read(key);
      expect(status).toBe('approved');
      expect(moves).toMatchObject([
        { from: 'requested', to: 'in-review', account: scene.bot.accountId, accountKind: 'app' },
        {
          from: 'in-review',
          to: 'approved',
          account: scene.approver.accountId,
          accountKind: 'person',
          active: true,
        },
      ]);
      expect(moves.every((move) => /^[0-9a-f]{64}$/.test(move.digest))).toBe(true);
      expect((await scene.tickets.read(key)).digest).toBe(digest);
    });

    test('names who changed what an approver reads, and since which move', async () => {
      const key = await scene.inReview();
      const [opening] = (await scene.tickets.read(key)).moves;
      const { accountId } = scene.approver;
      await scene.rest(scene.approver, 'PUT', `/issue/${key}`, { fields: { summary: 'harmless' } });
      expect((await scene.tickets.read(key)).edits?.at(-1)).toMatchObject({
        after: opening?.id,
        account: accountId,
        what: ['summary'],
      });
      await scene.rest(scene.approver, 'PUT', `/issue/${key}`, { fields: { labels: ['seen'] } });
      expect((await scene.tickets.read(key)).edits?.at(-1)).toMatchObject({ what: ['summary'] });
    });

    test('tells who wrote last before it came to review; the same text written again says nothing', async () => {
      const { key } = await scene.tickets.open(request());
      const write = () => scene.tickets.update(key, { ...request(), attachments: [] });
      const { accountId } = scene.approver;
      await scene.rest(scene.approver, 'PUT', `/issue/${key}`, { fields: { summary: 'harmless' } });
      const others = { account: accountId, what: ['summary'] };
      expect((await scene.tickets.read(key)).edits).toEqual([expect.objectContaining(others)]);
      await write();
      const edits = (await scene.tickets.read(key)).edits;
      expect(edits?.at(-1)).toMatchObject({ account: scene.bot.accountId, what: ['summary'] });
      await write();
      await scene.tickets.move(key, ['requested'], 'in-review');
      expect((await scene.tickets.read(key)).edits).toEqual(edits);
      expect(edits?.some(({ after }) => after !== undefined)).toBe(false);
    });

    test('reads a changelog of more than one page to its end', async () => {
      const key = await scene.inReview();
      for (let n = 0; n < 110; n += 1) {
        await scene.rest(scene.bot, 'PUT', `/issue/${key}`, { fields: { summary: `edit ${n}` } });
      }
      await scene.decide(key, 'rejected');
      expect((await scene.tickets.read(key)).moves.map((move) => move.to)).toEqual(['in-review', 'rejected']);
    });

    test('a ticket that is gone does not exist, and is no fault', async () => {
      expect(await scene.tickets.read('CHG-404')).toMatchObject({ exists: false, moves: [] });
    });

    test('passing failures of a read are waited out; a stopped JIRA is a fault that says so', async () => {
      const { key } = await scene.tickets.open(request());
      await scene.fault({
        kind: 'server-error',
        method: 'GET',
        path: isCloud ? '/changelog$' : '/issue/CHG-1$',
      });
      expect((await scene.tickets.read(key)).status).toBe('requested');
      await scene.sandbox('POST', '/stop', { mode: 'unavailable' });
      await expect(scene.tickets.read(key)).rejects.toMatchObject({ code: 'jira-failing', retryable: true });
    });

    test('a key that is none never reaches JIRA', async () => {
      await expect(scene.tickets.read('CHG-1/../../myself')).rejects.toThrow('not a ticket key');
    });
  });

  describe('writing to a ticket', () => {
    test('an attachment is added once, however often the ticket is updated, and the binding follows', async () => {
      const { key } = await scene.tickets.open(request());
      const attachments = [{ name: 'plan-a-1234.txt', mediaType: 'text/plain', content: Buffer.from('+ a') }];
      const update = {
        content: content('again'),
        binding: { ...request().binding, tupleHash: 'tuple-2' },
        attachments,
      };
      await scene.tickets.update(key, update);
      await scene.tickets.update(key, update);
      const issue = await scene.rest<{ fields: { attachment: { filename: string }[]; summary: string } }>(
        scene.bot,
        'GET',
        `/issue/${key}`,
      );
      expect(issue.fields.attachment.map((each) => each.filename)).toEqual(['plan-a-1234.txt']);
      expect(issue.fields.summary).toBe('again');
      expect((await scene.tickets.read(key)).boundTuple).toBe('tuple-2');
    });

    test('a comment is there once, also when the answer to it was lost', async () => {
      const { key } = await scene.tickets.open(request());
      const say = () =>
        scene.tickets.comment(key, 'countersign:chg_1:closing', [{ kind: 'code', text: 'log\n1\nroot' }]);
      await scene.fault({ kind: 'reset-after-write', method: 'POST', path: '/comment$' });
      await expect(say()).rejects.toMatchObject({ code: 'jira-unreachable' });
      await say();
      await say();
      const { comments } = await scene.rest<{ comments: unknown[] }>(
        scene.bot,
        'GET',
        `/issue/${key}/comment`,
      );
      expect(comments).toHaveLength(1);
    });

    test('what JIRA is slow to write is there once, and is waited for before it is written again', async () => {
      const { key } = await scene.tickets.open(request());
      const hurried = scene.adapter({ botAccount: scene.bot.accountId, timeoutMs: 300 });
      for (const path of ['/comment$', '/attachments$'])
        await scene.fault({ kind: 'slow', method: 'POST', path, delayMs: 400 });
      const say = () => hurried.comment(key, 'countersign:chg_1:closing', []);
      const attachments = [{ name: 'plan-a-1234.txt', mediaType: 'text/plain', content: Buffer.from('+ a') }];
      const attach = () => hurried.update(key, { ...request(), attachments });
      await say();
      await say();
      expect(await scene.tickets.ownComments(key)).toEqual(['countersign:chg_1:closing']);
      const sent = scene.calls.filter(({ method, route }) => method === 'POST' && route.endsWith('comment'));
      expect(sent.map(({ status }) => status)).toEqual([0]);
      // An upload that is broken off may never have come to its end.
      await attach().catch(attach);
      const { fields } = await scene.rest<{ fields: { attachment: unknown[] } }>(
        scene.bot,
        'GET',
        `/issue/${key}`,
      );
      expect(fields.attachment).toHaveLength(1);
    });

    test('what JIRA did not write at all in twice its time is a fault, and is tried again', async () => {
      const { key } = await scene.tickets.open(request());
      const hurried = scene.adapter({ botAccount: scene.bot.accountId, timeoutMs: 100 });
      await scene.fault({ kind: 'slow', method: 'POST', path: '/comment$', delayMs: 60_000 });
      const say = () => hurried.comment(key, 'countersign:chg_1:closing', []);
      await expect(say()).rejects.toMatchObject({ code: 'jira-timeout', retryable: true });
      await say();
      expect(await scene.tickets.ownComments(key)).toHaveLength(1);
    });

    test('a comment that is put again is edited, and not touched where it says the same', async () => {
      const { key } = await scene.tickets.open(request());
      const say = (text: string) =>
        scene.tickets.putComment(key, 'countersign:chg_1:reminder', [
          { kind: 'paragraph', parts: [{ text }] },
        ]);
      await scene.tickets.comment(key, 'countersign:chg_1:other', []);
      await say('waited for since noon');
      await say('waited for since noon');
      await say('waited for for a day');
      expect(await scene.tickets.ownComments(key)).toEqual([
        'waited for for a day\ncountersign:chg_1:reminder',
        'countersign:chg_1:other',
      ]);
      expect(
        scene.calls.filter(({ method, route }) => method === 'PUT' && route.includes('comment')),
      ).toHaveLength(1);
    });

    test('somebody who is called is called as this JIRA calls people; whom it does not know is only named', async () => {
      const { key } = await scene.tickets.open(request());
      const say = (mention: string) =>
        scene.tickets.putComment(key, 'countersign:chg_1:reminder', [
          { kind: 'bullets', items: [[{ text: 'Waits for ' }, { text: 'Ada', mention }]] },
        ]);
      const written = async () => {
        const answer = await scene.rest<{ comments: { body: unknown }[] }>(
          scene.bot,
          'GET',
          `/issue/${key}/comment`,
        );
        return JSON.stringify(answer.comments.map(({ body }) => body));
      };
      await say(scene.approver.accountId);
      expect(await written()).toMatch(
        isCloud
          ? `{"type":"mention","attrs":{"id":"${scene.approver.accountId}","text":"@Ada"}}`
          : /\[~[^\]]+\]/,
      );
      expect(await scene.tickets.ownComments(key)).toHaveLength(1);
    });

    test('a link is replaced, not added', async () => {
      const { key } = await scene.tickets.open(request());
      const link = {
        globalId: 'system=gitlab&id=7!12',
        url: 'https://gitlab.test/a/b',
        title: '!12',
        resolved: false,
      };
      await scene.tickets.link(key, link);
      await scene.tickets.link(key, { ...link, resolved: true });
      expect(await scene.rest(scene.bot, 'GET', `/issue/${key}/remotelink`)).toMatchObject([
        { globalId: link.globalId, object: { status: { resolved: true } } },
      ]);
    });

    test('text of others shows as it is and makes no markup', async () => {
      const hostile = '[click|https://evil.test] {code} <b>x</b> \u0000 @all';
      const { key } = await scene.tickets.open(
        request({
          content: {
            summary: 's',
            body: [
              { kind: 'table', header: ['A'], rows: [[[{ text: hostile, style: 'code' }]]] },
              { kind: 'paragraph', parts: [{ text: 'x', href: 'javascript:alert(1)' }, { text: '' }] },
            ],
          },
        }),
      );
      const { renderedFields } = await scene.rest<{ renderedFields: { description: string } }>(
        scene.bot,
        'GET',
        `/issue/${key}?expand=renderedFields`,
      );
      const shown = renderedFields.description;
      expect(shown).toMatch(
        /<code>\[click\|https:\/\/evil\.test\] \{code\} &lt;b&gt;x&lt;\/b&gt; +@all<\/code>/,
      );
      expect(shown).not.toMatch(/<a |javascript:/);
    });
  });

  describe('the sweep', () => {
    test('finds our open tickets that were updated lately, and no closed one', async () => {
      const open = await scene.tickets.open(request());
      const closed = await scene.tickets.open(request({ changeId: 'chg_2' }));
      await scene.tickets.move(closed.key, ['requested'], 'superseded');
      const since = new Date(Date.now() - 60_000).toISOString();
      expect(await scene.tickets.updatedSince(since)).toEqual([open.key]);
    });
  });

  describe('a group', () => {
    test('is told with all its active people, whatever else is in it, to whoever may see it', async () => {
      const names = Array.from({ length: 55 }, (_, n) => `member-${n}`);
      const people = await Promise.all(names.map((name) => scene.user(name, { groups: ['leads'] })));
      await scene.sandbox('PATCH', `/users/${people[0]?.accountId ?? ''}`, { active: false });
      const tickets = isCloud ? scene.tickets : scene.adapter({}, scene.administrator.apiToken);
      if (isCloud) await scene.user('robot', { accountType: 'app', groups: ['leads'] });
      const members = await tickets.groupMembers('leads');
      expect(members.toSorted()).toEqual(
        people
          .slice(1)
          .map(({ accountId }) => accountId)
          .toSorted(),
      );
    });

    test('that is not there is a fault and nobody’s group', async () => {
      const tickets = isCloud ? scene.tickets : scene.adapter({}, scene.administrator.apiToken);
      await expect(tickets.groupMembers('nowhere')).rejects.toMatchObject({ code: 'jira-not-found' });
    });

    test.skipIf(isCloud)('is shown by Data Center to administrators only, which is told', async () => {
      const asked = scene.tickets.groupMembers('change-approvers');
      await expect(asked).rejects.toMatchObject({ code: 'jira-forbidden' });
    });
  });

  test('every call is measured without ids', async () => {
    const key = await scene.inReview();
    await scene.tickets.read(key);
    expect(scene.calls.map((call) => call.route)).toContain('issue/:key/transitions');
    expect(JSON.stringify(scene.calls)).not.toContain(key);
  });

  test('a token that JIRA does not accept is a fault that names neither the token nor the account', async () => {
    const wrong = scene.adapter({}, 'not-the-token-0123456789');
    const failure: unknown = await wrong.self().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'jira-unauthorized', retryable: false });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('not-the-token');
  });
});
