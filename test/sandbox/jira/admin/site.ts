import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Site } from '../model/site.ts';
import { customFieldTypes, projectPermissions } from '../model/types.ts';
import type { WorkflowDefinition } from '../model/workflow.ts';
import { type Sandbox, SandboxRefusal } from './sandbox.ts';

const Grant = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('anyone') }),
  z.strictObject({ type: z.literal('group'), group: z.string() }),
  z.strictObject({ type: z.literal('user'), accountId: z.string() }),
]);

const Permissions = z.partialRecord(z.enum(projectPermissions), z.array(Grant));

const ProjectInput = z.strictObject({
  key: z.string().regex(/^[A-Z][A-Z0-9_]{1,9}$/),
  name: z.string().min(1),
  leadAccountId: z.string().optional(),
  issueTypes: z.array(z.string().min(1)).min(1).optional(),
  components: z.array(z.string().min(1)).optional(),
  permissions: Permissions.optional(),
});

const ServiceDesk = z.strictObject({
  requestTypes: z.array(z.strictObject({ name: z.string(), issueType: z.string() })).min(1),
  approval: z
    .strictObject({
      statusId: z.string(),
      approversGroup: z.string(),
      needed: z.int().positive(),
      approvedStatusId: z.string(),
      declinedStatusId: z.string(),
      movedBy: z.string().nullable().default(null),
    })
    .nullable()
    .default(null),
});

const CustomFieldInput = z.strictObject({
  name: z.string().min(1),
  type: z.enum(customFieldTypes),
  options: z.array(z.string()).optional(),
  required: z.boolean().optional(),
  id: z
    .string()
    .regex(/^customfield_\d+$/)
    .optional(),
});

const Condition = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('in-group'), groups: z.array(z.string()).min(1) }),
  z.strictObject({ type: z.literal('did-not-do'), transitionIds: z.array(z.string()).min(1) }),
]);

const Workflow = z.strictObject({
  name: z.string(),
  initialStatusId: z.string(),
  statuses: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      category: z.enum(['new', 'indeterminate', 'done']),
      editable: z.boolean().exactOptional(),
    }),
  ),
  transitions: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      from: z.union([z.literal('any'), z.array(z.string())]),
      to: z.string(),
      conditions: z.array(Condition).exactOptional(),
      screen: z.array(z.strictObject({ fieldId: z.string(), required: z.boolean() })).exactOptional(),
      setResolution: z.string().nullable().exactOptional(),
    }),
  ),
});

const Settings = z.strictObject({
  rateLimit: z
    .strictObject({ capacity: z.number().positive(), perSecond: z.number().positive() })
    .nullable()
    .exactOptional(),
  searchLagMs: z.number().nonnegative().exactOptional(),
  attachmentLimitBytes: z.number().positive().exactOptional(),
  commentLimit: z.number().positive().exactOptional(),
});

const HistoryChange = z.strictObject({
  authorAccountId: z.string().exactOptional(),
  created: z.number().exactOptional(),
});

/** Projects, fields, workflow, settings, and the one thing no JIRA allows: rewriting an issue's history. */
export function siteAdminRoutes(app: FastifyInstance, { site, index }: Sandbox): void {
  app.post('/projects', (request, reply) => {
    const input = ProjectInput.parse(request.body);
    if (site.projects.has(input.key)) throw new SandboxRefusal(409, `The project ${input.key} exists`);
    return reply
      .code(201)
      .send(site.addProject({ ...input, permissions: definedOnly(input.permissions ?? {}) }));
  });

  app.put<{ Params: { key: string } }>('/projects/:key/permissions', (request) => {
    const project = site.projects.get(request.params.key);
    if (project === undefined) throw new SandboxRefusal(404, `No project ${request.params.key}`);
    Object.assign(project.permissions, Permissions.parse(request.body));
    return project;
  });

  app.put<{ Params: { key: string } }>('/projects/:key/service-desk', (request) => {
    const project = site.projects.get(request.params.key);
    if (project === undefined) throw new SandboxRefusal(404, `No project ${request.params.key}`);
    const { approval, requestTypes } = ServiceDesk.parse(request.body);
    project.serviceDesk = {
      id: project.serviceDesk?.id ?? String(site.nextId('servicedesk')),
      requestTypes: requestTypes.map(({ issueType, name }) => ({
        id: String(site.nextId('requesttype')),
        name,
        issueTypeId: project.issueTypes.find((each) => each.name === issueType)?.id ?? '',
      })),
      approval,
    };
    return project;
  });

  app.post('/custom-fields', (request, reply) => {
    return reply.code(201).send(site.addCustomField(CustomFieldInput.parse(request.body)));
  });

  app.get('/workflow', () => site.workflow);

  app.put('/workflow', (request) => {
    const workflow = Workflow.parse(request.body);
    requireSound(site, workflow);
    site.workflow = workflow;
    return workflow;
  });

  app.get('/settings', () => site.settings);
  app.patch('/settings', (request) => Object.assign(site.settings, Settings.parse(request.body)));

  app.post('/search-index/catch-up', (_request, reply) => {
    index.catchUp();
    return reply.code(204).send();
  });

  app.patch<{ Params: { key: string; historyId: string } }>(
    '/issues/:key/histories/:historyId',
    (request) => {
      const history = requestedHistory(site, request.params.key, request.params.historyId);
      return Object.assign(history, HistoryChange.parse(request.body));
    },
  );

  app.delete<{ Params: { key: string; historyId: string } }>(
    '/issues/:key/histories/:historyId',
    (request, reply) => {
      const issue = site.findIssue(request.params.key);
      const history = requestedHistory(site, request.params.key, request.params.historyId);
      if (issue !== undefined) issue.histories = issue.histories.filter((entry) => entry !== history);
      return reply.code(204).send();
    },
  );
}

/** A workflow must name its own statuses, and keep those that issues are in. */
function requireSound(site: Site, workflow: WorkflowDefinition): void {
  const known = new Set(workflow.statuses.map((status) => status.id));
  const named = [
    workflow.initialStatusId,
    ...workflow.transitions.flatMap(({ from, to }) => [to, ...(from === 'any' ? [] : from)]),
    ...[...site.issues.values()].map((issue) => issue.statusId),
  ];
  const unknown = named.filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw new SandboxRefusal(400, `The workflow lacks the statuses ${unknown.join(', ')}`);
}

function requestedHistory(site: Site, key: string, historyId: string) {
  const history = site.findIssue(key)?.histories.find((entry) => String(entry.id) === historyId);
  if (history === undefined)
    throw new SandboxRefusal(404, `The issue ${key} has no history entry ${historyId}`);
  return history;
}

function definedOnly<Key extends string, Value>(partial: Partial<Record<Key, Value | undefined>>) {
  return Object.fromEntries(Object.entries(partial).filter(([, value]) => value !== undefined)) as Partial<
    Record<Key, Value>
  >;
}
