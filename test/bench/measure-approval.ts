import { until } from '#test/sandbox/house/http.ts';
import type { Kind } from './measure-plans.ts';
import { count, median, type Row } from './result.ts';
import type { Stage } from './stage.ts';
import { applyStart, startedBetween } from './started.ts';

interface Sample {
  /** From JIRA's webhook to `terraform apply`. */
  startMs: number;
  /** From there to the merge request being merged, tag and ticket included. */
  mergedMs: number;
}

/** How long it takes from the approval being known to terraform applying it: every gate is looked at live in between. */
export async function measureApproval(stage: Stage, kind: Kind, repetitions: number): Promise<Row[]> {
  const samples: Sample[] = [];
  for (let round = 1; round <= repetitions + 1; round += 1) samples.push(await sample(stage, kind, round));
  const middle = (pick: (each: Sample) => number) => median(samples.map(pick));
  return [
    count({
      id: 'approval-start',
      what: 'approval seen → terraform apply started',
      ours: middle(({ startMs }) => startMs),
      unit: 'ms',
      goal: { at: 'most', value: 1_000 },
    }),
    count({
      id: 'approval-merged',
      what: 'approval seen → applied, tagged, merged',
      ours: middle(({ mergedMs }) => mergedMs),
      unit: 'ms',
    }),
  ];
}

async function sample(stage: Stage, kind: Kind, round: number): Promise<Sample> {
  const name = `approved-${kind.id}-${round}`;
  const files = Object.entries(kind.files(name)).map(
    ([file, text]) => [`bench/${name}/${file}`, text] as const,
  );
  await stage.erin.push(name, Object.fromEntries(files));
  const { iid } = await stage.erin.open(name, `Bench ${name}`);
  const { approval_id: key } = await changeThat(
    stage,
    iid,
    `status = 'awaiting-approval' and approval_id is not null`,
  );
  await until('the ticket to be in review', async () =>
    (await stage.adamInJira.issue(key)).fields.status.name === 'In review' ? true : undefined,
  );
  await stage.rest();
  const before = Date.now();
  await stage.adamInJira.move(key, 'Approved');
  await changeThat(stage, iid, `status = 'merged'`);
  const [seen] = await stage.query<{ at: number }>(
    `select (extract(epoch from min(received_at)) * 1000)::float8 as at from webhook_deliveries
      where source = 'jira' and received_at >= to_timestamp($1::float8 / 1000)`,
    [before],
  );
  const [merged] = await stage.query<{ at: number }>(
    `select (extract(epoch from updated_at) * 1000)::float8 as at from changes where iid = $1`,
    [iid],
  );
  await stage.rest();
  const from = seen?.at ?? Number.NaN;
  const start = applyStart(startedBetween(stage.processes, before, Date.now()));
  return { startMs: (start ?? Number.NaN) - from, mergedMs: (merged?.at ?? Number.NaN) - from };
}

async function changeThat(stage: Stage, iid: number, is: string): Promise<{ approval_id: string }> {
  return until(`!${iid} to be: ${is}`, async () => {
    const [row] = await stage.query<{ approval_id: string }>(
      `select approval_id from changes where iid = $1 and ${is}`,
      [iid],
    );
    return row;
  });
}
