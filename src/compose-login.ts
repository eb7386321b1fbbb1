import { createIdentityProvider } from '#adapters/oidc/identity-provider.ts';
import type { Directory } from '#app/ports/directory.ts';
import type { LoginClaims, PendingLogin } from '#app/ports/identity-provider.ts';
import { byEmail } from '#domain/gates/people.ts';
import type { AccessDeps, LoginProvider } from '#http/deps.ts';
import { createLoginClaims } from '#store/login-claims.ts';
import type { composeBase } from './compose.ts';
import { composePeople } from './compose-directory.ts';
import type { Config, Secrets } from './config.ts';

/** The firm's own log-in, where it is configured. */
export function composeLogin(
  config: Config,
  secrets: Secrets,
  base: Pick<ReturnType<typeof composeBase>, 'db' | 'ledger'>,
): Pick<AccessDeps, 'provider'> {
  const { auth, externalUrl } = config;
  if (auth.mode !== 'oidc') return {};
  const people = composePeople(config, secrets, base);
  const claims = createLoginClaims(base.db);
  const identity = createIdentityProvider({
    ...auth,
    clientSecret: secrets.oidcClientSecret ?? '',
    redirectUri: `${externalUrl}/login/callback`,
  });
  const provider: LoginProvider = {
    name: new URL(auth.issuer).hostname,
    async begin() {
      const { pending, url } = await identity.begin();
      return { url, pending: { ...pending } };
    },
    async finish(callback, kept) {
      const pending = pendingIn(kept);
      if (pending === undefined) return { ok: false, reason: 'it was begun elsewhere' };
      const answer = await identity.finish(callback, pending);
      if (!answer.ok) return answer;
      const found = await personOf(answer.claims, people);
      if (found.ok) await claims.keep(found.person, answer.claims.groups);
      return found;
    },
  };
  return { provider };
}

function pendingIn({ nonce, state, verifier }: Readonly<Record<string, string>>): PendingLogin | undefined {
  return nonce === undefined || state === undefined || verifier === undefined
    ? undefined
    : { nonce, state, verifier };
}

/** Who of the directory that is; an address counts only once the provider has verified it. */
async function personOf(
  { claim, value, verified }: LoginClaims,
  directory: Directory,
): ReturnType<LoginProvider['finish']> {
  if (!verified) return { ok: false, reason: `the identity provider has not verified ${value}` };
  const { people, unseen } = await directory.read();
  const person =
    claim === 'email'
      ? byEmail(people, value)
      : people.find(({ id }) => id.toLowerCase() === value.toLowerCase());
  if (person !== undefined) return { ok: true, person: person.id };
  const [hidden] = unseen;
  return hidden === undefined
    ? { ok: false, reason: `nobody in the directory has ${claim} ${value}` }
    : { ok: false, reason: `who has ${claim} ${value} is not known: ${hidden.source}: ${hidden.why}` };
}
