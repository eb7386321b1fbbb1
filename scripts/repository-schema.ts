import { z } from 'zod';
import { repositoryFileSchema } from '#src/config/repository/schema.ts';

/** The published JSON Schema of `countersign.yaml`, for editors; made from the schema that the service itself reads by. */
export function repositoryJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(repositoryFileSchema, { io: 'input' });
  const head = {
    $schema,
    title: 'countersign.yaml',
    description: 'What a repository says of its Terraform projects; see docs/configuration.md.',
  };
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`;
}
