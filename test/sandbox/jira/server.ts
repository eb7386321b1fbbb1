import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { adminRoutes } from './admin/routes.ts';
import type { Sandbox } from './admin/sandbox.ts';
import type { Api, Edition, RestVersion } from './api.ts';
import { cloud, dataCenter } from './editions.ts';
import { JiraError } from './errors.ts';
import { Faults, installFaults } from './faults.ts';
import { HookDispatcher } from './hooks/dispatcher.ts';
import { Site } from './model/site.ts';
import type { User } from './model/types.ts';
import type { WorkflowDefinition } from './model/workflow.ts';
import { pageRoutes } from './pages/routes.ts';
import { installRateLimit } from './rate-limit.ts';
import { RequestLog } from './request-log.ts';
import { attachmentRoutes } from './routes/attachments.ts';
import { changelogRoutes } from './routes/changelog.ts';
import { commentRoutes } from './routes/comments.ts';
import { issueRoutes } from './routes/issues.ts';
import { linkRoutes } from './routes/links.ts';
import { peopleRoutes } from './routes/people.ts';
import { propertyRoutes } from './routes/properties.ts';
import { searchRoutes } from './routes/search.ts';
import { serviceDeskRoutes } from './routes/service-desk.ts';
import { siteRoutes } from './routes/site.ts';
import { transitionRoutes } from './routes/transitions.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { SearchIndex } from './search/search-index.ts';

export type { WorkflowDefinition } from './model/workflow.ts';

export interface JiraDouble {
  url: string;
  close(): Promise<void>;
}

export interface JiraOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  host?: '127.0.0.1';
  /** How long a change stays invisible to searches. */
  searchLagMs?: number;
  workflow?: WorkflowDefinition;
  /** `cloud` when left out. */
  edition?: Edition['kind'];
  /** Under which path Data Center is installed, such as `/jira`; nothing else of it answers then. */
  contextPath?: string;
}

/** Starts a JIRA site in memory. It knows nobody and has no project until `/sandbox` is told. */
export async function startJira(options: JiraOptions = {}): Promise<JiraDouble> {
  const edition = options.edition === 'data-center' ? dataCenter : cloud;
  const site = new Site(options.workflow, { keepsWiki: edition.kind === 'data-center' });
  site.settings.searchLagMs = options.searchLagMs ?? 0;
  let url = '';
  const apiFor = (version: RestVersion): Api => ({
    site,
    edition,
    version,
    baseUrl: () => url,
  });

  const contextPath = options.contextPath ?? '';
  const app = fastify({
    bodyLimit: 64 * 1024 * 1024,
    forceCloseConnections: true,
    rewriteUrl: ({ url: asked = '/' }) => withinContext(asked, contextPath),
  });
  const faults = new Faults();
  const requests = new RequestLog();
  const routes: Sandbox['routes'] = [];
  const index = new SearchIndex(site);
  const dispatcher = new HookDispatcher(apiFor('2'));

  app.decorateRequest('jiraCaller', null);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ message: `null for uri: ${request.url}`, 'status-code': 404 }),
  );
  acceptBodies(app);
  await app.register(cookie);
  await app.register(formbody);

  await app.register(async (jira) => {
    requests.install(jira, (request) => request.getDecorator<User | null>('jiraCaller')?.accountId ?? null);
    installFaults(jira, faults);
    await jira.register(async (pages) => pageRoutes(pages, apiFor(edition.kind === 'cloud' ? '3' : '2')));
    await jira.register(async (rest) => {
      requireCredentials(rest, site, edition);
      installRateLimit(rest, site);
      rest.addHook('onRoute', ({ method, url: path }) => {
        for (const verb of [method].flat()) if (verb !== 'HEAD') routes.push({ method: verb, path });
      });
      for (const version of edition.restVersions) {
        await rest.register(async (scope) => restRoutes(scope, apiFor(version), index), {
          prefix: `/rest/api/${version}`,
        });
      }
      await rest.register(async (scope) => serviceDeskRoutes(scope, apiFor('2')), {
        prefix: '/rest/servicedeskapi',
      });
      await rest.register(async (scope) => webhookRoutes(scope, apiFor('2'), dispatcher), {
        prefix: '/rest/webhooks/1.0',
      });
    });
  });
  await app.register(
    async (admin) =>
      adminRoutes(admin, { api: apiFor('2'), site, faults, requests, routes, index, dispatcher }),
    {
      prefix: '/sandbox',
    },
  );

  const listening = await app.listen({ port: options.port ?? 0, host: options.host ?? '127.0.0.1' });
  url = `${listening}${contextPath}`;
  return {
    url,
    close: async () => {
      await dispatcher.close();
      await app.close();
    },
  };
}

/** Strips the path that JIRA is installed under; outside of it there is only the sandbox. */
function withinContext(url: string, contextPath: string): string {
  if (contextPath === '') return url;
  if (url.startsWith(`${contextPath}/`)) return url.slice(contextPath.length);
  return url.startsWith('/sandbox') ? url : `/outside${url}`;
}

function restRoutes(app: FastifyInstance, api: Api, index: SearchIndex): void {
  issueRoutes(app, api);
  transitionRoutes(app, api);
  changelogRoutes(app, api);
  commentRoutes(app, api);
  attachmentRoutes(app, api);
  linkRoutes(app, api);
  propertyRoutes(app, api);
  searchRoutes(app, api, index);
  peopleRoutes(app, api);
  siteRoutes(app, api);
}

/** `serverInfo` answers anybody; everything else asks who is calling. */
function requireCredentials(app: FastifyInstance, site: Site, edition: Edition): void {
  app.addHook('onRequest', async (request, reply) => {
    const user = edition.authenticate(site, request.headers.authorization);
    if (user !== null) {
      request.setDecorator('jiraCaller', user);
      const [header, value] =
        edition.kind === 'cloud' ? ['x-aaccountid', user.accountId] : ['x-ausername', user.name];
      void reply.header(header, encodeURIComponent(value));
      return;
    }
    if (/^\/rest\/api\/[23]\/serverInfo$/.test(request.url.split('?')[0] ?? '')) return;
    void reply.header('www-authenticate', 'Basic realm="protected-area"');
    throw new JiraError(401, ['Client must be authenticated to access this resource.']);
  });
}

/** JSON of any shape (a property may be a bare string), empty JSON bodies as none, multipart as raw bytes. */
function acceptBodies(app: FastifyInstance): void {
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, undefined);
    try {
      done(null, JSON.parse(String(body)));
    } catch {
      done(new JiraError(400, ['There was an error parsing JSON. Check that your request body is valid.']));
    }
  });
  app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
}

function answerError(error: FastifyError | Error, _request: unknown, reply: FastifyReply): FastifyReply {
  if (error instanceof JiraError) {
    return reply.code(error.status).send({ errorMessages: error.errorMessages, errors: error.errors });
  }
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (status >= 500) process.stderr.write(`jira double: ${error.stack ?? error.message}\n`);
  return reply.code(status).send({ errorMessages: [error.message], errors: {} });
}
