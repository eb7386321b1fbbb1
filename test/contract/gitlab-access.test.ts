import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { call, openMergeRequest, record, records, type Scene, setScene } from './gitlab-scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await setScene({ countLimit: 30 });
});
afterEach(() => scene.close());

async function token(wish: object): Promise<{ id: unknown; token: string }> {
  const made = record((await scene.sandbox('POST', '/tokens', { user: 'mara', ...wish })).body);
  return { id: made['id'], token: String(made['token']) };
}

describe('tokens of the GitLab double', () => {
  test('are refused with GitLab’s words: none, wrong, expired, revoked, too narrow', async () => {
    const expired = await token({ expires_at: '2020-01-01' });
    const revoked = await token({});
    await scene.sandbox('PATCH', `/tokens/${String(revoked.id)}`, { revoked: true });
    const reading = await token({ scopes: ['read_api'] });
    const body = async (value: string | null) => {
      const { status, body: answer } = await scene.api('GET', '//user', undefined, value);
      return [status, answer];
    };
    expect(await body(null)).toEqual([401, { message: '401 Unauthorized' }]);
    expect(await body('nonsense')).toEqual([401, { message: '401 Unauthorized' }]);
    expect(await body(expired.token)).toMatchObject([401, { error: 'invalid_token' }]);
    expect(await body(revoked.token)).toMatchObject([401, { error: 'invalid_token' }]);
    expect(await body(reading.token)).toMatchObject([200, { username: 'mara' }]);
    const write = await scene.api('POST', '/hooks', { url: 'http://127.0.0.1:9/' }, reading.token);
    expect(write).toMatchObject({ status: 403, body: { error: 'insufficient_scope', scope: 'api' } });
  });

  test('are taken as a header of either kind, as a query parameter and as a Basic password', async () => {
    const url = `${scene.gitlab.url}/api/v4/user`;
    const basic = Buffer.from(`any:${scene.bot.token}`).toString('base64');
    const ways = [
      fetch(url, { headers: { authorization: `Bearer ${scene.bot.token}` } }),
      fetch(url, { headers: { authorization: `Basic ${basic}` } }),
      fetch(`${url}?private_token=${scene.bot.token}`),
    ];
    expect((await Promise.all(ways)).map((one) => one.status)).toEqual([200, 200, 200]);
    const log = await scene.sandbox('GET', '/requests?path=user');
    expect(JSON.stringify(log.body)).not.toContain(scene.bot.token);
  });

  test('are rotated: the old one ends, the new one works', async () => {
    const old = await token({ scopes: ['api'] });
    const rotated = await scene.api('POST', '//personal_access_tokens/self/rotate', {}, old.token);
    const fresh = String(record(rotated.body)['token']);
    expect((await scene.api('GET', '//user', undefined, old.token)).status).toBe(401);
    expect((await scene.api('GET', '//user', undefined, fresh)).status).toBe(200);
  });

  test('of a blocked user open nothing', async () => {
    await scene.sandbox('PATCH', '/users/erin', { state: 'blocked' });
    expect((await scene.api('GET', '//user', undefined, scene.engineer.token)).status).toBe(401);
  });
});

describe('rights in the GitLab double', () => {
  test('a private project is not there for those who may not see it', async () => {
    for (const value of [scene.stranger.token, null]) {
      const answer = await scene.api('GET', '', undefined, value);
      expect(answer).toMatchObject({ status: 404, body: { message: '404 Project Not Found' } });
    }
  });

  test('a role inherited from a group counts, until it expires', async () => {
    const level = async () => {
      const answer = await scene.api('GET', `/members/all/${scene.engineer.id}`);
      return [answer.status, record(answer.body)['access_level']];
    };
    expect(await level()).toEqual([200, 30]);
    expect((await scene.api('GET', `/members/${scene.engineer.id}`)).status).toBe(404);
    await scene.sandbox('POST', '/members', { user: 'erin', project: scene.project, access_level: 40 });
    expect(await level()).toEqual([200, 40]);
    await scene.sandbox('POST', '/members', {
      user: 'erin',
      project: scene.project,
      access_level: 50,
      expires_at: '2020-01-01',
    });
    expect(await level()).toEqual([200, 30]);
    await scene.sandbox('POST', '/members', { user: 'erin', group: 'infra', access_level: 0 });
    expect((await level())[0]).toBe(404);
  });

  test.each([
    ['GET', '/hooks'],
    ['POST', '/protected_tags'],
    ['GET', '/protected_branches'],
    ['POST', '/deploy_tokens'],
    ['POST', '/terraform/state/prod/lock'],
  ])('%s %s needs a Maintainer', async (method, path) => {
    const body = method === 'GET' ? undefined : { name: 'x' };
    expect((await scene.api(method, path, body, scene.engineer.token)).status).toBe(403);
  });

  test('an internal note is for members only, and only its author or a Maintainer changes a note', async () => {
    await openMergeRequest(scene);
    await scene.sandbox('PATCH', `/projects/${scene.project}`, { visibility: 'public' });
    const note = record(
      (await scene.api('POST', '/merge_requests/1/notes', { body: 'secret', internal: true })).body,
    );
    const path = `/merge_requests/1/notes/${String(note['id'])}`;
    expect((await scene.api('GET', path, undefined, scene.engineer.token)).status).toBe(200);
    expect((await scene.api('GET', path, undefined, scene.stranger.token)).status).toBe(404);
    expect((await scene.api('PUT', path, { body: 'x' }, scene.engineer.token)).status).toBe(403);
    expect((await scene.api('PUT', path, { body: 'x' }, scene.maintainer.token)).status).toBe(200);
    expect((await scene.api('DELETE', path, undefined, scene.maintainer.token)).status).toBe(204);
  });
});

