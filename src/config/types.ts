import type { CalendarSettings } from '#domain/calendar.ts';
import type { CheckRule } from '#domain/checks.ts';
import type { Person } from '#domain/gates/evidence.ts';
import type { TierRule } from '#domain/tiers.ts';
import type { ConfigFile } from './schema.ts';

/** All that is configured and may be shown to an operator; paths are absolute. */
export interface Config extends Omit<ConfigFile, 'rules' | 'tierRules' | 'calendar' | 'people'> {
  /** The server's file. */
  readonly path: string;
  readonly rules: readonly CheckRule[];
  readonly tierRules: readonly TierRule[];
  readonly calendar: CalendarSettings;
  /** As it was listed at the start, for names; whoever decides reads it anew. */
  readonly people: readonly Person[];
  readonly peopleFile: string | undefined;
}

/** All that is configured and may be shown to nobody. */
export interface Secrets {
  readonly databaseUrl: string;
  readonly migrationDatabaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly gitlab: {
    readonly token: string;
    readonly cloneToken: string;
    readonly hooks: readonly {
      readonly segment: string;
      readonly signingTokens: readonly string[];
      readonly tokens: readonly string[];
    }[];
  };
  readonly jira: { readonly token: string; readonly hookSecrets: readonly string[] };
  readonly ldapPassword: string | undefined;
  readonly oidcClientSecret: string | undefined;
  /** 32 bytes: sensitive values enter plan digests as HMAC under it. */
  readonly planDigestKey: Buffer;
  /** 32 bytes each; the first seals plan bundles, all open them. */
  readonly bundleKeys: readonly Buffer[];
}
