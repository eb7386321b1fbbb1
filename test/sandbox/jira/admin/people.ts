import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Site } from '../model/site.ts';
import type { Group, User } from '../model/types.ts';
import { type Sandbox, SandboxRefusal } from './sandbox.ts';

const UserInput = z.strictObject({
  accountId: z.string().min(1).max(128).optional(),
  name: z.string().min(1).optional(),
  displayName: z.string().min(1),
  email: z.email(),
  apiToken: z.string().min(1).optional(),
  accountType: z.enum(['atlassian', 'app', 'customer']).optional(),
  active: z.boolean().optional(),
  groups: z.array(z.string()).default([]),
});

const UserChange = UserInput.omit({ groups: true }).partial();
const GroupInput = z.strictObject({ name: z.string().min(1), members: z.array(z.string()).default([]) });
const Members = z.strictObject({ accountIds: z.array(z.string()) });

/** Users with their tokens, and groups. */
export function peopleAdminRoutes(app: FastifyInstance, { site }: Sandbox): void {
  app.post('/users', (request, reply) => {
    const { groups, ...input } = UserInput.parse(request.body);
    const user = site.addUser(input);
    for (const name of groups) site.addGroup(name).members.add(user.accountId);
    return reply.code(201).send(user);
  });

  app.get('/users', () => [...site.users.values()]);

  app.patch<{ Params: { accountId: string } }>('/users/:accountId', (request) => {
    const user = site.users.get(request.params.accountId);
    if (user === undefined) throw new SandboxRefusal(404, `No user ${request.params.accountId}`);
    const { email, ...change } = UserChange.parse(request.body);
    Object.assign(user, change, email === undefined ? {} : { emailAddress: email }) satisfies User;
    return user;
  });

  app.delete<{ Params: { accountId: string } }>('/users/:accountId', (request, reply) => {
    const user = site.users.get(request.params.accountId);
    if (user === undefined) throw new SandboxRefusal(404, `No user ${request.params.accountId}`);
    Object.assign(user, { active: false, deleted: true }) satisfies User;
    for (const group of site.groups.values()) group.members.delete(user.accountId);
    return reply.code(204).send();
  });

  app.post('/groups', (request, reply) => {
    const input = GroupInput.parse(request.body);
    const group = site.addGroup(input.name);
    for (const accountId of input.members) group.members.add(knownAccount(site, accountId));
    return reply.code(201).send(shown(group));
  });

  app.get('/groups', () => [...site.groups.values()].map(shown));

  app.put<{ Params: { name: string } }>('/groups/:name/members', (request) => {
    const group = site.addGroup(request.params.name);
    const accountIds = Members.parse(request.body).accountIds.map((id) => knownAccount(site, id));
    group.members.clear();
    for (const accountId of accountIds) group.members.add(accountId);
    return shown(group);
  });
}

function knownAccount(site: Site, accountId: string): string {
  if (!site.users.has(accountId)) throw new SandboxRefusal(404, `No user ${accountId}`);
  return accountId;
}

function shown(group: Group) {
  return { groupId: group.groupId, name: group.name, members: [...group.members] };
}
