import { canonicalHash } from '#domain/canonical-hash.ts';
import type { ChangeModel } from '#messages/note-model.ts';
import { summaryNote } from '#messages/summary-note.ts';
import { keepsQuiet } from '#messages/silence.ts';
import { changeModel } from './change-model.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';

const KIND = 'note';

/** The one note of the merge request, made or edited so that it tells how the change stands now. Equal text is not sent again. */
export async function publishNote(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const { conversation, ledger } = context;
  const change = await changeOf(context, job);
  const [model, before] = await Promise.all([
    changeModel(context, change),
    ledger.published(change.id, KIND),
  ]);
  if (before === undefined && keepsQuiet(change)) return undefined;
  // Before anything is told, so that whoever dies after it has left word.
  const changesAt = nextChange(model);
  if (changesAt !== undefined) await context.desk.request(change.id, { type: 'publish-note' }, changesAt);
  const body = summaryNote(model);
  const hash = canonicalHash(body);
  if (before?.hash === hash) return undefined;
  const known = noteIdOf(before?.ref);
  // Nothing was ever begun here: no note of ours can be there, and there is nothing to look through.
  const nothingYet = before === undefined && job.lease.tries === 1 ? 'none' : undefined;
  if (nothingYet === 'none') await ledger.setPublished(change.id, KIND, { hash: '', ref: null });
  const note = await conversation.putNote(
    change.mergeRequest,
    noteMarker(change.id),
    body,
    known === undefined ? nothingYet : { id: known },
  );
  await ledger.setPublished(change.id, KIND, { hash, ref: note });
  return undefined;
}

/** When the calendar will say something else of one of its projects, so that the note must. */
function nextChange({ calendar }: ChangeModel): string | undefined {
  const times = [...calendar.values()].flatMap(({ changesAt }) => changesAt ?? []);
  return times.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(0);
}

/** What our note of a change is found by; it carries the change's id, which is there before any ticket is. */
export function noteMarker(changeId: string, kind = KIND): string {
  return `<!-- countersign:v1:${changeId}:${kind} -->`;
}

function noteIdOf(ref: unknown): number | undefined {
  return typeof ref === 'object' && ref !== null && 'id' in ref && typeof ref.id === 'number'
    ? ref.id
    : undefined;
}
