import { readdirSync, readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { redisIsInstalled, startRedis } from '#test/support/redis.ts';

test.skipIf(!redisIsInstalled)('Redis wants its password, which is in no argument list', async () => {
  const server = await startRedis();
  const { host, hostname, port, password } = new URL(server.url);
  const client = new Redis(server.url);
  expect(await client.ping()).toBe('PONG');
  client.disconnect();

  const stranger = new Redis(Number(port), hostname, { lazyConnect: true, maxRetriesPerRequest: 0 });
  stranger.on('error', () => undefined);
  await expect(stranger.ping()).rejects.toThrow(/NOAUTH/);
  stranger.disconnect();

  const commandLines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine);
  expect(commandLines.some((text) => text.includes('redis-server'))).toBe(true);
  expect(commandLines.filter((text) => text.includes(password))).toEqual([]);
  await server.stop();
  await expect(fetch(`http://${host}`)).rejects.toThrow('fetch failed');
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
