import {
  allowInsecureRequests,
  AuthorizationResponseError,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  discovery,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import type { IdentityProvider, LoginClaims, PendingLogin } from '#app/ports/identity-provider.ts';
import { Fault } from '#domain/fault.ts';

export interface OidcOptions {
  issuer: string;
  clientId: string;
  clientSecret: string;
  clientAuthentication: 'basic' | 'post';
  scopes: readonly string[];
  personClaim: string;
  groupsClaim: string;
  /** Where the provider sends the browser back to. */
  redirectUri: string;
}

type Claims = Readonly<Record<string, unknown>>;

const TIMEOUT_SECONDS = 10;
/** Codes of the library for a provider that did not answer, or answered with an error of its own. */
const PASSING = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM']);

/** OpenID Connect: the code flow with PKCE, state and nonce. The provider is looked up with the first log-in, and again after a failure. */
export function createIdentityProvider(options: OidcOptions): IdentityProvider {
  let known: Promise<Configuration> | undefined;
  const provider = () => {
    known ??= lookUp(options).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  return {
    async begin() {
      const pending = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(await provider(), {
        redirect_uri: options.redirectUri,
        scope: options.scopes.join(' '),
        code_challenge: await calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
        state: pending.state,
        nonce: pending.nonce,
      });
      return { url: url.href, pending };
    },

    async finish(callback, pending) {
      const configuration = await provider();
      try {
        const claims = await claimsOf(configuration, callback, pending, options);
        const read = readClaims(claims, options);
        return read === undefined
          ? { ok: false, reason: `the identity provider said nothing of ${options.personClaim}` }
          : { ok: true, claims: read };
      } catch (error) {
        const reason = refusalIn(error);
        if (reason === undefined) throw faultOf(error);
        return { ok: false, reason };
      }
    },
  };
}

async function lookUp(options: OidcOptions): Promise<Configuration> {
  const { clientAuthentication, clientId, clientSecret } = options;
  const issuer = new URL(options.issuer);
  const authentication = clientAuthentication === 'basic' ? ClientSecretBasic : ClientSecretPost;
  try {
    return await discovery(issuer, clientId, clientSecret, authentication(clientSecret), {
      timeout: TIMEOUT_SECONDS,
      // In clear only on this machine: the configuration refuses it elsewhere.
      ...(issuer.protocol === 'http:' ? { execute: [allowInsecureRequests] } : {}),
    });
  } catch (error) {
    throw faultOf(error);
  }
}

/** The claims of the ID token; what it leaves out is asked at the userinfo endpoint. */
async function claimsOf(
  configuration: Configuration,
  callback: URL,
  { nonce, state, verifier }: PendingLogin,
  { groupsClaim, personClaim }: OidcOptions,
): Promise<Claims> {
  const tokens = await authorizationCodeGrant(configuration, callback, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
  const claims: Claims = tokens.claims() ?? {};
  const told = [personClaim, groupsClaim].every((claim) => claims[claim] !== undefined);
  const subject = claims['sub'];
  if (told || typeof subject !== 'string' || configuration.serverMetadata().userinfo_endpoint === undefined)
    return claims;
  return { ...(await fetchUserInfo(configuration, tokens.access_token, subject)), ...claims };
}

/** A person may be named by text or number; groups are a list, or one. */
function readClaims(claims: Claims, { groupsClaim, personClaim }: OidcOptions): LoginClaims | undefined {
  const value = claims[personClaim];
  const groups = claims[groupsClaim];
  if (typeof value !== 'string' || value === '') return undefined;
  return {
    claim: personClaim,
    value,
    verified: personClaim !== 'email' || claims['email_verified'] === true,
    groups: (Array.isArray(groups) ? groups : [groups]).filter((each) => typeof each === 'string'),
  };
}

/** Why the provider, or what came back from it, is no log-in; `undefined` when it could not be asked. */
function refusalIn(error: unknown): string | undefined {
  if (error instanceof AuthorizationResponseError)
    return `the identity provider refused: ${error.error_description ?? error.error}`;
  if (error instanceof ResponseBodyError || error instanceof WWWAuthenticateChallengeError)
    return 'the identity provider did not accept what the browser brought back';
  if (error instanceof ClientError && !PASSING.has(error.code ?? ''))
    return `what came back is not what was asked for: ${error.message}`;
  return undefined;
}

function faultOf(error: unknown): Fault {
  const why = error instanceof Error ? error.message : String(error);
  return new Fault('oidc-unreachable', `the identity provider could not be asked: ${why}`, {
    retryable: true,
  });
}
