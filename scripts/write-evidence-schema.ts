/* Writes docs/evidence.schema.json anew from the code: `node scripts/write-evidence-schema.ts`. A unit test says when that is due. */

import { writeFileSync } from 'node:fs';
import { evidenceJsonSchema } from './evidence-schema.ts';

writeFileSync(new URL('../docs/evidence.schema.json', import.meta.url), evidenceJsonSchema());
