import { startJira } from './server.ts';

/**
 * JIRA as a process of its own: prints `{"url"}` on one line when it listens, ends on SIGTERM or SIGINT, and when the
 * parent's end of standard input closes. `JIRA_PORT` and `JIRA_SEARCH_LAG_MS` are read from the environment.
 */
const jira = await startJira({
  port: Number(process.env['JIRA_PORT'] ?? 0),
  searchLagMs: Number(process.env['JIRA_SEARCH_LAG_MS'] ?? 0),
});
process.stdout.write(`${JSON.stringify({ url: jira.url })}\n`);

let stopping = false;
const stop = () => {
  if (stopping) return;
  stopping = true;
  void jira.close().then(() => process.exit(0));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('disconnect', stop);
// With `stdin: 'pipe'` the pipe closes when the parent is gone, however it went.
process.stdin.on('end', stop).on('close', stop).resume();
