import { readFile, writeFile } from 'node:fs/promises';
import { prepareTestCluster, type TestCluster } from '#test/support/postgres-cluster.ts';
import { awsKind, tinyKind } from './kinds.ts';
import { measureApproval } from './measure-approval.ts';
import { measureIntake } from './measure-intake.ts';
import { measurePlans } from './measure-plans.ts';
import { measureWorkTree } from './measure-work-tree.ts';
import { type BenchOptions, type Part, readOptions } from './options.ts';
import { describeMachine, renderReport } from './report.ts';
import { count, type Results, type Row } from './result.ts';
import { openStage, type Stage } from './stage.ts';

const options = readOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(options);
  process.exit(2);
}
const before = options.against === undefined ? undefined : await readResults(options.against);
const machine = describeMachine();
const results: Results = { at: new Date().toISOString(), machine, ...(await measure(options)) };
console.log(renderReport(results, before));
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);

async function readResults(file: string): Promise<Results> {
  return JSON.parse(await readFile(file, 'utf8')) as Results;
}

async function measure(wanted: BenchOptions): Promise<Pick<Results, 'rows' | 'skipped' | 'settings'>> {
  const { cluster, stop } = await prepareTestCluster();
  const skipped: string[] = [];
  try {
    const rows = [...(await onTinyPlans(cluster, wanted)), ...(await onAws(cluster, wanted, skipped))];
    const { projects, folders, repetitions } = wanted;
    return { rows, skipped, settings: { projects, folders, repetitions } };
  } finally {
    await stop();
  }
}

/** Everything but AWS, in one house: a repository of many folders, a server, one worker. */
async function onTinyPlans(cluster: TestCluster, wanted: BenchOptions): Promise<Row[]> {
  const stage = await openStage(cluster);
  const kind = tinyKind(stage);
  const has = (part: Part) => wanted.parts.includes(part);
  const rows: Row[] = [];
  try {
    tell(`a repository of ${wanted.folders} folders`);
    await stage.olga.push('main', manyFolders(stage, wanted.folders));
    if (has('git'))
      rows.push(...(await told('work tree', measureWorkTree(stage, 'many/folder-0001', wanted.repetitions))));
    if (has('plan'))
      rows.push(...(await told('plans', measurePlans(stage, kind, wanted.projects, wanted.repetitions))));
    if (has('approval') || has('intake'))
      rows.push(...(await told('approvals', measureApproval(stage, kind, wanted.repetitions))));
    rows.push(...(await memoryRows(stage)));
    if (has('intake'))
      rows.push(...(await told('intake', measureIntake(stage, wanted.intakeMs, wanted.repetitions))));
    return rows;
  } finally {
    await stage.close();
  }
}

async function onAws(cluster: TestCluster, wanted: BenchOptions, skipped: string[]): Promise<Row[]> {
  if (!wanted.parts.includes('aws')) return [];
  const aws = await awsKind();
  if (typeof aws === 'string') {
    skipped.push(aws);
    return [];
  }
  try {
    const stage = await openStage(cluster, aws.settings);
    try {
      return await told('AWS plans', measurePlans(stage, aws.kind, wanted.awsProjects, wanted.repetitions));
    } finally {
      await stage.close();
    }
  } finally {
    await aws.close();
  }
}

function manyFolders(stage: Stage, folders: number): Record<string, string> {
  const { files } = tinyKind(stage);
  const numbers = Array.from({ length: folders }, (_, i) => String(i + 1).padStart(4, '0'));
  return Object.fromEntries(
    numbers.map((number) => [`many/folder-${number}/main.tf`, files(`folder-${number}`)['main.tf'] ?? '']),
  );
}

async function memoryRows(stage: Stage): Promise<Row[]> {
  return (await stage.memory()).map(({ name, most }) =>
    count({
      id: `memory-${name}`,
      what: `most memory of the ${name} (MiB)`,
      ours: Math.round(most),
      unit: 'count',
    }),
  );
}

async function told<T>(what: string, work: Promise<T>): Promise<T> {
  tell(what);
  return work;
}

function tell(what: string): void {
  console.error(`measuring: ${what}`);
}
