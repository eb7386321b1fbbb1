import { createHash } from 'node:crypto';
import { type Call, callerOf, projectFor, type Route } from '../api.ts';
import { apiError, badRequest, notFound } from '../errors.ts';
import { LEVEL, type Project, type TerraformLock, type TerraformState } from '../model.ts';
import { asRecord } from '../params.ts';
import { now } from '../world.ts';

const BASE = '/projects/:id/terraform/state/:name';

/** GitLab-managed Terraform state: Developers read, Maintainers write and lock. */
export const terraformStateRoutes: Route[] = [
  { method: 'GET', path: BASE, run: readState },
  { method: 'POST', path: BASE, rawBody: true, run: writeState },
  { method: 'DELETE', path: BASE, rawBody: true, run: deleteState },
  { method: 'POST', path: `${BASE}/lock`, run: lock },
  { method: 'DELETE', path: `${BASE}/lock`, run: unlock },
  { method: 'GET', path: `${BASE}/versions/:serial`, run: readVersion },
];

function readState(call: Call) {
  const project = projectFor(call, LEVEL.developer);
  const state = project.terraformStates.get(call.path['name'] ?? '');
  if (state === undefined) throw notFound();
  const latest = state.versions.at(-1);
  if (latest === undefined) {
    call.reply.code(204);
    return undefined;
  }
  return sendState(call, latest.body);
}

function readVersion(call: Call) {
  const project = projectFor(call, LEVEL.developer);
  const state = project.terraformStates.get(call.path['name'] ?? '');
  const version = state?.versions.findLast((one) => String(one.serial) === call.path['serial']);
  if (version === undefined) throw notFound('State version');
  return sendState(call, version.body);
}

/** A locked state takes a new version from the holder of the lock alone, who names it in `?ID=`. */
function writeState(call: Call) {
  const project = projectFor(call, LEVEL.maintainer);
  if (call.raw.length === 0) {
    call.reply.code(204);
    return undefined;
  }
  const md5 = call.request.headers['content-md5'];
  if (typeof md5 === 'string' && md5 !== createHash('md5').update(call.raw).digest('base64')) {
    throw badRequest('Content-MD5 does not match the body');
  }
  const state = stateNamed(project, call.path['name'] ?? '');
  requireHolder(state, call.params.string('ID'));
  const serial = call.params.integer('serial') ?? serialOf(call.raw);
  if (serial === undefined) throw apiError(400, { file: ['is not a Terraform state'] });
  state.versions.push({ serial, body: call.raw, userId: callerOf(call).user.id, createdAt: now() });
  call.reply.code(200);
  return undefined;
}

function deleteState(call: Call) {
  const project = projectFor(call, LEVEL.maintainer);
  const name = call.path['name'] ?? '';
  const state = project.terraformStates.get(name);
  if (state === undefined) throw notFound();
  requireHolder(state, call.params.string('ID'));
  project.terraformStates.delete(name);
  call.reply.code(200);
  return undefined;
}

function lock(call: Call) {
  const project = projectFor(call, LEVEL.maintainer);
  call.params.require('ID', 'Operation', 'Info', 'Who', 'Version', 'Created', 'Path');
  const state = stateNamed(project, call.path['name'] ?? '');
  call.reply.header('content-type', 'application/octet-stream');
  if (state.lock !== null) {
    call.reply.code(423);
    return JSON.stringify(state.lock);
  }
  const field = (name: string) => call.params.string(name) ?? '';
  state.lock = {
    ID: field('ID'),
    Operation: field('Operation'),
    Info: field('Info'),
    // GitLab puts its own user and clock in place of what the client says.
    Who: callerOf(call).user.username,
    Version: field('Version'),
    Created: now(),
    Path: field('Path'),
  };
  call.reply.code(200);
  return JSON.stringify(state.lock);
}

/** No ID unlocks whoever holds it: that is what `terraform force-unlock` comes down to. */
function unlock(call: Call) {
  const project = projectFor(call, LEVEL.maintainer);
  const state = project.terraformStates.get(call.path['name'] ?? '');
  if (state === undefined) throw notFound();
  const id = call.params.string('ID');
  if (id !== undefined && id !== '' && state.lock !== null && state.lock.ID !== id) throw locked(state.lock);
  state.lock = null;
  call.reply.code(200);
  return undefined;
}

export function stateNamed(project: Project, name: string): TerraformState {
  const found = project.terraformStates.get(name) ?? { name, lock: null, versions: [] };
  project.terraformStates.set(name, found);
  return found;
}

function requireHolder(state: TerraformState, id: string | undefined): void {
  if (state.lock !== null && state.lock.ID !== id) throw locked(state.lock);
}

function locked(lock: TerraformLock) {
  return apiError(409, `409 Conflict: The state is locked by ${lock.Who} (${lock.ID})`);
}

function sendState(call: Call, body: Buffer): Buffer {
  call.reply.header('content-type', 'application/octet-stream');
  call.reply.header('content-md5', createHash('md5').update(body).digest('base64'));
  return body;
}

function serialOf(body: Buffer): number | undefined {
  try {
    const serial = asRecord(JSON.parse(body.toString('utf8')))['serial'];
    return typeof serial === 'number' ? serial : undefined;
  } catch {
    return undefined;
  }
}
