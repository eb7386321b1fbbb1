import { startJira } from './server.ts';

/**
 * JIRA as a process of its own: prints `{"url"}` on one line when it listens; ends on SIGTERM or SIGINT, and by itself
 * when its parent is gone. `JIRA_PORT`, `JIRA_SEARCH_LAG_MS` and `JIRA_EDITION` (`cloud`
 * or `data-center`) are read from the environment.
 */
const jira = await startJira({
  port: Number(process.env['JIRA_PORT'] ?? 0),
  searchLagMs: Number(process.env['JIRA_SEARCH_LAG_MS'] ?? 0),
  edition: process.env['JIRA_EDITION'] === 'data-center' ? 'data-center' : 'cloud',
});
process.stdout.write(`${JSON.stringify({ url: jira.url })}\n`);

const stop = () => {
  clearInterval(watch);
  void jira.close().then(() => process.exit(0));
};
// An orphan is given another parent, which is the only sign of it that no way of starting a child takes away.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid !== parent) stop();
}, 250);
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
