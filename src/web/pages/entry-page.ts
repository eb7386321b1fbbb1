import type { AuditEntryView } from '#views/audit-log.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import { subjectOf } from '../parts/entries.ts';
import { moment, person } from '../parts/text.ts';

/** One entry of the audit log: the bytes that were hashed, what they stand for, and the proof that they are in the log. */
export function entryPage({ entry, viewer }: { entry: AuditEntryView; viewer: string }): Html {
  return layout({
    title: `Entry ${entry.index}`,
    viewer,
    section: 'log',
    body: html`<nav class="crumbs" aria-label="Breadcrumb"><a href="/log">Audit log</a> / ${entry.index}</nav>
<div class="heading"><h1>${entry.type}</h1></div>
<p class="meta">Entry ${entry.index} · ${moment(entry.at)} · ${person(entry.actor)}${Object.keys(entry.subject).length > 0 && html` · ${subjectOf(entry.subject)}`}</p>
<section aria-labelledby="payload"><h2 id="payload">What was recorded</h2>${payload(entry)}</section>
<section aria-labelledby="envelope"><h2 id="envelope">Envelope</h2><pre class="note-text">${entry.envelope}</pre>
<p class="muted">Its leaf in the tree, SHA-256(0x00 ‖ envelope):</p><pre class="note-text">${entry.leafHash}</pre></section>
<section aria-labelledby="proof"><h2 id="proof">Proof</h2>${proof(entry)}</section>`,
  });
}

function payload({ payload: stored }: AuditEntryView): Html {
  if (stored.status === 'erased') {
    return html`<p class="note">The payload was erased under the rules for retention or privacy; a later entry says why. The envelope still proves that it was there.</p>`;
  }
  return html`<pre class="note-text">${indented(stored.text)}</pre>`;
}

/** The same JSON with line breaks; the text as it is when somebody made it something else. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function proof({ index, inclusion }: AuditEntryView): Html {
  if (inclusion === undefined)
    return html`<p class="muted">No checkpoint covers this entry yet; the next one will.</p>`;
  const { checkpointSize, root, hashes } = inclusion;
  return html`<p>With these ${hashes.length} hashes the leaf leads to the root of the checkpoint over ${checkpointSize} entries (RFC 6962, 2.1.1). The same <a href="/log/entries/${index}/proof">as a tlog-proof</a> for other tools.</p>
<ol class="proof">${hashes.map((hash) => html`<li><code>${hash}</code></li>`)}</ol>
<p class="muted">Root</p><pre class="note-text">${root}</pre>`;
}
