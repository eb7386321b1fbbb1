import type { MergeRequestView } from '#app/ports/code-host.ts';
import type { Rollback, RollbackAsker } from '#app/ledger.ts';
import { actorOf } from '#app/requests/resolve-attempt.ts';
import type { Change } from '#domain/change.ts';
import { Fault } from '#domain/fault.ts';
import type { Asker } from '#domain/project.ts';
import type { Refusal } from '#domain/refusal.ts';
import { commandReply } from '#messages/command-reply.ts';
import {
  rollbackAsked,
  rollbackDescription,
  rollbackMessage,
  rollbackOpened,
  type RollbackTold,
  rollbackTitle,
} from '#messages/rollback.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { planRollback, releaseOf, type RollbackPlan } from './plan-rollback.ts';
import { noteMarker } from './publish-note.ts';
import { whoIsWho } from './who-is-who.ts';

interface Payload {
  noteId: number;
  by: Asker;
  key: string;
}

/**
 * Opens a merge request that takes back what was released under a ticket, and answers whoever asked. From there on it is a
 * change like any other; its requester is whoever asked, by our own books. What an earlier try began is gone on with: the
 * branch, the commit and the merge request are made once.
 */
export async function openRollback(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { by, key, noteId } = job.payload;
  const made = await make(context, change, job.payload);
  if ('refusals' in made) {
    const outcome = { kind: 'refused', refusals: made.refusals } as const;
    const command = { verb: 'rollback', key } as const;
    const refusal = commandReply({
      command,
      outcome,
      pageUrl: changeUrl(context, change),
      ticket: change.ticket,
    });
    await answer(context, change, noteId, refusal);
    await context.conversation.react(change.mergeRequest, noteId, 'x');
    const { refusals } = made;
    return { fact: { type: 'rollback-refused', noteId, by, key, refusals }, actor: actorOf(by) };
  }
  const { rollback, url } = made;
  const { branch, iid = 0, sha = '' } = rollback;
  const asked = rollback.by.person === by.person ? {} : { askedBefore: rollback.by.username };
  await answer(context, change, noteId, rollbackOpened({ key, iid, url, ...asked }));
  await context.conversation.react(change.mergeRequest, noteId, 'white_check_mark');
  return {
    fact: { type: 'rollback-opened', noteId, by, key, iid, branch, sha },
    actor: actorOf(by),
  };
}

type Made = { rollback: Rollback; url: string } | { refusals: readonly Refusal[] };

async function make(context: WorkerContext, asking: Change, payload: Payload): Promise<Made> {
  const { ledger } = context;
  const { repository } = asking.mergeRequest;
  const { key } = payload;
  const branch = `countersign/rollback-${key}`;
  const known = await ledger.rollback(repository, branch);
  if (known?.iid !== undefined) return again(context, known, known.iid);
  const id = await ledger.changeOfTicket(key);
  const released = id === undefined ? undefined : await ledger.change(id);
  if (released === undefined || released.mergeRequest.repository !== repository)
    return refuse(
      `${key} is no ticket of this repository`,
      'name the ticket of a release that was made here',
    );
  const release = releaseOf(released, key);
  if ('code' in release) return { refusals: [release] };
  const asker = await askerOf(context, payload.by);
  if (asker === undefined)
    return refuse(`@${payload.by.username} has no e-mail address in the directory`, 'ask an administrator');
  const startSha =
    known?.startSha ?? (await context.codeHost.branch(repository, release.targetBranch))?.headSha;
  if (startSha === undefined)
    return refuse(`${release.targetBranch} does not exist any more`, 'open a merge request by hand');
  const plan = await planRollback(context, repository, release, startSha);
  if (Array.isArray(plan)) return { refusals: plan };
  const { noteId } = payload;
  const wanted = { repository, branch, key, changeId: asking.id, noteId, by: asker, startSha };
  const rollback = await ledger.beginRollback(wanted);
  const told = toldOf(context, asking, released, rollback, plan);
  const committed = rollback.sha === undefined ? await commit(context, rollback, plan, told) : undefined;
  if (typeof committed === 'object') return { refusals: [committed] };
  return propose(context, { ...rollback, sha: committed ?? rollback.sha ?? '' }, release.targetBranch, told);
}

/** It was asked for before: what became of it. */
async function again(context: WorkerContext, rollback: Rollback, iid: number): Promise<Made> {
  const view = await context.codeHost.mergeRequest(
    { repository: rollback.repository, iid },
    { mergeability: 'at-once' },
  );
  if (view === undefined)
    return refuse(`merge request ${iid} was to take it back, and is gone`, 'open a merge request by hand');
  if (view.state === 'open') return { rollback, url: view.url };
  return refuse(`merge request ${iid} was to take it back and is ${view.state}`, REMEDIES[view.state]);
}

const REMEDIES: Readonly<Record<Exclude<MergeRequestView['state'], 'open'>, string>> = {
  merged: 'nothing is to be done',
  closed: 'reopen that merge request',
};

