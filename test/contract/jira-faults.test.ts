import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { authorization, fileForm, type JiraSite, startSite } from './jira-site.ts';

describe('the JIRA double misbehaving on demand', () => {
  let site: JiraSite;
  let key: string;

  beforeAll(async () => {
    site = await startSite();
    key = await site.newIssue();
  });
  afterEach(() => site.sandbox('POST', '/heal'));
  afterAll(() => site.close());

  it('limits the rate as often as told, then works again', async () => {
    await site.sandbox('POST', '/faults', {
      kind: 'rate-limited',
      method: 'GET',
      path: '/issue/',
      count: 2,
      retryAfterSeconds: 3,
    });
    const limited = await site.as('bot', 'GET', `/issue/${key}`);
    expect(limited.status).toBe(429);
    expect(limited.headers.get('retry-after')).toBe('3');
    expect(limited.headers.get('ratelimit-reason')).toBe('jira-burst-based');
    expect((await site.as('bot', 'GET', '/myself')).status).toBe(200);
    expect((await site.as('bot', 'GET', `/issue/${key}`)).status).toBe(429);
    expect((await site.as('bot', 'GET', `/issue/${key}`)).status).toBe(200);
  });

  it.each([
    ['server-error', 500],
    ['unavailable', 503],
    ['conflict', 409],
  ])('answers a %s with %i and does nothing', async (kind, status) => {
    await site.sandbox('POST', '/faults', { kind, method: 'POST', path: '/transitions$' });
    const { body } = await site.as('bot', 'GET', `/issue/${key}/changelog`);
    const moved = await site.as('bot', 'POST', `/issue/${key}/transitions`, { transition: { id: '11' } });
    expect(moved.status).toBe(status);
    expect((await site.as('bot', 'GET', `/issue/${key}/changelog`)).body).toEqual(body);
  });

  it('resets the connection after the write has been done', async () => {
    await site.sandbox('POST', '/faults', { kind: 'reset-after-write', method: 'PUT', path: '/properties/' });
    await expect(site.as('bot', 'PUT', `/issue/${key}/properties/after`, 1)).rejects.toThrow('fetch failed');
    expect((await site.as('bot', 'GET', `/issue/${key}/properties/after`)).body).toEqual({
      key: 'after',
      value: 1,
    });
  });

  it('resets the connection before the write', async () => {
    await site.sandbox('POST', '/faults', {
      kind: 'reset-before-write',
      method: 'PUT',
      path: '/properties/',
    });
    await expect(site.as('bot', 'PUT', `/issue/${key}/properties/before`, 1)).rejects.toThrow('fetch failed');
    expect((await site.as('bot', 'GET', `/issue/${key}/properties/before`)).status).toBe(404);
  });

  it('stops altogether until healed, while the sandbox stays reachable', async () => {
    await site.sandbox('POST', '/stop', { mode: 'unavailable' });
    expect((await site.as('bot', 'GET', '/myself')).status).toBe(503);
    await site.sandbox('POST', '/stop', { mode: 'dropped' });
    await expect(site.as('bot', 'GET', '/myself')).rejects.toThrow('fetch failed');
    await site.sandbox('POST', '/heal');
    expect((await site.as('bot', 'GET', '/myself')).status).toBe(200);
  });

  it('logs every request with the body of a write and who made it', async () => {
    await site.as('engineer', 'PUT', `/issue/${key}/properties/logged`, { a: 1 });
    const { body } = await site.sandbox('GET', '/requests?method=PUT&path=logged');
    expect(body).toMatchObject([{ method: 'PUT', accountId: 'engineer', body: { a: 1 }, status: 201 }]);
  });

  it('refuses files that are too large, and uploads without the XSRF header', async () => {
    await site.sandbox('PATCH', '/settings', { attachmentLimitBytes: 10 });
    const path = `/issue/${key}/attachments`;
    expect((await site.as('bot', 'POST', path, fileForm('big.txt', 'x'.repeat(11)))).status).toBe(413);
    const withoutHeader = await fetch(`${site.jira.url}/rest/api/3${path}`, {
      method: 'POST',
      body: fileForm('small.txt', 'x'),
      headers: { authorization: authorization('bot') },
    });
    expect(withoutHeader.status).toBe(403);
    const issue = await site.as('bot', 'GET', `/issue/${key}?fields=attachment`);
    expect(issue.body).toMatchObject({ fields: { attachment: [] } });
  });

  it('lets in nobody whose token is wrong or whose account is inactive', async () => {
    const refused = await site.as('nobody', 'GET', '/myself');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('Basic');
    await site.sandbox('PATCH', '/users/engineer', { active: false });
    expect((await site.as('engineer', 'GET', '/myself')).status).toBe(401);
    await site.sandbox('PATCH', '/users/engineer', { active: true });
  });
});
