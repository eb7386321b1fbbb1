import type { AlteredTag, Change } from './change.ts';
import { type Decision, undisturbed, withChange, withEffects } from './decision.ts';
import type { FactOf } from './fact.ts';

/** A release tag was looked at. What turned since is told, in the merge request and on the ticket; what did not is no news. */
export function onReleaseTagSeen(change: Change, fact: FactOf<'release-tag-seen'>, at: string): Decision {
  const { found, standing, tag } = fact;
  if (standing === 'as-recorded') return tagIsRight(undisturbed(change), tag);
  const before = change.alteredTags?.find((each) => each.tag === tag);
  const isKnown = before?.standing === standing && before.sha === found?.sha && before.text === found?.text;
  if (isKnown) return undisturbed(change);
  const altered: AlteredTag = { tag, standing, ...found, at };
  const others = (change.alteredTags ?? []).filter((each) => each.tag !== tag);
  return told(withChange(undisturbed(change), { alteredTags: [...others, altered] }), tag);
}

/** It stands as the log says that it was made; told where it was told that it does not. */
export function tagIsRight(decision: Decision, tag: string): Decision {
  const { alteredTags = [], ...rest } = decision.change;
  const others = alteredTags.filter((each) => each.tag !== tag);
  if (others.length === alteredTags.length) return decision;
  return told({ ...decision, change: others.length === 0 ? rest : { ...rest, alteredTags: others } }, tag);
}

function told(decision: Decision, tag: string): Decision {
  return withEffects(decision, { type: 'tell-release-tag', tag }, { type: 'publish-note' });
}
