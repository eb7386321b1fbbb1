import { z } from 'zod';
import type { WorkflowStep } from '#domain/workflow.ts';
import { refusedArgument, refusedVariable, workflowProblems } from '#domain/workflow-rules.ts';

export const workflowName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and dashes');

const bare = z
  .enum(['init', 'plan', 'show', 'check', 'apply'])
  .transform((step): WorkflowStep => ({ step, extraArgs: [] }))
  .describe('A step by its name alone.');

const ofTerraform = z
  .strictObject({
    step: z.enum(['init', 'plan', 'show', 'check', 'apply']).describe('What is run.'),
    extraArgs: z
      .array(z.string().max(300))
      .max(20)
      .default([])
      .describe(
        'Arguments to add, from a fixed list: `-parallelism=N`, `-refresh=false`, `-lock-timeout=5m` …',
      ),
  })
  .check(({ value: { step, extraArgs }, issues }) => {
    for (const [index, argument] of extraArgs.entries()) {
      const message = refusedArgument(step, argument);
      if (message !== undefined)
        issues.push({ code: 'custom', message, input: argument, path: ['extraArgs', index] });
    }
  });

const env = z.strictObject({
  step: z.literal('env').describe('Sets a variable for every later step of the run.'),
  name: z
    .string()
    .refine((name) => refusedVariable(name) === undefined, {
      error: ({ input }) => refusedVariable(String(input)) ?? '',
    })
    .describe('Name of the variable.'),
  value: z.string().max(10_000).describe('Its value.'),
});

const program = {
  name: z.string().min(1).max(100),
  /** The program and its arguments, never a shell line. */
  command: z.array(z.string().min(1)).min(1),
  output: z.enum(['show', 'hide']).default('show'),
};

/** A program of the service, so it stands in the server's file only. */
const run = z.strictObject({ step: z.literal('run'), ...program });

const step = z.union([bare, z.discriminatedUnion('step', [ofTerraform, env])]);
const serverStep = z.union([bare, z.discriminatedUnion('step', [ofTerraform, env, run])]);

type Phase = 'plan' | 'apply';
const ALWAYS: Readonly<Record<Phase, ('init' | 'plan' | 'show' | 'check' | 'apply')[]>> = {
  plan: ['init', 'plan', 'show', 'check'],
  apply: ['init', 'apply'],
};

/** None of the steps may be left out, above all not the checks; what is free is what stands between them. */
function phase<S extends z.ZodType<WorkflowStep>>(name: Phase, each: S) {
  return z
    .array(each)
    .max(50)
    .refine((steps) => problemOf(name, steps) === undefined, {
      error: ({ input }) => problemOf(name, input as WorkflowStep[]) ?? '',
    })
    .default(ALWAYS[name].map((step) => ({ step, extraArgs: [] })) as z.output<S>[])
    .describe(
      `What is done to ${name}: ${ALWAYS[name].join(', ')}, in this order, and what stands between them.`,
    );
}

function problemOf(name: Phase, steps: readonly WorkflowStep[]): string | undefined {
  const plain: Record<Phase, WorkflowStep[]> = {
    plan: ALWAYS.plan.map((each) => ({ step: each, extraArgs: [] })),
    apply: ALWAYS.apply.map((each) => ({ step: each, extraArgs: [] })),
  };
  return workflowProblems({ ...plain, [name]: steps }).at(0);
}

/** A workflow as a repository may write it. */
export const workflowSchema = z.strictObject({ plan: phase('plan', step), apply: phase('apply', step) });

/** A workflow of the server's file, which may run programs. */
export const serverWorkflowSchema = z.strictObject({
  plan: phase('plan', serverStep),
  apply: phase('apply', serverStep),
});

const hooks = z
  .array(z.strictObject(program).transform((each) => ({ step: 'run' as const, ...each })))
  .default([]);

/** Programs around every workflow of the projects that fit, and what they are called in the server's file. */
export const hookPhases = { prePlan: hooks, postPlan: hooks, preApply: hooks, postApply: hooks };
