import { userInfo } from 'node:os';
import { Command, CommanderError } from 'commander';
import { registerAuditCommands } from '#cli/audit.ts';
import { registerChangeCommands } from '#cli/change.ts';
import { registerConfigCommands } from '#cli/config.ts';
import { registerDoctor } from '#cli/doctor.ts';
import { registerImportAtlantis } from '#cli/import-atlantis.ts';
import { registerMandateCommands } from '#cli/mandate.ts';
import { runMigrate } from '#cli/migrate.ts';
import { registerOperateCommands } from '#cli/operate.ts';
import {
  composeAudit,
  composeBooks,
  composeMigration,
  composeReading,
  composeWitnesses,
  generateAuditKey,
} from './compose-cli.ts';
import { describeConfig, importAtlantis, loadConfig, readMandateTerms } from './config.ts';
import { orExplain } from './run-process.ts';

const print = (line: string) => console.log(line);
const setExitCode = (code: number) => {
  process.exitCode = code;
};

const program = new Command('countersign')
  .description('approve, apply and prove Terraform changes')
  .exitOverride();
program
  .command('migrate')
  .description('bring the database up to this version')
  .action(() => runMigrate({ ...composeMigration(loadConfig().secrets), print }));
registerConfigCommands(program, {
  describe: () => describeConfig(loadConfig().config),
  // What reads git and rules is heavy, and most commands need neither.
  explain: async (options) => (await import('./compose-explain.ts')).explainCheckout(options),
  print,
  setExitCode,
});
registerDoctor(program, {
  async examine() {
    const { config, secrets } = loadConfig();
    // It loads what every process of the service does.
    return (await import('./compose-doctor.ts')).examineSurroundings(config, secrets);
  },
  print,
  setExitCode,
});
registerAuditCommands(program, {
  open: () => {
    const { config, secrets } = loadConfig();
    return composeAudit(config, secrets);
  },
  fetchWitness: (kind, ref) => {
    const { config, secrets } = loadConfig();
    return composeWitnesses(config, secrets)(kind, ref);
  },
  generateKey: generateAuditKey,
  print,
  setExitCode,
});
registerChangeCommands(program, {
  open: () => {
    const { config, secrets } = loadConfig();
    return composeReading(config, secrets);
  },
  operator: userInfo().username,
  print,
  setExitCode,
});
registerOperateCommands(program, {
  open: () => {
    const { config, secrets } = loadConfig();
    return composeBooks(config, secrets);
  },
  operator: userInfo().username,
  print,
  setExitCode,
});
registerMandateCommands(program, {
  async openDesk() {
    const { config, secrets } = loadConfig();
    // Clients of GitLab and JIRA are heavy, and most commands need neither.
    return (await import('./compose-mandates.ts')).composeMandates(config, secrets, userInfo().username);
  },
  readTerms(path) {
    const reading = readMandateTerms(path);
    return reading.ok
      ? { ok: true, terms: reading.file.value }
      : { ok: false, problems: reading.problems.map(({ place, what }) => `${place}: ${what}`) };
  },
  operator: userInfo().username,
  print,
  setExitCode,
});
registerImportAtlantis(program, { translate: importAtlantis, print, setExitCode });

await orExplain(async () => {
  try {
    await program.parseAsync();
  } catch (error) {
    // Commander has printed what is wrong with the call; 3 is "wrong use" for every command.
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 3;
  }
});
