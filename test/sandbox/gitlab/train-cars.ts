import type { MergeRequest, Project } from './model.ts';
import { addSystemNote } from './notes.ts';
import { userById, type World } from './world.ts';

/** Takes a merge request off its train: new commits, a closed merge request, or a pipeline that failed. */
export function leaveTrain(world: World, mergeRequest: MergeRequest, why: string): void {
  if (mergeRequest.car === null) return;
  const user = userById(world, mergeRequest.car.userId);
  mergeRequest.car = null;
  addSystemNote(world, mergeRequest, user, `removed this merge request from the merge train because ${why}`);
}

/** The merge requests of one train, the one to be merged first in front. */
export function trainOf(project: Project, targetBranch: string): MergeRequest[] {
  const joined = (one: MergeRequest) => one.car?.joinedAt ?? '';
  return project.mergeRequests
    .filter((one) => one.car !== null && one.state === 'opened' && one.targetBranch === targetBranch)
    .sort((one, other) => joined(one).localeCompare(joined(other)) || one.id - other.id);
}
