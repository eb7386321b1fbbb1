/** What has to come back with whoever was sent to log in; kept by their browser meanwhile. */
export interface PendingLogin {
  state: string;
  nonce: string;
  verifier: string;
}

/** Whom the identity provider says it was. */
export interface LoginClaims {
  /** The claim that tells them apart, and whether the provider vouches for it. */
  claim: string;
  value: string;
  verified: boolean;
  groups: readonly string[];
}

export type LoginAnswer = { ok: true; claims: LoginClaims } | { ok: false; reason: string };

/** The firm's own log-in. Faults are `Fault`s: it could not be asked. */
export interface IdentityProvider {
  /** Where the browser goes, and what must come back. */
  begin(): Promise<{ url: string; pending: PendingLogin }>;
  /** Judges what the browser came back with: the whole address, with what it was sent off with. */
  finish(callback: URL, pending: PendingLogin): Promise<LoginAnswer>;
}
