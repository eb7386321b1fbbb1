import { parseArgs } from 'node:util';
import { type GitlabOptions, startGitlab } from './server.ts';
import { NEWEST, VERSIONS } from './versions.ts';

/*
 * The double as a process of its own: `node main.ts --dir <folder> [--port n] [--version 19.0] [--merge-status-delay-ms n]`.
 * Prints {"url": …} when it listens; ends on SIGTERM and when the one who started it is gone (stdin or IPC closes).
 */
const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    port: { type: 'string' },
    version: { type: 'string' },
    'merge-status-delay-ms': { type: 'string' },
  },
});
if (values.dir === undefined) {
  console.error(
    `usage: main.ts --dir <folder> [--port n] [--version ${VERSIONS.join('|')}] [--merge-status-delay-ms n]`,
  );
  process.exit(2);
}
const version = VERSIONS.find((one) => one === (values.version ?? NEWEST));
if (version === undefined) {
  console.error(`unknown version ${values.version}; known are ${VERSIONS.join(', ')}`);
  process.exit(2);
}
const options: GitlabOptions = { dir: values.dir, version };
if (values.port !== undefined) options.port = Number(values.port);
if (values['merge-status-delay-ms'] !== undefined)
  options.mergeStatusDelayMs = Number(values['merge-status-delay-ms']);

const double = await startGitlab(options);
const stop = () => {
  double.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('disconnect', stop);
process.stdin.on('end', stop);
process.stdin.on('error', stop);
process.stdin.resume();
console.log(JSON.stringify({ url: double.url }));
