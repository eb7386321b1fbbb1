import { announceEmoji } from '../announce.ts';
import { type Call, callerOf, mergeRequestOf, type Route } from '../api.ts';
import { apiError, forbidden, notFound } from '../errors.ts';
import type { Award } from '../model.ts';
import { paginate } from '../paginate.ts';
import { awardJson } from '../present/merge-requests.ts';
import { nextId, now } from '../world.ts';
import { noteOf } from './notes.ts';

const MERGE_REQUEST = '/projects/:id/merge_requests/:iid/award_emoji';
const NOTE = '/projects/:id/merge_requests/:iid/notes/:note_id/award_emoji';

export const awardRoutes: Route[] = [MERGE_REQUEST, NOTE].flatMap((base): Route[] => [
  {
    method: 'GET',
    path: base,
    run: (call) => {
      const { awards, awardable } = subjectOf(call);
      return paginate(call, awards).map((award) => awardJson(call.world, award, awardable));
    },
  },
  { method: 'POST', path: base, run: giveAward },
  { method: 'DELETE', path: `${base}/:award_id`, run: takeAward },
]);

/** Giving the same emoji twice is 404, whatever the reason looks like. */
async function giveAward(call: Call) {
  const { user } = callerOf(call);
  const name = call.params.text('name');
  const { awards, awardable, mergeRequest, note } = subjectOf(call);
  if (!/^[a-z0-9_+-]+$/.test(name)) throw apiError(400, { name: ['is not a valid emoji name'] });
  if (awards.some((award) => award.userId === user.id && award.name === name)) {
    throw notFound('Award Emoji Name has already been taken');
  }
  const award: Award = { id: nextId(call.world), name, userId: user.id, createdAt: now() };
  awards.push(award);
  await announceEmoji(call.world, { mergeRequest, note }, award, user, 'award');
  return awardJson(call.world, award, awardable);
}

async function takeAward(call: Call) {
  const { user } = callerOf(call);
  const { awards, mergeRequest, note } = subjectOf(call);
  const at = awards.findIndex((award) => String(award.id) === call.path['award_id']);
  const award = awards[at];
  if (award === undefined) throw notFound();
  if (award.userId !== user.id) throw forbidden();
  awards.splice(at, 1);
  await announceEmoji(call.world, { mergeRequest, note }, award, user, 'revoke');
  return undefined;
}

function subjectOf(call: Call) {
  if (call.path['note_id'] === undefined) {
    const { mergeRequest } = mergeRequestOf(call);
    return {
      mergeRequest,
      note: null,
      awards: mergeRequest.awards,
      awardable: { type: 'MergeRequest', id: mergeRequest.id } as const,
    };
  }
  const { mergeRequest, note } = noteOf(call);
  return { mergeRequest, note, awards: note.awards, awardable: { type: 'Note', id: note.id } as const };
}
