import { KIND_NAMES } from '#domain/mandate.ts';
import type { ProjectView } from '#views/projects.ts';
import type { ChangeView } from '#views/show-change.ts';
import { type Content, type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import { checks } from '../parts/checks.ts';
import { attempts } from '../parts/attempts.ts';
import { chip } from '../parts/chip.ts';
import { counts } from '../parts/counts.ts';
import { entryTable } from '../parts/entries.ts';
import { gates } from '../parts/gates.ts';
import { plan } from '../parts/plan.ts';
import { settings } from '../parts/settings.ts';
import { tier } from '../parts/tier.ts';
import { link, moment, path, person, short, withCode } from '../parts/text.ts';
import { revisions } from '../parts/revisions.ts';
import { runPath, timeline } from '../parts/timeline.ts';

const SAME_FOR_ALL = ['changeId', 'mergeRequest', 'approvalId', 'revision'];

/** One change: who asked for what, what would happen, what holds it, what was done, and the proof of all that. */
export function changePage({ change, viewer }: { change: ChangeView; viewer: string }): Html {
  return layout({
    title: `!${change.mergeRequest.iid} ${change.title}`,
    viewer,
    section: 'changes',
    body: html`<nav class="crumbs" aria-label="Breadcrumb"><a href="/changes">Changes</a> / !${change.mergeRequest.iid}</nav>
<div class="heading"><h1>${change.title === '' ? change.id : change.title}</h1>${chip(change.status)}</div>
${nextStep(change)}
${facts(change)}
${change.remarks.length > 0 && html`<section aria-labelledby="remarks"><h2 id="remarks">Configuration</h2><ul>${change.remarks.map(({ place, what }) => html`<li><code>${place}</code> ${what}</li>`)}</ul></section>`}
<div class="columns">
<div class="column">
<section aria-labelledby="projects"><div class="heading"><h2 id="projects">Projects</h2>${counts(change.counts)}</div>
${change.projects.length === 0 ? html`<p class="muted">No project is touched.</p>` : change.projects.map((each) => project(change, each))}</section>
${change.earlierRevisions.length > 0 && html`<section aria-labelledby="revisions"><h2 id="revisions">Earlier revisions</h2>${revisions(change.id, change.earlierRevisions)}</section>`}
${change.attempts.length > 0 && html`<section aria-labelledby="attempts"><h2 id="attempts">Attempts</h2>${attempts(change.id, change.attempts)}</section>`}
<section aria-labelledby="entries"><div class="heading"><h2 id="entries">Audit entries</h2><span class="muted">${entriesShown(change)} · <a href="/changes/${encodeURIComponent(change.id)}/evidence">evidence record</a></span></div>
${entryTable(change.entries.rows, change.entries.covered, SAME_FOR_ALL)}</section>
</div>
<aside aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>${timeline(change.id, change.timeline)}</aside>
</div>`,
  });
}

function nextStep({ nextStep: { who, what, tone } }: ChangeView): Html {
  const whom = who === 'nobody' ? 'Done' : tone === 'working' ? 'Countersign is at work' : `Next: the ${who}`;
  return html`<p class="step ${tone}"><strong>${whom}</strong> <span>${withCode(what)}</span></p>`;
}

function facts(change: ChangeView): Html {
  const { ticket, approver, mandates, operators, revision, release } = change;
  return html`<dl class="facts">
${fact('Merge request', link(change.url, `!${change.mergeRequest.iid}`))}
${fact('Approval', ticket === undefined ? undefined : html`${link(ticket.url, ticket.key)} ${chip(ticket.status)}`)}
${fact('Requester', person(change.requester))}
${fact('Approver', approver && html`${person(approver)}${approver.decision === 'rejected' && html` <span class="tone-bad">rejected</span>`}`)}
${fact('Mandate', mandates.length > 0 && mandates.map(mandate))}
${fact('Operator', operators.length > 0 && operators.map((each, i) => html`${i > 0 && ', '}${person(each)}`))}
${fact('Revision', revision && html`${revision.number} · ${short(revision.headSha)}`)}
${fact('Branches', revision && html`<code>${revision.sourceBranch}</code> → <code>${revision.targetBranch}</code>`)}
${fact('Release tag', 'tag' in release && html`<code>${release.tag}</code> ${chip(release.status)}`)}
${change.alteredTags.map(({ standing, tag }) => fact('Not as it was made', html`<code>${tag}</code> ${chip(standing)}`))}
${fact(ticket?.status === 'in-review' ? 'Tuple in review' : 'Approved tuple', ticket?.tupleHash === undefined ? undefined : short(ticket.tupleHash))}
${fact('Opened', moment(change.openedAt))}
${fact('Moved', moment(change.updatedAt))}
${fact('Earlier tickets', change.earlierTickets.length > 0 && change.earlierTickets.map(({ key, url }) => html`${link(url, key)} `))}
</dl>`;
}

function mandate({ approver, key, kind, name, url }: ChangeView['mandates'][number]): Html {
  return html`<div>${KIND_NAMES[kind]} ${name} ${link(url, key)}, approved by ${approver}</div>`;
}

function fact(name: string, value: Content): Content {
  return value !== undefined && value !== false && html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function project(change: ChangeView, view: ProjectView): Html {
  const { run, hold } = view;
  return html`<article class="project" id="project-${view.key}">
<header><h3>${path(view.key)}</h3>${chip(view.status)}${run?.summary !== undefined && counts(run.summary.counts)}<span class="muted push">applied on ${view.applyOn}</span></header>
${view.reason !== undefined && html`<p class="note bad">${view.reason}</p>`}
${hold !== undefined && holdNote(hold)}
${run !== undefined && html`<p class="meta">${run.digest !== undefined && html`Plan digest ${short(run.digest)} · `}${run.terraformVersion !== undefined && html`${/^\d/.test(run.terraformVersion) ? 'Terraform ' : ''}${run.terraformVersion} · `}${run.endedAt === undefined ? html`started ${moment(run.startedAt)}` : html`planned ${moment(run.endedAt)}`} · <a href="${runPath(change.id, run.id)}">plan log</a></p>`}
${view.demand !== undefined && tier(view.demand, change.demand)}
${run !== undefined && run.checks.length > 0 && checks(run.checks)}
${view.gates !== undefined && gates(view.gates)}
${run?.summary !== undefined && plan(run.summary)}
${run !== undefined && run.configuration.length > 0 && settings(run.configuration)}
</article>`;
}

function holdNote(hold: NonNullable<ProjectView['hold']>): Content {
  if (hold.quarantined !== undefined) return html`<p class="note bad">Quarantined: ${hold.quarantined}</p>`;
  if (hold.own) return undefined;
  return html`<p class="note warning">Held by <a href="/changes/${encodeURIComponent(hold.changeId)}">another change</a> since ${moment(hold.since)}.</p>`;
}

function entriesShown({ entries: { rows, total } }: ChangeView): string {
  return rows.length < total ? `the latest ${rows.length} of ${total}` : `${total}`;
}
