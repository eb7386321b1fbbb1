import { z } from 'zod';
import { evidenceSchema } from '#views/evidence/schema.ts';

/** What has to be there once something was begun: a record that lacks it is none. An erased payload takes its part along. */
const STAGES = [
  {
    if: holding('execution', { attempts: { minItems: 1 } }),
    // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's own word
    then: {
      properties: {
        identity: { required: ['approvalId', 'tier'] },
        what: { required: ['revision'], properties: { plans: { minItems: 1 } } },
        gates: { minItems: 1 },
        decision: { required: ['tuple'], properties: { kind: { not: { const: 'none' } } } },
      },
      allOf: [
        kind('decided', {
          who: { properties: { approvers: { minItems: 1 } } },
          decision: { properties: { decisions: { minItems: 1 }, exclusions: { minItems: 1 } } },
        }),
        kind('standing', { decision: { required: ['mandate'] } }),
        kind('break-glass', {
          decision: { required: ['breakGlass'] },
          who: { properties: { operators: { minItems: 2 } } },
        }),
      ],
    },
  },
  {
    if: holding('execution', {}, ['release']),
    // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's own word
    then: {
      properties: {
        execution: { properties: { attempts: { contains: outcome('succeeded') } } },
        after: { properties: { audit: { required: ['checkpoint'] } } },
      },
    },
  },
];

function holding(group: string, properties: object, required: readonly string[] = []) {
  return { properties: { [group]: { properties, required } } };
}

function kind(name: string, properties: object) {
  // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's own word
  return { if: holding('decision', { kind: { const: name } }), then: { properties } };
}

function outcome(name: string) {
  return { properties: { outcome: { const: name } }, required: ['outcome', 'logDigest'] };
}

/** The published JSON Schema of an evidence record; made from the one that the record is typed by. */
export function evidenceJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(evidenceSchema);
  const head = {
    $schema,
    title: 'Evidence record of one change',
    description: 'What `countersign change show <KEY> --evidence` prints; see docs/audit-log.md.',
  };
  return `${JSON.stringify({ ...head, ...schema, allOf: STAGES }, null, 2)}\n`;
}
