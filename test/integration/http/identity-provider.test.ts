import { freePort } from '#test/sandbox/house/free-port.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { composeDirectory } from '#src/compose-directory.ts';
import { composeServer } from '#src/compose-server.ts';
import { type ExampleFolder, exampleFolder } from '#test/unit/config/example.ts';
import { type IdentityProviderDouble, startIdentityProvider } from '#test/support/identity-provider.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';
import { createVisitor, type Page } from '#test/support/visitor.ts';

const SERVER = 'countersign.server.yaml';

let example: ExampleFolder;
let provider: IdentityProviderDouble;
let database: TestDatabase;
let server: ReturnType<typeof composeServer>;
let site: string;
let loaded: ReturnType<ExampleFolder['load']>;
const visitor = createVisitor();

beforeAll(async () => {
  site = `http://127.0.0.1:${await freePort()}`;
  provider = await startIdentityProvider(`${site}/login/callback`, {
    ann: { email: 'Ann@example.com', groups: ['sre', 'all'] },
    mallory: { email: 'bob@example.com', verified: false, groups: ['sre'] },
    stranger: { email: 'stranger@example.com', groups: ['sre'] },
  });
  database = await createTestDatabase();
  example = exampleFolder();
  writeFileSync(join(example.dir, 'secrets/oidc-secret'), provider.clientSecret, { mode: 0o600 });
  const text = example
    .read(SERVER)
    .replace('https://countersign.example.com', site)
    .replace(
      /^ {2}mode: token\n(?: .*\n)*/m,
      `  mode: oidc\n  issuer: ${provider.issuer}\n  clientId: countersign\n  clientSecretFile: secrets/oidc-secret\n`,
    )
    .replace(
      /^directory:\n(?: .*\n)*/m,
      'directory:\n  freshSeconds: 1\n  groups: [{ name: sre, roles: [approver], oidc: { value: sre } }]\n',
    );
  writeFileSync(join(example.dir, SERVER), text);
  loaded = example.load({ DATABASE_URL: database.url });
  server = composeServer(loaded.config, loaded.secrets);
  await server.app.listen({ host: '127.0.0.1', port: Number(new URL(site).port) });
});
afterAll(async () => {
  await server?.close();
  await provider?.close();
  await database?.drop();
  example?.remove();
});
beforeEach(() => visitor.forget());

/** From our page to theirs, through their form, and back to where the way began. */
async function logIn(name: string, from = '/changes'): Promise<Page> {
  const door = await visitor.go(`${site}${from}`);
  const link = /href="(\/login\/provider[^"]*)"/.exec(door.body)?.[1] ?? 'nowhere';
  const theirs = await visitor.go(new URL(link.replaceAll('&amp;', '&'), site).href);
  const form = (page: Page) => /<form[^>]*action="([^"]+)"/.exec(page.body)?.[1] ?? 'nowhere';
  const consent = await visitor.submit(form(theirs), { prompt: 'login', login: name, password: 'any' });
  return form(consent) === 'nowhere' ? consent : visitor.submit(form(consent), { prompt: 'consent' });
}

const rolesOf = async (person: string) => {
  const directory = composeDirectory(loaded.config, loaded.secrets, server, {
    codeHost: {
      self: async () => ({ id: 1, username: 'bot' }),
      groupMembers: async () => ({ ok: true, value: [] }),
    },
    ticketing: { self: async () => 'bot', groupMembers: async () => [] },
  });
  return (await directory.read()).people.find(({ id }) => id === person)?.roles;
};

describe("logging in at the firm's identity provider", () => {
  it('leads back to the page that was asked for, and the groups it names count for a while', async () => {
    expect(await rolesOf('ann')).toEqual(['requester', 'reviewer']);
    const page = await logIn('ann', '/changes?state=open');
    expect(page).toMatchObject({ url: `${site}/changes?state=open`, status: 200 });
    expect(page.body).toContain('Ann Example');
    expect(await server.db.selectFrom('login_claims').selectAll().execute()).toMatchObject([
      { person: 'ann', groups: ['sre', 'all'] },
    ]);
    expect(await rolesOf('ann')).toEqual(['requester', 'reviewer', 'approver']);

    const age = sql<Date>`now() - interval '12 hours 1 second'`;
    await server.db.updateTable('login_claims').set({ logged_in_at: age }).execute();
    expect(await rolesOf('ann')).toEqual(['requester', 'reviewer']);
  });

  it('takes groups away with the next log-in that does not name them', async () => {
    await logIn('ann');
    expect(await rolesOf('ann')).toContain('approver');
    provider.accounts['ann'] = { email: 'ann@example.com', groups: ['all'] };
    visitor.forget();
    await logIn('ann');
    expect(await rolesOf('ann')).not.toContain('approver');
  });

  it.each([
    ['an address that the provider has not verified', 'mallory', 'has not verified bob@example.com'],
    ['an address that nobody has', 'stranger', 'nobody in the directory has email stranger@example.com'],
  ])('lets nobody in with %s', async (_, name, why) => {
    const page = await logIn(name);
    expect(page.status).toBe(401);
    expect(page.body).toContain(why);
    expect((await visitor.go(`${site}/changes`)).url).toContain('/login');
  });

  it('lets nobody in who began nowhere, brings what another began, or comes twice', async () => {
    expect(await visitor.go(`${site}/login/callback?code=x&state=y`)).toMatchObject({ status: 401 });
    const theirs = await visitor.step(`${site}/login/provider`);
    const state = new URL(theirs).searchParams.get('state');
    const other = await visitor.go(`${site}/login/callback?code=x&state=another`);
    expect(other.body).toContain('what came back is not what was asked for');
    // What was begun is over with the first answer, whatever it was.
    const again = await visitor.go(`${site}/login/callback?code=x&state=${state}`);
    expect(again.body).toContain('was not begun here');
  });

  it('asks for a proof that only the one who began can bring', async () => {
    const asked = new URL(await visitor.step(`${site}/login/provider?next=//evil.example`)).searchParams;
    expect(asked.get('code_challenge_method')).toBe('S256');
    expect(asked.get('nonce')).toMatch(/^[\w-]{43}$/);
    expect(asked.get('redirect_uri')).toBe(`${site}/login/callback`);
  });

  it('says so when the person refuses there', async () => {
    const theirs = await visitor.go(`${site}/login/provider`);
    const abort = /href="([^"]*abort)"/.exec(theirs.body)?.[1] ?? 'nowhere';
    const page = await visitor.go(abort);
    expect(page.status).toBe(401);
    expect(page.body).toContain('the identity provider refused');
  });
});
