import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { configurationFile } from './configuration.ts';

const SUPERVISOR = resolve(import.meta.dirname, '../../../workers/supervisor.ts');

/** Ids of the supervisors that read this house's configuration, as the kernel tells. */
export async function supervisorsOf(dir: string): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const ours = await Promise.all(
    pids.map(
      async (pid) =>
        (await read(pid, 'cmdline')).includes(SUPERVISOR) &&
        (await read(pid, 'environ')).split('\0').includes(`COUNTERSIGN_CONFIG=${configurationFile(dir)}`),
    ),
  );
  return pids.filter((_, index) => ours[index]).map(Number);
}
