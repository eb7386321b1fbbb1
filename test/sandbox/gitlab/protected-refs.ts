import { type AccessRule, LEVEL, type Project } from './model.ts';
import { matchesPattern } from './pattern.ts';
import { accessLevel, type World } from './world.ts';

export function isProtectedBranch(project: Project, branch: string): boolean {
  return project.protectedBranches.some((rule) => matchesPattern(rule.name, branch));
}

export function isProtectedTag(project: Project, tag: string): boolean {
  return project.protectedTags.some((rule) => matchesPattern(rule.name, tag));
}

/** Several rules may match one name: the most permissive wins. An unprotected branch needs the Developer role. */
export function mayPushBranch(world: World, project: Project, userId: number, branch: string): boolean {
  const rules = project.protectedBranches.filter((rule) => matchesPattern(rule.name, branch));
  if (rules.length === 0) return accessLevel(world, project, userId) >= LEVEL.developer;
  return rules.some((rule) => allowedBy(world, project, userId, rule.push));
}

/** Merging into a branch needs the right to merge or to push there. */
export function mayMergeInto(world: World, project: Project, userId: number, branch: string): boolean {
  const rules = project.protectedBranches.filter((rule) => matchesPattern(rule.name, branch));
  if (rules.length === 0) return accessLevel(world, project, userId) >= LEVEL.developer;
  return rules.some(
    (rule) => allowedBy(world, project, userId, rule.merge) || allowedBy(world, project, userId, rule.push),
  );
}

export function mayCreateTag(world: World, project: Project, userId: number, tag: string): boolean {
  const rules = project.protectedTags.filter((rule) => matchesPattern(rule.name, tag));
  if (rules.length === 0) return accessLevel(world, project, userId) >= LEVEL.developer;
  return rules.some((rule) => allowedBy(world, project, userId, rule.create));
}

export function allowsForcePush(project: Project, branch: string): boolean {
  const rules = project.protectedBranches.filter((rule) => matchesPattern(rule.name, branch));
  return rules.length === 0 || rules.some((rule) => rule.allowForcePush);
}

function allowedBy(world: World, project: Project, userId: number, rules: AccessRule[]): boolean {
  const level = accessLevel(world, project, userId);
  return rules.some((rule) => {
    if (rule.userId !== null) return rule.userId === userId && level >= LEVEL.developer;
    return rule.accessLevel !== null && rule.accessLevel > 0 && level >= rule.accessLevel;
  });
}
