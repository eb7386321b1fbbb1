import { composeServer, startProblems } from './compose-server.ts';
import { loadConfig } from './config.ts';
import { orExplain, untilStopped } from './run-process.ts';

await orExplain(async () => {
  const { config, secrets } = loadConfig();
  const server = composeServer(config, secrets);
  const problems = await startProblems(server);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const { host, port } = config.http;
  const address = await server.app.listen({ host, port });
  server.log.info({ address }, 'listening');
  process.send?.({ url: address });
  await untilStopped();
  await server.close();
});
