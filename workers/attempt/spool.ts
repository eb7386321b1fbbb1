import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * What an attempt leaves on this machine's disk, so that its outcome survives whoever watches it. Files of ours alone:
 * terraform gets the output file as an open descriptor and can reach nothing else of it.
 */
export interface Spool {
  dir: string;
  /** Terraform's output, as it printed it; holds what terraform does not mask until it is scrubbed into the database. */
  outputFile: string;
  /** Written before the process is spawned: without it nothing was ever started. */
  noteSpawning(note: SpawningNote): Promise<void>;
  spawning(): Promise<SpawningNote | undefined>;
  /** Written once, when the process has ended. */
  noteExit(exit: ExitRecord): Promise<void>;
  exit(): Promise<ExitRecord | undefined>;
  /** Written before terraform is interrupted: at a second interrupt it would give its state up. */
  noteInterrupt(): Promise<void>;
  wasInterrupted(): Promise<boolean>;
  /** `errored.tfstate`, sealed: its first place is a folder that the next run of the project empties. */
  keepErroredState(sealed: Buffer): Promise<void>;
  erroredState(): Promise<Buffer | undefined>;
  /** Written when all was looked at and nobody can tell how it ended: there is nothing more to be found here. */
  noteGivenUp(): Promise<void>;
  isGivenUp(): Promise<boolean>;
  remove(): Promise<void>;
}

const stateReading = z.union([
  z.strictObject({ lineage: z.string(), serial: z.string() }),
  z.enum(['none', 'unreadable']),
]);
const spawningNote = z.strictObject({ stateBefore: stateReading });
const exitRecord = z.strictObject({
  exitCode: z.number().nullable(),
  signal: z.string().nullable(),
});

export type SpawningNote = z.output<typeof spawningNote>;
export type ExitRecord = z.output<typeof exitRecord>;

/** The spool of one attempt below the machine's spool folder; makes it when it is not there. */
export async function openSpool(spoolDir: string, attemptId: string): Promise<Spool> {
  const dir = join(spoolDir, attemptId);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const bytes = (name: string) => readFile(join(dir, name)).catch(() => undefined);
  const read = async <T>(name: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    const text = await bytes(name);
    return text === undefined ? undefined : schema.parse(JSON.parse(text.toString('utf8')));
  };
  const write = (name: string, value: object) => writeDurably(dir, name, JSON.stringify(value));
  return {
    dir,
    outputFile: join(dir, 'output.jsonl'),
    noteSpawning: (note) => write('spawning.json', note),
    spawning: () => read('spawning.json', spawningNote),
    noteExit: (exit) => write('exit.json', exit),
    exit: () => read('exit.json', exitRecord),
    noteInterrupt: () => write('interrupt.json', {}),
    wasInterrupted: async () => (await bytes('interrupt.json')) !== undefined,
    keepErroredState: (sealed) => writeDurably(dir, 'errored.tfstate.sealed', sealed),
    erroredState: () => bytes('errored.tfstate.sealed'),
    noteGivenUp: () => write('given-up.json', {}),
    isGivenUp: async () => (await bytes('given-up.json')) !== undefined,
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** All or nothing, and on disk when it returns: a name appears only once its content is safe. */
async function writeDurably(dir: string, name: string, value: string | Buffer): Promise<void> {
  const temporary = join(dir, `.${name}`);
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(value);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(dir, name));
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
