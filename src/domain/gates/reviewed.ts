import type { Part } from '../demand.ts';
import { ASKED_AGAIN, no, unknown, unseen, yes } from './answer.ts';
import { demandedOf } from './demanded.ts';
import type { ChangeEvidence, GateResult, GateSubject, Review } from './evidence.ts';
import { participantsOf, partsInWords } from './parts.ts';
import { byGitlabId } from './people.ts';

const GATE = 'reviewed';
const OWN: readonly Part[] = ['requester', 'commit-author', 'committer', 'pusher'];

/** What one approval of the merge request is found to be. */
interface Judged {
  username: string;
  person?: string;
  counts: 'yes' | 'no' | 'unknown';
  why: string;
}

/**
 * Did as many people as the tier demands approve the merge request itself, with its present head before them: people with
 * the role reviewer who wrote, committed and pushed none of it? Who reviewed is in the evidence whether demanded or not.
 */
export function reviewed(subject: GateSubject, change: ChangeEvidence): GateResult {
  const { tier, reviews: demanded } = demandedOf(subject);
  const { reviews } = change;
  const judged = reviews.seen ? reviews.value.map((review) => judge(review, subject, change)) : [];
  const evidence = { tier, demanded, reviews: reviews.seen ? judged : null };
  if (demanded === 0) return yes(GATE, `no review is asked for (tier ${tier})`, evidence);
  if (!reviews.seen) return unseen(GATE, 'the approvals of the merge request could not be read', reviews.why);
  const counting = new Map(judged.flatMap((each) => (each.counts === 'yes' ? [[each.person, each]] : [])));
  const names = [...counting.values()].map(({ username }) => username).join(', ');
  if (counting.size >= demanded) return yes(GATE, `reviewed by ${names}`, evidence);
  const others = judged.filter(({ counts }) => counts !== 'yes').map(({ why }) => why);
  const reason = [`${counting.size} of ${demanded} reviews`, ...others].join('; ');
  return judged.some(({ counts }) => counts === 'unknown')
    ? unknown(GATE, reason, ASKED_AGAIN, evidence)
    : no(GATE, reason, 'somebody with the role reviewer approves the merge request in GitLab', evidence);
}

function judge({ gitlabId, ofHead, username }: Review, subject: GateSubject, change: ChangeEvidence): Judged {
  const person = byGitlabId(change.people, gitlabId);
  const [hidden] = change.unseenSources;
  const where = hidden === undefined ? '' : `: ${hidden.source}: ${hidden.why}`;
  if (person === undefined)
    return {
      username,
      counts: hidden === undefined ? 'no' : 'unknown',
      why: `${username} (gitlabId ${gitlabId}) is not in the directory${where}`,
    };
  const found = { username, person: person.id };
  if (!person.roles.includes('reviewer'))
    return hidden === undefined
      ? { ...found, counts: 'no', why: `${person.name} does not have the role reviewer` }
      : {
          ...found,
          counts: 'unknown',
          why: `whether ${person.name} has the role reviewer is not known${where}`,
        };
  const own = participantsOf(subject, change).filter(
    ({ part, people }) => OWN.includes(part) && people.includes(person.id),
  );
  if (own.length > 0)
    return {
      ...found,
      counts: 'no',
      why: `${person.name} reviewed a change of their own: they ${partsInWords(own)}`,
    };
  if (ofHead === undefined)
    return { ...found, counts: 'unknown', why: `GitLab does not say which commit ${person.name} approved` };
  if (!ofHead) return { ...found, counts: 'no', why: `${person.name} approved before the last push` };
  return { ...found, counts: 'yes', why: '' };
}
