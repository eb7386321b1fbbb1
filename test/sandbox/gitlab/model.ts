/** The data that the double keeps: GitLab's nouns, reduced to what its API shows. Times are ISO 8601 strings in UTC. */
export * from './model/ci.ts';
export * from './model/hook.ts';
export * from './model/merge-request.ts';
export * from './model/people.ts';
export * from './model/project.ts';
export * from './model/terraform-state.ts';
export type { Version } from './versions.ts';
