import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { exportLog } from '#app/audit/export-log.ts';
import { type FetchWitness, findWitness } from '#app/audit/find-witness.ts';
import { type CheckpointDependencies, makeCheckpoint } from '#app/audit/make-checkpoint.ts';
import { proveEntry } from '#app/audit/prove-entry.ts';
import { verifyBundle } from '#app/audit/verify-bundle.ts';
import { verifyLive } from '#app/audit/verify-live.ts';
import { type NoteKey, parseVerifierKey } from '#domain/audit/signed-note.ts';
import type { VerificationReport } from '#domain/audit/verify-log.ts';
import { Fault } from '#domain/fault.ts';
import { reportLines } from './audit-report.ts';

/** The database and key of a running Countersign; only commands on the live log ask for them. */
export interface AuditServices extends CheckpointDependencies {
  /** Every key that ever signed this log, as verifier keys. */
  readonly verifierKeys: readonly string[];
  close(): Promise<void>;
}

export interface AuditCommandDependencies {
  readonly open: () => Promise<AuditServices>;
  /** Reads release tags and tickets; absent where neither GitLab nor JIRA is configured. */
  readonly fetchWitness?: FetchWitness;
  readonly generateKey: (file: string, origin: string) => Promise<string>;
  readonly print: (line: string) => void;
  readonly setExitCode: (code: AuditExitCode) => void;
}

/** 0 as signed, 1 tampered with, 2 incomplete, 3 wrong use. */
export type AuditExitCode = 0 | 1 | 2 | 3;

export interface VerifyOptions {
  readonly bundle?: string;
  readonly vkey: readonly string[];
  readonly against: readonly string[];
}

/** Adds `countersign audit …` to the program. */
export function registerAuditCommands(program: Command, dependencies: AuditCommandDependencies): void {
  const concluding = async (work: Promise<AuditExitCode>): Promise<void> =>
    dependencies.setExitCode(await work.catch((error: unknown) => failure(error, dependencies.print)));
  const audit = program.command('audit').description('verify, export and sign the audit log');
  const collect = (value: string, before: string[]): string[] => [...before, value];
  audit
    .command('verify')
    .description(
      'verify the log in the database, or an export of it (exit code 0 ok, 1 tampering, 2 incomplete)',
    )
    .option('--bundle <folder>', 'verify this export instead; needs no database')
    .option('--vkey <key or file>', 'trust this verifier key; may be repeated', collect, [])
    .option(
      '--against <file | tag:NAME | ticket:KEY>',
      'compare with a checkpoint kept elsewhere; may be repeated',
      collect,
      [],
    )
    .action((options: VerifyOptions) => concluding(auditVerify(options, dependencies)));
  audit
    .command('export <folder>')
    .description('write the log up to a fresh checkpoint into a new folder that verifies offline')
    .action((folder: string) => concluding(auditExport(folder, dependencies)));
  audit
    .command('checkpoint')
    .description('sign the head of the log and print the checkpoint')
    .action(() => concluding(auditCheckpoint(dependencies)));
  audit
    .command('prove <index>')
    .description('print a proof that an entry is in the log (C2SP tlog-proof)')
    .action((index: string) => concluding(auditProve(index, dependencies)));
  audit
    .command('keygen <file> <origin>')
    .description(
      'make a signing key in a new file and print its verifier key; the origin names the log, e.g. countersign.example/log',
    )
    .action((file: string, origin: string) => concluding(auditKeygen(file, origin, dependencies)));
}

/** Verifies the live log or a bundle, against every witness named, and prints what it found. */
async function auditVerify(
  options: VerifyOptions,
  dependencies: AuditCommandDependencies,
): Promise<AuditExitCode> {
  const { print, fetchWitness } = dependencies;
  const keys = await readKeys(options.vkey);
  if (typeof keys === 'string') {
    print(`not a verifier key, nor a file that holds one: ${keys}`);
    return 3;
  }
  const witnesses = await Promise.all(options.against.map((each) => findWitness(each, fetchWitness)));
  if (options.bundle !== undefined) {
    if (keys.length === 0)
      print('no --vkey given: trusting the keys in the export, which whoever made it chose');
    return conclude(await verifyBundle(options.bundle, { keys, witnesses }), print);
  }
  return withServices(dependencies, async ({ db, verifierKeys }) => {
    const own = verifierKeys.map(parseVerifierKey).filter((key) => key !== undefined);
    return conclude(await verifyLive({ db, keys: keys.length > 0 ? keys : own, witnesses }), print);
  });
}

/** Makes a checkpoint, so that the export is complete, and writes the export. */
function auditExport(folder: string, dependencies: AuditCommandDependencies): Promise<AuditExitCode> {
  return withServices(dependencies, async ({ db, signer, verifierKeys }) => {
    await makeCheckpoint({ db, signer });
    const entries = await exportLog({ db, verifierKeys }, folder);
    dependencies.print(
      `${entries} entries in ${folder}; verify with: countersign audit verify --bundle ${folder}`,
    );
    return 0;
  });
}

/** Signs the head and prints the checkpoint exactly, to be kept elsewhere. */
function auditCheckpoint(dependencies: AuditCommandDependencies): Promise<AuditExitCode> {
  return withServices(dependencies, async (services) => {
    const checkpoint = await makeCheckpoint(services);
    dependencies.print(checkpoint?.note.trimEnd() ?? 'the log is empty: nothing to sign');
    return checkpoint === undefined ? 2 : 0;
  });
}

/** Prints the proof of one entry. */
function auditProve(index: string, dependencies: AuditCommandDependencies): Promise<AuditExitCode> {
  return withServices(dependencies, async ({ db }) => {
    if (!/^(0|[1-9]\d{0,14})$/.test(index)) {
      dependencies.print(`not the index of an entry: ${index}`);
      return 3;
    }
    const proof = await proveEntry(db, Number(index));
    dependencies.print(proof?.trimEnd() ?? `no checkpoint covers entry ${index} yet`);
    return proof === undefined ? 2 : 0;
  });
}

/** Makes a signing key and prints the half of it that auditors get. */
async function auditKeygen(
  file: string,
  origin: string,
  { generateKey, print }: AuditCommandDependencies,
): Promise<AuditExitCode> {
  print(await generateKey(file, origin));
  return 0;
}

/** Nobody may read "could not look" as "looked, and it was tampered with", which is what exit code 1 says. */
function failure(error: unknown, print: (line: string) => void): AuditExitCode {
  print(error instanceof Error ? error.message : String(error));
  return error instanceof Fault && error.code === 'audit-log-inconsistent' ? 1 : 2;
}

async function withServices(
  { open }: AuditCommandDependencies,
  work: (services: AuditServices) => Promise<AuditExitCode>,
): Promise<AuditExitCode> {
  const services = await open();
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}

/** The keys named, or the first name that is none. */
async function readKeys(names: readonly string[]): Promise<NoteKey[] | string> {
  const keys: NoteKey[] = [];
  for (const name of names) {
    const key = parseVerifierKey(name) ?? parseVerifierKey(await readFile(name, 'utf8').catch(() => ''));
    if (key === undefined) return name;
    keys.push(key);
  }
  return keys;
}

function conclude(report: VerificationReport, print: (line: string) => void): AuditExitCode {
  for (const line of reportLines(report)) print(line);
  switch (report.verdict) {
    case 'ok':
      return 0;
    case 'tampering':
      return 1;
    case 'incomplete':
      return 2;
  }
}
