import { type Call, projectFor, type Route } from '../api.ts';
import { apiError, invalidParameter, notFound } from '../errors.ts';
import { type AccessRule, LEVEL, type ProtectedBranch, type ProtectedTag } from '../model.ts';
import { paginate } from '../paginate.ts';
import { nextId, userById, type World } from '../world.ts';

const TAGS = '/projects/:id/protected_tags';
const BRANCHES = '/projects/:id/protected_branches';

export const protectionRoutes: Route[] = [
  { method: 'GET', path: TAGS, run: (call) => list(call, 'protectedTags', tagJson) },
  { method: 'POST', path: TAGS, run: protectTag },
  { method: 'GET', path: `${TAGS}/:name`, run: (call) => tagJson(call.world, find(call, 'protectedTags')) },
  { method: 'DELETE', path: `${TAGS}/:name`, run: (call) => unprotect(call, 'protectedTags') },
  { method: 'GET', path: BRANCHES, run: (call) => list(call, 'protectedBranches', branchJson) },
  { method: 'POST', path: BRANCHES, run: protectBranch },
  {
    method: 'GET',
    path: `${BRANCHES}/:name`,
    run: (call) => branchJson(call.world, find(call, 'protectedBranches')),
  },
  { method: 'PATCH', path: `${BRANCHES}/:name`, run: changeBranch },
  { method: 'DELETE', path: `${BRANCHES}/:name`, run: (call) => unprotect(call, 'protectedBranches') },
];

interface Rules {
  protectedTags: ProtectedTag;
  protectedBranches: ProtectedBranch;
}

function list<K extends keyof Rules>(call: Call, kind: K, render: (world: World, rule: Rules[K]) => unknown) {
  const rules = projectFor(call, LEVEL.maintainer)[kind] as Rules[K][];
  return paginate(call, rules).map((rule) => render(call.world, rule));
}

function find<K extends keyof Rules>(call: Call, kind: K): Rules[K] {
  const rules = projectFor(call, LEVEL.maintainer)[kind] as Rules[K][];
  const rule = rules.find((one) => one.name === call.path['name']);
  if (rule === undefined) throw notFound();
  return rule;
}

function unprotect(call: Call, kind: keyof Rules): undefined {
  const rules: { name: string }[] = projectFor(call, LEVEL.maintainer)[kind];
  rules.splice(rules.indexOf(find(call, kind)), 1);
  return undefined;
}

function protectTag(call: Call) {
  const project = projectFor(call, LEVEL.maintainer);
  const name = call.params.text('name');
  if (project.protectedTags.some((one) => one.name === name)) throw taken();
  const rule = { name, create: accessRules(call, 'create_access_level', 'allowed_to_create') };
  project.protectedTags.push(rule);
  return tagJson(call.world, rule);
}

function protectBranch(call: Call) {
  const project = projectFor(call, LEVEL.maintainer);
  const name = call.params.text('name');
  if (project.protectedBranches.some((one) => one.name === name)) {
    throw apiError(409, `Protected branch '${name}' already exists`);
  }
  const rule: ProtectedBranch = {
    id: nextId(call.world),
    name,
    push: accessRules(call, 'push_access_level', 'allowed_to_push'),
    merge: accessRules(call, 'merge_access_level', 'allowed_to_merge'),
    allowForcePush: call.params.boolean('allow_force_push') ?? false,
    codeOwnerApprovalRequired: call.params.boolean('code_owner_approval_required') ?? false,
  };
  project.protectedBranches.push(rule);
  return branchJson(call.world, rule);
}

function changeBranch(call: Call) {
  const rule = find(call, 'protectedBranches');
  const { params } = call;
  rule.allowForcePush = params.boolean('allow_force_push') ?? rule.allowForcePush;
  rule.codeOwnerApprovalRequired =
    params.boolean('code_owner_approval_required') ?? rule.codeOwnerApprovalRequired;
  rule.push.push(...givenRules(call, 'allowed_to_push'));
  rule.merge.push(...givenRules(call, 'allowed_to_merge'));
  return branchJson(call.world, rule);
}

/** Who may: the users and levels listed, else the one level, else Maintainers. */
function accessRules(call: Call, level: string, list: string): AccessRule[] {
  const given = givenRules(call, list);
  const asked = call.params.integer(level);
  if (asked !== undefined && ![0, 30, 40, 60].includes(asked))
    throw invalidParameter(`${level} does not have a valid value`);
  if (given.length > 0 && asked === undefined) return given;
  return [{ id: nextId(call.world), accessLevel: asked ?? LEVEL.maintainer, userId: null }, ...given];
}

function givenRules(call: Call, list: string): AccessRule[] {
  return call.params.records(list).map((one) => {
    const userId = one['user_id'] === undefined ? null : Number(one['user_id']);
    if (userId !== null && !call.world.users.has(userId)) throw apiError(422, ['User is invalid']);
    const accessLevel = userId === null ? Number(one['access_level'] ?? LEVEL.maintainer) : null;
    return { id: nextId(call.world), accessLevel, userId };
  });
}

function tagJson(world: World, rule: ProtectedTag) {
  return { name: rule.name, create_access_levels: rule.create.map((one) => ruleJson(world, one)) };
}

function branchJson(world: World, rule: ProtectedBranch) {
  return {
    id: rule.id,
    name: rule.name,
    push_access_levels: rule.push.map((one) => ruleJson(world, one)),
    merge_access_levels: rule.merge.map((one) => ruleJson(world, one)),
    unprotect_access_levels: [],
    allow_force_push: rule.allowForcePush,
    code_owner_approval_required: rule.codeOwnerApprovalRequired,
    inherited: false,
  };
}

function ruleJson(world: World, rule: AccessRule) {
  const names: Record<number, string> = {
    0: 'No one',
    30: 'Developers + Maintainers',
    40: 'Maintainers',
    60: 'Administrators',
  };
  const description = rule.userId === null ? names[rule.accessLevel ?? 0] : userById(world, rule.userId).name;
  return {
    id: rule.id,
    access_level: rule.userId === null ? rule.accessLevel : LEVEL.maintainer,
    access_level_description: description ?? 'Maintainers',
    deploy_key_id: null,
    user_id: rule.userId,
    group_id: null,
  };
}

function taken() {
  return apiError(422, ['Name has already been taken']);
}
