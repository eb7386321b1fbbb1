import { Command } from 'commander';
import { expect, test } from 'vitest';
import { registerMandateCommands } from '#cli/mandate.ts';

test('a list of mandates without any says of what there is none', async () => {
  const lines: string[] = [];
  const program = new Command();
  registerMandateCommands(program, {
    openDesk: async () => ({
      open: () => Promise.reject(new Error('nothing is opened')),
      list: async () => [],
      end: async () => undefined,
      close: async () => undefined,
    }),
    readTerms: () => ({ ok: false, problems: [] }),
    operator: 'olga',
    print: (line) => lines.push(line),
    setExitCode: () => undefined,
  });
  await program.parseAsync(['mandate', 'list'], { from: 'user' });
  expect(lines).toEqual(['no standing approval and no operator grant is open']);
});
