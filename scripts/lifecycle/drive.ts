import type { Project, ProjectStatus } from '#domain/project.ts';
import type { Signal, Step } from '#domain/lifecycle/step.ts';
import { stepProject } from '#domain/lifecycle/step-project.ts';
import { APPROVALS, PROJECTS, SIGNALS, type Sample, TICKETS } from './samples.ts';

/** What a status makes of a signal, in one case. */
export interface Arrow {
  from: ProjectStatus;
  signal: Signal['type'];
  /** In which case, in words; none where it is so in every case. */
  when: string;
  to: ProjectStatus;
  /** The signal means nothing here. */
  idle: boolean;
  /** The status is the same, and what it knows is not. */
  noted: boolean;
  effects: readonly string[];
  refusals: readonly string[];
}

/** Sends every signal to a project at every status, in every case, and tells what came of it. */
export function drive(): Arrow[] {
  return keysOf(PROJECTS).flatMap((from) => keysOf(SIGNALS).flatMap((signal) => arrowsOf(from, signal)));
}

function arrowsOf(from: ProjectStatus, type: Signal['type']): Arrow[] {
  const tries = PROJECTS[from].flatMap((project) =>
    SIGNALS[type].flatMap((signal) =>
      APPROVALS.flatMap((approval) =>
        TICKETS.map((ticket) => ({
          ways: [signal, project, approval, ticket] as const,
          arrow: toArrow(
            from,
            type,
            project.value,
            tryOut(project.value, signal.value, approval.value, ticket.value),
          ),
        })),
      ),
    ),
  );
  const outcomes = [...Map.groupBy(tries, ({ arrow }) => JSON.stringify(arrow)).values()];
  return outcomes.flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    return [{ ...first.arrow, when: outcomes.length === 1 ? '' : wordsFor(same, tries) }];
  });
}

function tryOut(
  project: Project,
  signal: Signal,
  approval: (typeof APPROVALS)[number]['value'],
  ticketOpen: boolean,
): Step {
  const around = {
    at: '',
    approval,
    isInForce: () => approval !== undefined,
    wave: 0,
    merged: false,
    ticketOpen,
    nextPlanRun: () => 'next run',
    nextEvaluation: () => 'next evaluation',
  };
  return stepProject(project, signal, around);
}

function toArrow(from: ProjectStatus, signal: Signal['type'], before: Project, step: Step): Arrow {
  const idle = step.project === before && step.effects.length === 0 && step.refusals.length === 0;
  return {
    from,
    signal,
    when: '',
    to: step.project.status,
    idle,
    noted: step.project !== before && step.project.status === from && step.effects.length === 0,
    effects: step.effects.map(({ type }) => type),
    refusals: step.refusals.map(({ reason, remedy }) => `${reason}: ${remedy}`),
  };
}

type Way = readonly [Sample<unknown>, Sample<unknown>, Sample<unknown>, Sample<unknown>];

/** What tells these tries from the others: of each way of differing, the cases that are in here, unless all are. */
function wordsFor(same: readonly { ways: Way }[], all: readonly { ways: Way }[]): string {
  const words = [0, 1, 2, 3].map((i) => {
    const here = casesOf(same, i);
    return here.length === casesOf(all, i).length ? '' : here.join(' or ');
  });
  return words.filter((each) => each !== '').join(', ');
}

function casesOf(tries: readonly { ways: Way }[], i: number): string[] {
  return [...new Set(tries.map(({ ways }) => ways[i]?.when ?? ''))];
}

function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(record) as K[];
}