describe('requests and lists of the GitLab double', () => {
  test('parameters are taken from the query, JSON and a form alike', async () => {
    const url = `${scene.gitlab.url}/api/v4/projects/${scene.project}/protected_tags`;
    const headers = { 'private-token': scene.bot.token };
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    await fetch(`${url}?name=a*&allowed_to_create[][user_id]=${scene.bot.id}`, { method: 'POST', headers });
    await fetch(url, {
      method: 'POST',
      headers: form,
      body: `name=b*&allowed_to_create[][user_id]=${scene.bot.id}`,
    });
    await scene.api('POST', '/protected_tags', {
      name: 'c*',
      allowed_to_create: [{ user_id: scene.bot.id }],
    });
    const rules = records((await scene.api('GET', '/protected_tags')).body);
    expect(
      rules.map((rule) => [rule['name'], records(rule['create_access_levels']).map((one) => one['user_id'])]),
    ).toEqual([
      ['a*', [scene.bot.id]],
      ['b*', [scene.bot.id]],
      ['c*', [scene.bot.id]],
    ]);
  });

  test('pages carry absolute links that keep the other parameters, and totals while the list is short', async () => {
    await openMergeRequest(scene);
    for (let at = 0; at < 25; at += 1) await scene.api('POST', '/merge_requests/1/notes', { body: `n${at}` });
    const first = await scene.api('GET', '/merge_requests/1/notes?sort=asc&per_page=10');
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect(next).toBe(
      `${scene.gitlab.url}/api/v4/projects/${scene.project}/merge_requests/1/notes?sort=asc&per_page=10&page=2`,
    );
    expect([
      first.headers.get('x-total'),
      first.headers.get('x-total-pages'),
      first.headers.get('x-next-page'),
    ]).toEqual(['25', '3', '2']);
    expect(first.headers.get('link')).toContain('rel="last"');
    const second = await call(next, 'GET', undefined, scene.bot.token);
    expect(records(second.body)[0]?.['body']).toBe('n10');
    for (let at = 0; at < 10; at += 1) await scene.api('POST', '/merge_requests/1/notes', { body: `m${at}` });
    const long = await scene.api('GET', '/merge_requests/1/notes?per_page=10');
    expect([long.headers.get('x-total'), long.headers.get('link')?.includes('rel="last"')]).toEqual([
      null,
      false,
    ]);
    expect(long.headers.get('link')).toContain('rel="next"');
  });

  test('every failure to make a tag is 400', async () => {
    const make = async (body: object, value?: string) => {
      const answer = await scene.api('POST', '/repository/tags', body, value);
      return [answer.status, record(answer.body)['message']];
    };
    expect((await make({ tag_name: 'v1', ref: 'main' }))[0]).toBe(201);
    expect(await make({ tag_name: 'v1', ref: 'main' })).toEqual([400, 'Tag v1 already exists']);
    expect(await make({ tag_name: 'v2', ref: 'nowhere' })).toEqual([400, 'Target nowhere is invalid']);
    expect(await make({ tag_name: 'a..b', ref: 'main' })).toEqual([400, 'Tag name invalid']);
    await scene.sandbox('POST', '/members', { user: 'sam', project: scene.project, access_level: 20 });
    expect((await make({ tag_name: 'v3', ref: 'main' }, scene.stranger.token))[0]).toBe(403);
  });

  test('a body that is no JSON and a parameter of the wrong kind are 400', async () => {
    const url = `${scene.gitlab.url}/api/v4/projects/${scene.project}/hooks`;
    const headers = { 'private-token': scene.bot.token, 'content-type': 'application/json' };
    expect((await fetch(url, { method: 'POST', headers, body: '{' })).status).toBe(400);
    expect((await scene.api('GET', '/merge_requests?state=sideways')).body).toEqual({
      error: 'state does not have a valid value',
    });
    expect((await scene.api('GET', '/merge_requests?per_page=many')).status).toBe(400);
  });
});
