import { execFileSync, spawn } from 'node:child_process';
import { readFile, mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGitSource } from '#adapters/git/git-source.ts';
import { readSourceFacts } from '#adapters/terraform/source-facts.ts';

const token = 'glpat-t0ken-of-the-service';
let base: string;
let server: Server;
let url: string;
let sha: string;
/** What every process showed while git talked to the server. */
const spied: string[] = [];

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'countersign-git-http-'));
  const work = join(base, 'work');
  await mkdir(work);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
      cwd: work,
      encoding: 'utf8',
    });
  git('init', '--quiet');
  await writeFile(join(work, 'a.txt'), 'content');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'One');
  sha = git('rev-parse', 'HEAD').trim();
  git('clone', '--quiet', '--bare', work, join(base, 'repo.git'));

  server = createServer((request, response) => {
    // Answered only once everything was looked at, so that git is still there to be seen.
    void spy().then(() => serve(request, response));
  });
  function serve(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization !== `Basic ${Buffer.from(`oauth2:${token}`).toString('base64')}`) {
      response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: base,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        PATH_INFO: pathname,
        QUERY_STRING: searchParams.toString(),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        REMOTE_USER: 'oauth2',
      },
    });
    request.pipe(backend.stdin);
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    backend.on('close', () => {
      const output = Buffer.concat(chunks);
      const split = output.indexOf('\r\n\r\n');
      for (const line of output.subarray(0, split).toString('utf8').split('\r\n')) {
        const [name = '', value = ''] = line.split(': ');
        if (name === 'Status') response.statusCode = Number(value.split(' ')[0]);
        else response.setHeader(name, value);
      }
      response.end(output.subarray(split + 4));
    });
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/repo.git`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(base, { recursive: true, force: true });
});

async function spy(): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/u.test(name)))
    for (const file of ['cmdline', 'environ'])
      spied.push(await readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => ''));
}

function sourceWith(password: string, mirrors: string) {
  return createGitSource({
    mirrors: join(base, mirrors),
    remote: async () => ({ url, credentials: { username: 'oauth2', password } }),
    readFacts: readSourceFacts,
  });
}

test('a commit is fetched over HTTP, and the token shows in no argument, environment or mirror', async () => {
  const source = sourceWith(token, 'mirrors');
  await source.fetch(1, [sha]);
  expect(await source.readFile(1, sha, 'a.txt')).toBe('content');
  const seen = spied.join('\n');
  expect(seen.includes('remote-http')).toBe(true);
  expect(seen.includes(token)).toBe(false);
  expect(seen.includes(Buffer.from(`oauth2:${token}`).toString('base64'))).toBe(false);
  expect(await readFile(join(base, 'mirrors', '1.git', 'config'), 'utf8')).not.toContain('glpat');
});

test('a wrong token is told apart from a host that is away, and is not repeated', async () => {
  const failure = await sourceWith('wrong-token', 'others')
    .fetch(1, [sha])
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'git-not-allowed', retryable: false });
  expect(String(failure)).not.toContain('wrong-token');
});
