/* Writes docs/lifecycle.md anew from the code: `node scripts/write-lifecycle.ts`. A unit test says when that is due. */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { lifecyclePage } from './lifecycle/page.ts';

const root = path.resolve(import.meta.dirname, '..');
writeFileSync(path.join(root, 'docs/lifecycle.md'), lifecyclePage(root));
