import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '#domain/command.ts';

test('the page on commands has a row for each that help shows, typed the same, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/commands.md'), 'utf8');
  const typed = [...page.matchAll(/^\| `(countersign [^`]+)` \|/gm)].map(([, usage = '']) =>
    usage.replaceAll('\\|', '|'),
  );
  expect(typed).toEqual(COMMANDS.map(({ usage }) => usage));
});
