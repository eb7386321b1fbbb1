import type { Route } from '../api.ts';
import { awardRoutes } from './awards.ts';
import { commitFileRoutes } from './commit-files.ts';
import { commitRoutes } from './commits.ts';
import { deployTokenRoutes } from './deploy-tokens.ts';
import { discussionRoutes } from './discussions.ts';
import { groupRoutes } from './groups.ts';
import { hookRoutes } from './hooks.ts';
import { mergeRequestActionRoutes } from './merge-request-actions.ts';
import { mergeRequestRoutes } from './merge-requests.ts';
import { mergeTrainRoutes } from './merge-trains.ts';
import { noteRoutes } from './notes.ts';
import { projectRoutes } from './projects.ts';
import { protectionRoutes } from './protection.ts';
import { refRoutes } from './refs.ts';
import { releaseRoutes } from './releases.ts';
import { terraformStateRoutes } from './terraform-state.ts';
import { userRoutes } from './users.ts';

/** Every call of GitLab's REST API that the double answers. */
export const apiRoutes: Route[] = [
  ...userRoutes,
  ...projectRoutes,
  ...groupRoutes,
  ...mergeRequestRoutes,
  ...mergeRequestActionRoutes,
  ...mergeTrainRoutes,
  ...noteRoutes,
  ...discussionRoutes,
  ...awardRoutes,
  ...commitRoutes,
  ...commitFileRoutes,
  ...refRoutes,
  ...protectionRoutes,
  ...releaseRoutes,
  ...hookRoutes,
  ...deployTokenRoutes,
  ...terraformStateRoutes,
];
