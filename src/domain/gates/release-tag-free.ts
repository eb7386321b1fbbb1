import { releaseTagName } from '../release-tag.ts';
import { no, unknown, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject } from './evidence.ts';

const GATE = 'release-tag-free';

/** Can the release tag be made afterwards: is its name free, are such names protected, may we make them? */
export function releaseTagFree({ change }: GateSubject, { releaseTag }: ChangeEvidence): GateResult {
  if (!releaseTag.seen) return unseen(GATE, 'GitLab did not tell about the release tag', releaseTag.why);
  if (change.ticket.status !== 'open')
    return no(GATE, 'there is no open ticket to name the tag after', 'a new plan opens one', {});
  const { name, takenBy, mayCreate, reason } = releaseTag.value;
  const evidence = { name, takenBy, protected: releaseTag.value.protected, mayCreate };
  const wanted = releaseTagName(change.ticket.key);
  if (name !== wanted)
    return unknown(GATE, `asked about ${name}, the tag will be ${wanted}`, 'report this', evidence);
  if (takenBy !== undefined)
    return no(
      GATE,
      `${name} exists already, on ${takenBy.slice(0, 12)}`,
      'a maintainer finds out who made it and why, and removes it',
      evidence,
    );
  if (!releaseTag.value.protected)
    return no(
      GATE,
      `release tags are not protected: ${reason}`,
      'a maintainer protects `release/*`',
      evidence,
    );
  if (!mayCreate)
    return no(
      GATE,
      `our account may not create ${name}: ${reason}`,
      'a maintainer allows it to create `release/*`',
      evidence,
    );
  return yes(GATE, `the tag ${name} is free, protected, and ours to create`, evidence);
}