/** Who asked, with the address that their commit carries. */
async function askerOf(context: WorkerContext, by: Asker): Promise<RollbackAsker | undefined> {
  const { people } = await whoIsWho(context);
  const person = people.find(({ id }) => id === by.person);
  const [email] = person?.emails ?? [];
  if (person === undefined || email === undefined) return undefined;
  const { gitlabId, username } = by;
  return { gitlabId, username, person: person.id, name: person.name, email };
}

/** The one commit; of an earlier try, if that branch is exactly what we would make. */
async function commit(
  context: WorkerContext,
  rollback: Rollback,
  { files }: RollbackPlan,
  told: RollbackTold,
): Promise<string | Refusal> {
  const { branch, by, repository, startSha } = rollback;
  const message = rollbackMessage(told);
  const there = await context.codeHost.branch(repository, branch);
  if (there !== undefined) {
    const isOurs = await isExactly(context, rollback, there.headSha, files, message);
    if (!isOurs) return refusal(`the branch ${branch} is there already`, `remove it and ask again`);
    await context.ledger.noteRollback(rollback, { sha: there.headSha });
    return there.headSha;
  }
  const { email, name } = by;
  const author = { name, email };
  const made = await context.proposalDesk.commit(repository, { branch, startSha, message, author, files });
  if (!made.ok) return refusal(made.reason, 'a maintainer looks at it');
  await context.ledger.noteRollback(rollback, { sha: made.value.sha });
  return made.value.sha;
}

/** One commit on top of where we began, by whoever asked, that changes just these files to just that. */
async function isExactly(
  { source }: WorkerContext,
  { by, repository, startSha }: Rollback,
  head: string,
  files: RollbackPlan['files'],
  message: string,
): Promise<boolean> {
  await source.fetch(repository, [head, startSha]);
  const commits = await source.commits(repository, startSha, head);
  const [only] = commits;
  if (commits.length !== 1 || only?.authorEmail !== by.email || !message.startsWith(only.subject))
    return false;
  const wanted = new Set(files.map(({ path }) => path));
  const changed = await source.changedPaths(repository, startSha, head);
  if (changed.length !== wanted.size || !changed.every((path) => wanted.has(path))) return false;
  const found = new Map((await source.files(repository, head, [...wanted])).map((file) => [file.path, file]));
  for (const file of files) {
    const present = found.get(file.path);
    if (file.action === 'delete' ? present !== undefined : present === undefined) return false;
    if (present === undefined || file.action === 'delete') continue;
    if (file.action === 'chmod') {
      if ((present.kind === 'executable') !== file.executable) return false;
    } else if (!file.content.equals(await source.blob(repository, present))) return false;
  }
  return true;
}

async function propose(
  context: WorkerContext,
  rollback: Rollback,
  targetBranch: string,
  told: RollbackTold,
): Promise<Made> {
  const { branch, repository } = rollback;
  const opened = await context.proposalDesk.open(repository, {
    sourceBranch: branch,
    targetBranch,
    title: rollbackTitle(told),
    description: rollbackDescription(told),
  });
  if (!opened.ok) return refuse(opened.reason, 'a maintainer looks at it');
  const { iid, url } = opened.value;
  await context.ledger.noteRollback(rollback, { iid });
  const askedBy = told.askedBy;
  await context.ticketing
    .comment(told.key, `rollback-${iid}`, rollbackAsked({ url, iid, askedBy }))
    .catch((error: unknown) => {
      // The ticket may be closed to comments; the merge request says it all the same.
      if (!(error instanceof Fault) || error.retryable) throw error;
      context.log.warn(
        { err: error, approvalId: told.key },
        'a ticket could not be told that it is taken back',
      );
    });
  return { rollback: { ...rollback, iid }, url };
}

function toldOf(
  context: WorkerContext,
  asking: Change,
  released: Change,
  { by, key, noteId }: Rollback,
  { projects }: RollbackPlan,
): RollbackTold {
  const { ticket } = released;
  const known = 'url' in ticket ? ticket.url.replace(ticket.key, key) : '';
  return {
    key,
    ticketUrl: known,
    title: released.title,
    mergeRequestUrl: released.url,
    askedBy: `${by.name} (@${by.username})`,
    askedAt: `${asking.url}#note_${noteId}`,
    projects,
    pageUrl: changeUrl(context, released),
  };
}

function answer(
  context: WorkerContext,
  change: Change,
  noteId: number,
  body: string,
): Promise<{ id: number }> {
  return context.conversation.putNote(change.mergeRequest, noteMarker(change.id, `reply-${noteId}`), body);
}

function refuse(reason: string, remedy: string): { refusals: Refusal[] } {
  return { refusals: [refusal(reason, remedy)] };
}

function refusal(reason: string, remedy: string): Refusal {
  return { code: 'nothing-to-roll-back', reason, remedy };
}
