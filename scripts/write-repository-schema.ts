/* Writes docs/countersign.schema.json anew from the code: `node scripts/write-repository-schema.ts`. A unit test says when that is due. */

import { writeFileSync } from 'node:fs';
import { repositoryJsonSchema } from './repository-schema.ts';

writeFileSync(new URL('../docs/countersign.schema.json', import.meta.url), repositoryJsonSchema());
