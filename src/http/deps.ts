import type { IncomingHttpHeaders } from 'node:http';
import type { Person } from '#domain/gates/evidence.ts';
import type { ServerLog } from '#telemetry/log.ts';
import type { Metrics } from '#telemetry/metrics.ts';
import type { OutputBell } from '#views/output-bell.ts';
import type { Views } from '#views/views.ts';

/** Everything the server needs of the rest; functions, so that no adapter and no store is known here. */
export interface AppDeps {
  log: ServerLog;
  metrics: Metrics;
  views: Views;
  outputBell: OutputBell;
  /** Where browsers reach us, for origin checks and for the choice of cookie and header flags. */
  externalUrl: string;
  /** Addresses of reverse proxies whose `X-Forwarded-For` may be believed; none by default. */
  trustedProxies?: readonly string[];
  hooks: HookDeps;
  access: AccessDeps;
  readiness: readonly ReadinessCheck[];
  /** Records that a person read evidence; when it fails, nothing is shown. */
  recordRead(read: EvidenceRead): Promise<void>;
}

export interface HookDeps {
  gitlab: readonly HookSource[];
  jira: readonly HookSource[];
  /** Stores the delivery once; what happens with it happens later. */
  receiveDelivery(delivery: Delivery): Promise<'stored' | 'duplicate'>;
}

/** One GitLab project or JIRA site that may send: its path segment and its own secrets. */
export interface HookSource {
  /** Random, from the configuration; the last segment of the hook's URL. */
  segment: string;
  /** Repositories (code-host ids) this source may speak about; absent when it is not about repositories. */
  repositories?: readonly number[];
  /** Judges headers and raw bytes; never throws for what a sender can send. */
  verify(headers: IncomingHttpHeaders, body: Buffer): HookVerdict;
}

/**
 * What became of a delivery at the door: `refused` for a wrong or missing secret, `malformed` for an authentic sender
 * with an unreadable body, `ignored` for an event we have no use for.
 */
export type HookVerdict =
  | { kind: 'delivery'; key: string; event: string; repository?: number | undefined }
  | { kind: 'ignored'; event: string }
  | { kind: 'refused'; reason: string }
  | { kind: 'malformed'; reason: string };

export interface Delivery {
  source: 'gitlab' | 'jira';
  key: string;
  event: string;
  repository: number | undefined;
  /** The raw body as UTF-8. */
  body: string;
}

export interface AccessDeps {
  /** `demo` lets anyone choose who to be, and is for the sandbox alone. */
  mode: 'token' | 'demo' | 'oidc';
  /** SHA-256 (hex) of each access token, and whose it is. */
  tokens: readonly { sha256: string; person: string }[];
  /** Whom one can choose to be in the demo. */
  people: readonly Person[];
  sessions: Sessions;
  /** The firm's own log-in, where that is the way in. */
  provider?: LoginProvider;
}

/** Log-in elsewhere: the browser is sent there, and comes back with an answer. */
export interface LoginProvider {
  /** The provider's name as people know it. */
  name: string;
  /** Where to go, and what the browser has to keep until it comes back. */
  begin(): Promise<{ url: string; pending: Readonly<Record<string, string>> }>;
  /** The id of the person who came back to `callback`, or why nobody did. */
  finish(
    callback: URL,
    pending: Readonly<Record<string, string>>,
  ): Promise<{ ok: true; person: string } | { ok: false; reason: string }>;
}

/** Browser sessions, known by the SHA-256 (hex) of their token; expiry by the database's clock. */
export interface Sessions {
  open(tokenHash: string, person: string, seconds: number): Promise<void>;
  /** The person's id, or undefined when there is no such session or it has expired. */
  find(tokenHash: string): Promise<string | undefined>;
  close(tokenHash: string): Promise<void>;
}

export interface ReadinessCheck {
  name: string;
  /** Throwing counts as not ready, without the error's words: those go to the log. */
  probe(): Promise<{ ok: true; detail?: string } | { ok: false; reason: string }>;
}

/** Who read which evidence. */
export interface EvidenceRead {
  person: string;
  what: 'change' | 'evidence' | 'run-log' | 'log-entries' | 'log-entry';
  changeId?: string;
  runId?: string;
  /** Indexes of the log's entries that were shown, first and last. */
  entries?: { from: number; to: number };
  requestId: string;
}
