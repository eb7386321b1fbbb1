import { callerOf, type Call, type Route } from '../api.ts';
import { notFound } from '../errors.ts';
import type { Group, Membership } from '../model.ts';
import { paginate } from '../paginate.ts';
import { userBasicById } from '../present/basics.ts';
import { accessLevel, findGroup, groupMemberships, now, projectPath } from '../world.ts';

/** Who belongs to a group; `all` with those it has from groups above it and from groups invited to it. */
export const groupRoutes: Route[] = [
  { method: 'GET', path: '/groups/:id/members', run: (call) => list(call, ownMembers) },
  { method: 'GET', path: '/groups/:id/members/all', run: (call) => list(call, allMembers) },
  { method: 'GET', path: '/groups/:id/members/:user_id', run: (call) => show(call, ownMembers) },
  { method: 'GET', path: '/groups/:id/members/all/:user_id', run: (call) => show(call, allMembers) },
];

type Members = (call: Call, group: Group) => readonly Membership[];

const ownMembers: Members = (_, group) => group.members;
const allMembers: Members = ({ world }, group) => groupMemberships(world, group);

function list(call: Call, members: Members) {
  const group = groupOf(call);
  const ids = new Set(members(call, group).map(({ userId }) => userId));
  return paginate(call, [...ids]).map((id) => memberJson(call, members(call, group), id));
}

function show(call: Call, members: Members) {
  const member = memberJson(call, members(call, groupOf(call)), Number(call.path['user_id']));
  if (member === undefined) throw notFound();
  return member;
}

/** Of several memberships the one with the highest role is told. */
function memberJson({ world }: Call, members: readonly Membership[], userId: number) {
  const [best] = members
    .filter((one) => one.userId === userId)
    .toSorted((one, other) => other.accessLevel - one.accessLevel);
  if (best === undefined) return undefined;
  return {
    ...userBasicById(world, userId),
    access_level: best.accessLevel,
    created_at: now(),
    expires_at: best.expiresAt,
    membership_state: 'active',
  };
}

/** The group in the path. One the caller may not see is 404, as if it were not there. */
function groupOf(call: Call): Group {
  const { user } = callerOf(call);
  const group = findGroup(call.world, call.path['id'] ?? '');
  if (group === undefined || !(group.visibility === 'public' || belongs(call, group, user.id)))
    throw notFound('Group');
  return group;
}

/** A member of a project below a private group sees the group. */
function belongs({ world }: Call, group: Group, userId: number): boolean {
  if (groupMemberships(world, group).some((one) => one.userId === userId)) return true;
  return [...world.projects.values()].some(
    (project) =>
      projectPath(project).startsWith(`${group.fullPath}/`) && accessLevel(world, project, userId) > 0,
  );
}
