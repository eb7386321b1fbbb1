import { ASKED_AGAIN, no, unknown, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject } from './evidence.ts';

const GATE = 'pipeline-passed';
const FIX = 'the author fixes or retries the job in GitLab';

/**
 * Did everything else that watches the head succeed? Jobs that may fail and skipped ones do not count, as in GitLab's
 * own verdict on a pipeline (https://docs.gitlab.com/ci/yaml/#when); our own status is not among them.
 */
export function pipelinePassed(_subject: GateSubject, { statuses, settings }: ChangeEvidence): GateResult {
  if (!statuses.seen) return unseen(GATE, 'GitLab did not tell the statuses', statuses.why);
  const evidence = { statuses: statuses.value, required: settings.pipelineRequired };
  const counting = statuses.value.filter((status) => !status.allowedToFail && status.state !== 'skipped');
  const named = (states: readonly string[]) =>
    counting.filter((status) => states.includes(status.state)).map((status) => status.name);

  const failed = named(['failed', 'canceled']);
  if (failed.length > 0) return no(GATE, `did not succeed: ${failed.join(', ')}`, FIX, evidence);
  const waiting = named(['pending', 'running']);
  if (waiting.length > 0) return unknown(GATE, `still at work: ${waiting.join(', ')}`, ASKED_AGAIN, evidence);
  const odd = counting.filter((status) => status.state !== 'success').map((status) => status.name);
  if (odd.length > 0) return unknown(GATE, `in a state of its own: ${odd.join(', ')}`, FIX, evidence);
  if (counting.length > 0) return yes(GATE, `${counting.length} statuses of the head succeeded`, evidence);
  if (settings.pipelineRequired)
    return no(GATE, 'the head has no pipeline, and one is required', 'run a pipeline for the head', evidence);
  return yes(GATE, 'the head has no pipeline, and none is required', evidence);
}
