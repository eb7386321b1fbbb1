import type { LogEntries, LogHead } from '#views/audit-log.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import { entryTable } from '../parts/entries.ts';
import { moment } from '../parts/text.ts';

/** The head of the audit log, with what one needs to check it, and its entries. */
export function logPage({
  head,
  entries,
  viewer,
}: {
  head: LogHead;
  entries: LogEntries;
  viewer: string;
}): Html {
  const oldest = entries.rows.at(-1)?.index ?? 0;
  return layout({
    title: 'Audit log',
    viewer,
    section: 'log',
    body: html`<div class="heading"><h1>Audit log</h1><span class="muted">${head.size} entries</span></div>
<section class="card" aria-labelledby="head"><h2 id="head">Latest checkpoint</h2>${checkpoint(head)}</section>
<section aria-labelledby="entries"><h2 id="entries">Entries</h2>
${entries.rows.length === 0 ? html`<p class="muted">Nothing was recorded yet.</p>` : entryTable(entries.rows, entries.covered)}
${oldest > 0 && html`<p class="pager"><a class="button" href="/log?before=${oldest}">Older entries</a></p>`}</section>`,
  });
}

function checkpoint({ size, checkpoint: signed }: LogHead): Html {
  if (signed === undefined) return html`<p class="muted">None was signed yet.</p>`;
  const behind = size - signed.size;
  return html`<p>Signed ${moment(signed.at)} over ${signed.size} entries${behind > 0 && html`; ${behind} newer ${behind === 1 ? 'entry waits' : 'entries wait'} for the next one`}.</p>
<pre class="note-text">${signed.note}</pre>
<p class="muted">Keep a copy outside of Countersign (<a href="/log/checkpoint">as text</a>). Release tags and closed tickets quote such checkpoints too. Whoever has one can check that nothing before it was changed:</p>
<pre class="command">npm run countersign -- audit verify --against checkpoint.txt</pre>`;
}
