import { freePort } from '#test/sandbox/house/free-port.ts';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Attribute, Change, Client } from 'ldapts';

/** The suffix of the directory that tests keep. */
export const SUFFIX = 'dc=example,dc=com';
const ADMIN = `cn=admin,${SUFFIX}`;
const PROGRAM = '/usr/sbin/slapd';
const SCHEMAS = '/etc/ldap/schema';

/** Whether Debian's `slapd` is there. */
export const slapdIsInstalled = existsSync(PROGRAM) && existsSync(SCHEMAS);

export interface Slapd {
  /** `ldap://127.0.0.1:…` */
  url: string;
  /** `ldaps://127.0.0.1:…`, with a certificate that `caFile` signed. */
  tlsUrl: string;
  caFile: string;
  bindDn: string;
  password: string;
  add(dn: string, attributes: Record<string, string | string[]>): Promise<void>;
  /** Takes one value of an attribute away. */
  takeAway(dn: string, attribute: string, value: string): Promise<void>;
  put(dn: string, attribute: string, values: string[]): Promise<void>;
  stop(): Promise<void>;
  /** The same directory on the same ports again. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a directory server of its own on loopback ports, with a root and the units `people` and `groups`. */
export async function startSlapd(): Promise<Slapd> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-slapd-'));
  const password = randomBytes(16).toString('hex');
  const [port, tlsPort] = [await freePort(), await freePort()];
  const url = `ldap://127.0.0.1:${port}`;
  const tlsUrl = `ldaps://127.0.0.1:${tlsPort}`;
  await mkdir(join(dir, 'db'));
  await makeCertificate(dir);
  await writeFile(join(dir, 'slapd.conf'), configuration(dir, password), { mode: 0o600 });
  let running = await run(dir, port, `${url} ${tlsUrl}`);
  const asAdmin = async <T>(act: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ url, timeout: 5_000 });
    try {
      await client.bind(ADMIN, password);
      return await act(client);
    } finally {
      await client.unbind();
    }
  };
  const change = (operation: 'delete' | 'replace', dn: string, type: string, values: string[]) =>
    asAdmin((client) =>
      client.modify(dn, new Change({ operation, modification: new Attribute({ type, values }) })),
    );
  const slapd: Slapd = {
    url,
    tlsUrl,
    caFile: join(dir, 'ca.pem'),
    bindDn: ADMIN,
    password,
    add: (dn, attributes) => asAdmin((client) => client.add(dn, attributes)),
    takeAway: (dn, attribute, value) => change('delete', dn, attribute, [value]),
    put: (dn, attribute, values) => change('replace', dn, attribute, values),
    stop: () => running.stop(),
    async start() {
      running = await run(dir, port, `${url} ${tlsUrl}`);
    },
    async close() {
      await running.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  await slapd.add(SUFFIX, { objectClass: ['dcObject', 'organization'], dc: 'example', o: 'Example' });
  for (const ou of ['people', 'groups'])
    await slapd.add(`ou=${ou},${SUFFIX}`, { objectClass: 'organizationalUnit', ou });
  return slapd;
}

function configuration(dir: string, password: string): string {
  return [
    ...['core', 'cosine', 'inetorgperson', 'nis'].map((name) => `include ${SCHEMAS}/${name}.schema`),
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    'moduleload memberof',
    `pidfile ${dir}/slapd.pid`,
    `TLSCertificateFile ${dir}/server.pem`,
    `TLSCertificateKeyFile ${dir}/server.key`,
    'database mdb',
    `suffix "${SUFFIX}"`,
    `rootdn "${ADMIN}"`,
    `rootpw ${password}`,
    `directory ${dir}/db`,
    'overlay memberof',
    '',
  ].join('\n');
}

/** An authority of our own, and a certificate for loopback that it signed. */
async function makeCertificate(dir: string): Promise<void> {
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args, { cwd: dir });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  await openssl('req', '-x509', ...key, '-subj', '/CN=test authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=CA:FALSE'];
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', ...names];
  const files = ['-keyout', 'server.key', '-out', 'server.pem'];
  await openssl('req', '-x509', ...key, '-subj', '/CN=127.0.0.1', ...files, ...signed);
}

async function run(dir: string, port: number, urls: string): Promise<{ stop(): Promise<void> }> {
  // With a debug level slapd stays in the foreground.
  const argv = ['--pdeathsig', 'TERM', PROGRAM, '-d', 'stats', '-f', join(dir, 'slapd.conf'), '-h', urls];
  const child = spawn('setpriv', argv, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const ended = once(child, 'exit');
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  // It says that it starts a moment before it listens.
  while (!(await isListening(port))) {
    if (child.exitCode !== null)
      throw new Error(`slapd ended with ${child.exitCode}:\n${Buffer.concat(said).toString()}`);
    await pause(10);
  }
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
