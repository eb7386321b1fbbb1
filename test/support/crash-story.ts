import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from '#test/sandbox/house/http.ts';
import { type Cloud, cloudModule, openCloud } from './cloud.ts';
import { type AttemptRow, openStory, type Story, until } from './story.ts';

/** A house whose service is impatient, and a cloud that counts what is made. */
export interface CrashStory extends Story {
  cloud: Cloud;
  /** Asks for one thing in a project of its own, and waits until its plan is in front of the approver. */
  ask(name: string): Promise<{ iid: number; key: string }>;
  /** The same, approved, and its apply in the middle of making the thing. */
  applying(name: string): Promise<{ iid: number; key: string; attempt: RunningAttempt }>;
  /** Approves, and waits until the attempt is as wanted. */
  approve(key: string): Promise<void>;
  attemptIs(iid: number, wanted: (attempt: AttemptRow) => boolean): Promise<AttemptRow>;
  state(name: string): Promise<{ lock: unknown; versions: { serial: number }[] }>;
  /** Waits until the change is merged; what came of it on the way. */
  merged(iid: number, name: string): Promise<Ending>;
  /** The only worker of the house at this time. */
  worker(): Story['workers'][number];
  killWorker(): Promise<void>;
}

export interface RunningAttempt extends AttemptRow {
  supervisor_pid: number;
  terraform_pid: number;
}

export interface Ending {
  /** Outcomes of its attempts, oldest first. */
  attempts: (string | null)[];
  /** How often the thing was made in the cloud. */
  made: number;
  /** How often the state was written. */
  states: number;
}

export const APPLIED_ONCE: Ending = { attempts: ['succeeded'], made: 1, states: 1 };

/** Silence that is borne, in seconds: a job's worker, and an apply. */
const PATIENCE = { leaseSeconds: 4, attemptSilentSeconds: 12 };

export async function openCrashStory(options: Parameters<typeof openStory>[0] = {}): Promise<CrashStory> {
  const cloud = await openCloud();
  const story = await openStory({
    patience: PATIENCE,
    sweepSeconds: 2,
    projects: [{ match: '**', applyOn: 'approval' }],
    files: () => ({ 'README.md': 'Nothing is built yet.\n' }),
    ...options,
  });
  const { gitlabUrl, scene } = story;
  const place = { gitlabUrl, project: scene.project.id };
  const attemptIs: CrashStory['attemptIs'] = (iid, wanted) =>
    until(
      `an attempt of !${iid} that is ${wanted.toString()}`,
      async () => (await story.attempts(iid).catch(() => [])).find(wanted),
      { show: async () => JSON.stringify(await story.attempts(iid)) },
    );
  const crash: CrashStory = {
    ...story,
    cloud,
    attemptIs,
    async ask(name) {
      const { iid } = await story.propose(name, { [`${name}/main.tf`]: cloudModule(cloud, place, name) });
      return { iid, key: await story.ticketIs(iid, 'In review') };
    },
    approve: (key) => story.adamInJira.move(key, 'Approved'),
    async applying(name) {
      const { iid, key } = await crash.ask(name);
      await crash.approve(key);
      await cloud.begun(name);
      const attempt = await attemptIs(iid, ({ terraform_pid }) => terraform_pid !== null);
      const { supervisor_pid, terraform_pid } = attempt;
      if (supervisor_pid === null || terraform_pid === null) throw new Error('an attempt without processes');
      return { iid, key, attempt: { ...attempt, supervisor_pid, terraform_pid } };
    },
    state: (name) => ask(`${gitlabUrl}/sandbox/projects/${scene.project.id}/states/${name}`),
    async merged(iid, name) {
      await story.changeIs(iid, 'merged');
      const [attempts, { versions }] = await Promise.all([story.attempts(iid), crash.state(name)]);
      return {
        attempts: attempts.map(({ outcome }) => outcome),
        made: cloud.count(name),
        states: versions.length,
      };
    },
    worker() {
      const worker = story.workers.at(-1);
      if (worker === undefined) throw new Error('there is no worker');
      return worker;
    },
    async killWorker() {
      crash.worker().signal('SIGKILL');
      await crash.worker().ended;
    },
    async close() {
      await story.close();
      await cloud.close();
    },
  };
  return crash;
}

/** Processes of terraform itself below the one that was spawned, which may be its sandbox. */
export async function terraformBelow(pid: number): Promise<number[]> {
  const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
  if (name === 'terraform') return [pid];
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const below = children.trim().split(' ').filter(Boolean).map(Number);
  return (await Promise.all(below.map(terraformBelow))).flat();
}

/** Folders that runs of this house have left; what `init` made is kept on purpose. */
export async function runFolders({ dir }: Pick<Story, 'dir'>): Promise<string[]> {
  const names = await readdir(join(dir, 'runs')).catch(() => []);
  return names.filter((name) => name !== 'init-cache');
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
