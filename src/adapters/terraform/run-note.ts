import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Fault } from '#domain/fault.ts';
import type { WorkflowStep } from '#domain/workflow.ts';
import type { RunFolder } from './run-folder.ts';
import { readInside } from './run-tree.ts';

/** The file of a bundle in which the plan run left word for the apply; written by the service when the run is over. */
export const runNoteFile = 'run.json';

const extraArgs = z.array(z.string());
const ownStep = z.strictObject({ step: z.enum(['init', 'plan', 'show', 'check', 'apply']), extraArgs });
const envStep = z.strictObject({ step: z.literal('env'), name: z.string(), value: z.string() });
const runStep = z.strictObject({
  step: z.literal('run'),
  name: z.string(),
  command: z.array(z.string()),
  output: z.enum(['show', 'hide']),
});
const noteSchema = z.strictObject({
  binary: z.strictObject({ distribution: z.enum(['terraform', 'tofu']), version: z.string() }),
  /** With which `init` was run, and with which it is run again where providers have to come back. */
  initArgs: extraArgs,
  /** The whole apply with its hooks, as it was resolved when it was planned: what was approved is what runs. */
  apply: z.array(z.discriminatedUnion('step', [ownStep, envStep, runStep])),
  /** Key of the kept `init`, where it was one that can be kept. */
  initKey: z.string().optional(),
  /** What the plan holds as sensitive and output may not show. */
  hidden: z.array(z.string()),
});

export interface RunNote {
  binary: { distribution: 'terraform' | 'tofu'; version: string };
  initArgs: readonly string[];
  apply: readonly WorkflowStep[];
  initKey?: string | undefined;
  hidden: readonly string[];
}

/** Into the folder of a run that is over: nobody of it may be alive, `uid` is its user. */
export async function writeRunNote(folder: RunFolder, note: RunNote, uid: number | undefined): Promise<void> {
  await folder.place(runNoteFile, JSON.stringify(note), uid);
}

/** Takes the note out of a bundle that was put back. Fault `bundle-unreadable` when there is none: the bundle was not made by this version. */
export async function takeRunNote(folder: RunFolder): Promise<RunNote> {
  const text = await readInside(folder.path, runNoteFile, largestNote);
  await rm(join(folder.path, runNoteFile), { force: true });
  const note = text === undefined ? undefined : noteSchema.safeParse(JSON.parse(text.toString('utf8')));
  if (note?.success === true) return note.data;
  throw new Fault('bundle-unreadable', 'The plan was made by another version of the service: plan again', {
    retryable: false,
  });
}

const largestNote = 512 * 1024 * 1024;
