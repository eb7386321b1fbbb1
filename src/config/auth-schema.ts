import { z } from 'zod';

const tokens = z.array(
  z.strictObject({
    sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'expected the SHA-256 of an access token in hex'),
    person: z.string().min(1),
  }),
);

/** Log-in at the firm's own identity provider: OpenID Connect, code flow with PKCE. */
const oidc = z.strictObject({
  mode: z.literal('oidc'),
  issuer: z
    .url({ protocol: /^https?$/, error: 'expected an http(s) URL' })
    .refine((text) => !/[?#]/.test(text), 'expected an issuer without query'),
  clientId: z.string().min(1),
  clientSecretFile: z.string().min(1, 'expected the path of a file'),
  clientAuthentication: z.enum(['basic', 'post']).default('basic'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'expected a scope without blanks'))
    .default(['openid', 'email', 'profile'])
    .refine((scopes) => scopes.includes('openid'), 'expected openid among the scopes'),
  /** The claim that says who it is: `email` is looked up among addresses, once it is verified; any other among ids. */
  personClaim: z.string().min(1).default('email'),
  groupsClaim: z.string().min(1).default('groups'),
  /** For how long after a log-in its groups count; nobody hears of a change of them any sooner. */
  groupsValidSeconds: z
    .int()
    .positive('expected a number of seconds')
    .max(12 * 3600, 'expected at most 43200 seconds: by then people have to log in anew')
    .default(12 * 3600),
  /** For scripts, which cannot log in. */
  tokens: tokens.default([]),
});

/** How people show who they are. */
export const authSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('demo') }),
  z.strictObject({ mode: z.literal('token'), tokens }),
  oidc,
]);
