import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { Client, type Entry, type SearchOptions } from 'ldapts';
import { faultOf, LdapFault } from './fault.ts';

/** Where the server is and how it is spoken to. */
export interface LdapConnection {
  /** `ldaps://host[:port]`, or `ldap://` for a server on this machine or with `startTls`. */
  url: string;
  startTls: boolean;
  /** The authority that signed the server's certificate; the system's own when left out. */
  caFile?: string;
  bindDn: string;
  password: string;
  /** For each answer. */
  timeoutMs: number;
  pageSize: number;
}

export type LdapSearch = (base: string, options: SearchOptions) => Promise<Entry[]>;

/** Servers that refuse to page within a search of one entry are asked without. */
const UNPAGED = 'base';

/** Connects, binds, lets `use` search, and leaves. Whatever goes wrong is an `LdapFault`. */
export async function withLdap<T>(
  options: LdapConnection,
  use: (search: LdapSearch) => Promise<T>,
): Promise<T> {
  const client = await open(options);
  try {
    await bind(client, options);
    return await use(async (base, search) => {
      const paged = search.scope === UNPAGED ? {} : { paged: { pageSize: options.pageSize } };
      const timeLimit = Math.ceil(options.timeoutMs / 1000);
      const { searchEntries } = await client.search(base, { ...search, ...paged, timeLimit });
      return searchEntries;
    });
  } catch (error) {
    throw faultOf(error, options.url);
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

async function open({ caFile, startTls, timeoutMs, url }: LdapConnection): Promise<Client> {
  const ca = caFile === undefined ? undefined : await readAuthority(caFile);
  return new Client({
    url,
    timeout: timeoutMs,
    connectTimeout: timeoutMs,
    ...(url.startsWith('ldaps:') && !startTls && ca !== undefined ? { tlsOptions: { ca } } : {}),
  });
}

async function bind(
  client: Client,
  { bindDn, caFile, password, startTls, url }: LdapConnection,
): Promise<void> {
  if (startTls) {
    // The library upgrades a socket, which does not know whose certificate to expect.
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    const named = isIP(host) === 0 ? { host, servername: host } : { host };
    await client.startTLS(caFile === undefined ? named : { ...named, ca: await readAuthority(caFile) });
  }
  await client.bind(bindDn, password);
}

async function readAuthority(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new LdapFault('ldap-unreachable', `the certificate of LDAP's authority cannot be read: ${why}`);
  });
}
