import { createHash } from 'node:crypto';
import type { TicketAttachment } from '#app/ports/ticketing.ts';
import { plannedProjects } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import { type PlanFile, planFileName, plansFileName, workPlanFileName } from '#messages/plan-files.ts';
import { plural } from '#messages/counts.ts';
import { workPlanText } from '#messages/ticket-context.ts';
import type { WorkerContext } from './context.ts';

/** A file for the ticket, and how the ticket names it. */
export type TicketFile = TicketAttachment & PlanFile;

/** More projects than this share files: each file costs a call. */
const MOST_FILES = 10;
/** JIRA takes 10 MB unless somebody configured otherwise. */
const MOST_BYTES = 9_000_000;

type Extension = 'txt' | 'json';

interface Plan {
  key: string;
  digest: string;
  content: string;
}

/** What is attached to the ticket: the redacted plans as text and as JSON, and the work plan where there is one. */
export async function ticketFiles(
  { ledger }: Pick<WorkerContext, 'ledger'>,
  change: Change,
): Promise<TicketFile[]> {
  const planned = plannedProjects(change);
  const found = await ledger.planFiles(planned.map(({ plan }) => plan.planRunId));
  const runs = new Map(found.map((run) => [run.id, run]));
  const plans = (of: 'planText' | 'planJson') =>
    planned.flatMap(({ key, plan }): Plan[] => {
      const content = runs.get(plan.planRunId)?.[of];
      return content === undefined ? [] : [{ key, digest: plan.digest, content }];
    });
  const workPlan = workPlanText(change);
  return [
    ...files(plans('planText'), 'txt'),
    ...files(plans('planJson').map(visible), 'json'),
    ...(workPlan === undefined
      ? []
      : [file(workPlan, 'the work plan', 'text/markdown', (sha256) => workPlanFileName(sha256))]),
  ].filter(({ content }) => content.length <= MOST_BYTES);
}

const MEDIA: Readonly<Record<Extension, string>> = { txt: 'text/plain', json: 'application/json' };

/** The same JSON, with every character that is not seen, or turns around what is seen, written as what it is. */
function visible(plan: Plan): Plan {
  const content = plan.content.replaceAll(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu, (found) =>
    found
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
  return { ...plan, content };
}

function files(plans: readonly Plan[], extension: Extension): TicketFile[] {
  const as = extension === 'txt' ? 'text' : 'JSON';
  if (plans.length <= MOST_FILES)
    return plans.map(({ content, key }) =>
      file(content, `the plan of ${key} as ${as}`, MEDIA[extension], (sha256) =>
        planFileName(key, sha256, extension),
      ),
    );
  return packed(plans).map((pack) =>
    file(
      extension === 'txt' ? textOf(pack) : jsonOf(pack),
      `${plural(pack.length, 'plan')} as ${as}`,
      MEDIA[extension],
      (sha256) => plansFileName(sha256, extension),
    ),
  );
}

/** In the order of the projects, as many into each file as JIRA takes. */
function packed(plans: readonly Plan[]): Plan[][] {
  const packs: Plan[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const plan of plans) {
    const size = Buffer.byteLength(plan.content) + plan.key.length + 200;
    bytes += size;
    if (bytes > MOST_BYTES) {
      packs.push([]);
      bytes = size;
    }
    packs.at(-1)?.push(plan);
  }
  return packs;
}

function textOf(plans: readonly Plan[]): string {
  return plans
    .map(({ content, digest, key }) => `==== ${key}\n==== plan digest ${digest}\n\n${content}`)
    .join('\n\n');
}

/** An object by project. */
function jsonOf(plans: readonly Plan[]): string {
  return `{${plans.map(({ content, key }) => `${JSON.stringify(key)}:${content}`).join(',\n')}}`;
}

function file(text: string, holds: string, mediaType: string, named: (sha256: string) => string): TicketFile {
  const content = Buffer.from(text);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { name: named(sha256), mediaType, content, holds, sha256 };
}
