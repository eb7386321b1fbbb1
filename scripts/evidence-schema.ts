import { z } from 'zod';
import { evidenceSchema } from '#views/evidence/schema.ts';

/** The published JSON Schema of an evidence record; made from the one that the record is typed by. */
export function evidenceJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(evidenceSchema);
  const head = {
    $schema,
    title: 'Evidence record of one change',
    description: 'What `countersign change show <KEY> --evidence` prints; see docs/audit-log.md.',
  };
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`;
}
