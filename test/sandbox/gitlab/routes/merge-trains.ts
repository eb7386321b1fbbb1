import { type Call, callerOf, mergeRequestOf, projectFor, type Route } from '../api.ts';
import { notFound } from '../errors.ts';
import { acceptMergeRequest } from '../accept.ts';
import { LEVEL, type MergeRequest } from '../model.ts';
import { paginate } from '../paginate.ts';
import { pipelineJson, userBasicById } from '../present/basics.ts';
import { mergeRequestBasic } from '../present/merge-requests.ts';
import { requireTrains } from '../trains.ts';
import { targetProject, type World } from '../world.ts';

const BASE = '/projects/:id/merge_trains';

export const mergeTrainRoutes: Route[] = [
  { method: 'GET', path: BASE, run: list },
  { method: 'GET', path: `${BASE}/merge_requests/:iid`, run: show },
  { method: 'POST', path: `${BASE}/merge_requests/:iid`, run: add },
];

function list(call: Call) {
  const project = projectFor(call, LEVEL.developer);
  requireTrains(project);
  const cars = project.mergeRequests.filter((one) => one.car !== null && one.state === 'opened');
  return paginate(call, cars).map((one) => carJson(call.world, one));
}

function show(call: Call) {
  const { project, mergeRequest } = mergeRequestOf(call);
  requireTrains(project);
  if (mergeRequest.car === null) throw notFound();
  return carJson(call.world, mergeRequest);
}

/** 201 when it stands on the train, 202 when it will once its pipeline has succeeded. */
async function add(call: Call) {
  const { world, params } = call;
  const { project, mergeRequest } = mergeRequestOf(call);
  requireTrains(project);
  const squash = params.boolean('squash');
  const waits = params.boolean('auto_merge') ?? params.boolean('when_pipeline_succeeds') ?? false;
  await acceptMergeRequest(world, mergeRequest, callerOf(call).user, {
    sha: params.string('sha'),
    train: waits ? 'when-checks-pass' : 'now',
    ...(squash === undefined ? {} : { squash }),
  });
  call.reply.code(mergeRequest.car === null ? 202 : 201);
  return project.mergeRequests.filter((one) => one.car !== null).map((one) => carJson(world, one));
}

/** `API::Entities::MergeTrains::Car`. */
function carJson(world: World, mergeRequest: MergeRequest) {
  const { car } = mergeRequest;
  const project = targetProject(world, mergeRequest);
  const pipeline = project.pipelines.find((one) => one.id === car?.pipelineId);
  return {
    id: mergeRequest.id,
    merge_request: mergeRequestBasic(world, mergeRequest),
    user: userBasicById(world, car?.userId ?? null),
    pipeline: pipeline === undefined ? null : pipelineJson(world, project, pipeline),
    created_at: car?.joinedAt ?? null,
    updated_at: mergeRequest.updatedAt,
    target_branch: mergeRequest.targetBranch,
    status: 'fresh',
    merged_at: null,
    duration: null,
  };
}
