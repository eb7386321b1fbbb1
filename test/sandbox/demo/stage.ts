import { join } from 'node:path';
import { type House, type HousePart, startHouse } from '../house/house.ts';
import { openAws } from './aws.ts';
import { openDatabase } from './database.ts';
import { takeFolder } from './folder.ts';
import type { Infrastructure } from './infrastructure.ts';
import { networks } from './networks.ts';
import type { DemoOptions } from './options.ts';
import { Problem } from './problem.ts';
import { findPrograms } from './programs.ts';
import { findQueue } from './queue.ts';
import type { Terminal } from './terminal.ts';

/** Everything that the story is played on. */
export interface Stage {
  house: House;
  infrastructure: Infrastructure;
  /** Stops every process; the folder is removed unless somebody may want to look into it. */
  close(options: { keep: boolean }): Promise<void>;
}

/** Something that runs and has to be closed, the last first. */
interface Opened {
  close(): Promise<void>;
}

/** Where the demo's files were when it did not start: what was printed is there. */
export class StageFailure extends Error {
  readonly logs: string;

  constructor(cause: unknown, logs: string) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.logs = logs;
  }
}

/**
 * Sets the stage, a line for each part, as much at once as can be: PostgreSQL begins while GitLab and JIRA do.
 * @throws Problem before anything was started; StageFailure afterwards, with everything stopped again
 */
export async function openStage(
  { dir, without, aws }: DemoOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Stage> {
  terminal.heading(
    aws
      ? 'Countersign, with the AWS provider on an emulator and state in S3'
      : 'Countersign, with resources that need no cloud and state in GitLab',
  );
  const started = performance.now();
  const stands = (what: string, ...more: string[]) =>
    terminal.done(what, (performance.now() - started) / 1000, ...more);
  const [programs, queue] = await Promise.all([findPrograms(), findQueue()]);
  const { terraform } = programs;
  const folder = await takeFolder(dir);
  stands(`${terraform.name} ${terraform.version}, git ${programs.git}, Node ${programs.node}`, folder.path);

  const opened: Opened[] = [];
  const close = async (keep: boolean) => {
    for (const each of opened.toReversed()) await each.close();
    if (!keep) await folder.remove();
  };
  try {
    const infrastructure = aws ? await openAws(folder.path, signal) : networks;
    opened.push(infrastructure);
    if (aws) stands('AWS, played by moto');
    const database = openDatabase(folder.path).then((found) => {
      stands(found.description);
      return found;
    });
    // Its failure is told by the house, which needs it later.
    const settled = database.catch(() => undefined);
    opened.push({ close: async () => (await settled)?.close() });
    const house = await startHouse({
      ...infrastructure.settings,
      dir: folder.path,
      database,
      migrate: true,
      ...(queue.redisUrl === undefined ? {} : { redisUrl: queue.redisUrl }),
      terraform: terraform.program,
      unmapped: without,
      moreRoles: { erin: ['approver'] },
      // Who approves does not apply as well: Mia could do either.
      gates: { exclusions: [['approver', 'operator']] },
      files: (place) => infrastructure.before(place),
      tell: (part, url) => stands(titleOf(part, queue.description), ...(url === undefined ? [] : [url])),
      signal,
    });
    opened.push(house);
    await infrastructure.prepare(house);
    return { house, infrastructure, close: ({ keep }) => close(keep) };
  } catch (error) {
    await close(!signal.aborted);
    if (signal.aborted || error instanceof Problem) throw error;
    throw new StageFailure(error, join(folder.path, 'logs'));
  }
}

function titleOf(part: HousePart, queue: string): string {
  switch (part) {
    case 'GitLab':
      return 'GitLab, played by a double: REST, webhooks, real git, Terraform state';
    case 'JIRA':
      return 'JIRA, played by a double: REST, workflow, changelog, webhooks';
    case 'schema':
      return 'Countersign’s schema: npm run migrate';
    case 'server':
      return 'Countersign’s server: npm run server';
    case 'worker':
      return `Countersign’s worker: npm run workers, with its queue ${queue}`;
  }
}
