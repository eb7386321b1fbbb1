import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openMergeRequest, record, records, type Scene, setScene } from './gitlab-scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await setScene();
  await openMergeRequest(scene);
});
afterEach(() => scene.close());

const fault = (wish: object) => scene.sandbox('POST', '/faults', wish);
const comment = (body: string) => scene.api('POST', '/merge_requests/1/notes', { body });

async function bodies(): Promise<unknown[]> {
  return records((await scene.api('GET', '/merge_requests/1/notes?sort=asc')).body).map(
    (note) => note['body'],
  );
}

describe('faults of the GitLab double', () => {
  test('429 as plain text or JSON, with Retry-After and the rate-limit headers, as often as asked', async () => {
    await fault({ kind: 'status', status: 429, retryAfter: 3, method: 'POST', path: '/notes$' });
    await fault({
      kind: 'status',
      status: 429,
      retryAfter: 3,
      method: 'POST',
      path: '/notes$',
      format: 'json',
    });
    const [first, second, third] = [await comment('a'), await comment('b'), await comment('c')];
    expect([first?.status, first?.body, first?.headers.get('retry-after')]).toEqual([
      429,
      'Retry later\n',
      '3',
    ]);
    expect(first?.headers.get('ratelimit-remaining')).toBe('0');
    expect([second?.status, second?.body]).toEqual([429, { message: '429 Too Many Requests' }]);
    expect([third?.status, await bodies()]).toEqual([201, ['c']]);
  });

  test.each([500, 502, 503])('%i does none of the work', async (status) => {
    await fault({ kind: 'status', status, path: '/notes' });
    expect((await comment('a')).status).toBe(status);
    expect(await bodies()).toEqual([]);
  });

  test('a connection cut after the write leaves the write done; one cut before leaves nothing', async () => {
    await fault({ kind: 'reset-after', method: 'POST', path: '/notes' });
    await expect(comment('done')).rejects.toThrow('fetch failed');
    await fault({ kind: 'reset-before', method: 'POST', path: '/notes' });
    await expect(comment('not done')).rejects.toThrow('fetch failed');
    expect(await bodies()).toEqual(['done']);
  });

  test('a slow answer is the right answer, late', async () => {
    await fault({ kind: 'slow', ms: 120, path: '/merge_requests/1$' });
    const began = performance.now();
    expect((await scene.api('GET', '/merge_requests/1')).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(110);
  });

  test('wait for their turn and say how often they struck', async () => {
    await fault({ kind: 'status', status: 500, path: '/notes', method: 'POST', skip: 1, count: 2 });
    const statuses: number[] = [];
    for (const body of ['a', 'b', 'c', 'd']) statuses.push((await comment(body)).status);
    expect(statuses).toEqual([201, 500, 500, 201]);
    expect((await scene.sandbox('GET', '/faults')).body).toMatchObject([{ struck: 2, count: 2, skip: 0 }]);
    await scene.sandbox('DELETE', '/faults');
    expect((await scene.sandbox('GET', '/faults')).body).toEqual([]);
  });

  test('a wish that cannot be met is said so', async () => {
    expect(await fault({ kind: 'earthquake' })).toMatchObject({ status: 400 });
    expect((await scene.sandbox('POST', '/members', { user: 'nobody' })).body).toEqual({
      error: 'no user nobody',
    });
  });

  test('the request log tells who did what, with the bodies of writes', async () => {
    await comment('hello');
    const [found] = records((await scene.sandbox('GET', '/requests?method=POST&path=/notes$')).body);
    expect(found).toMatchObject({ user: scene.bot.username, status: 201, body: { body: 'hello' } });
    expect(Date.parse(String(record(found)['at']))).not.toBeNaN();
    await scene.sandbox('DELETE', '/requests');
    expect((await scene.sandbox('GET', '/requests')).body).toEqual([]);
  });
});
