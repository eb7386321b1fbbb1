import type { CheckReport } from '#domain/checks.ts';
import { type Html, html } from '../html.ts';
import { chip } from './chip.ts';
import { path } from './text.ts';

/** What each security and policy check of a plan came to, with where it did not pass. */
export function checks(reports: readonly CheckReport[]): Html {
  return html`<div class="checks"><p>${reports.map(one)}</p>${reports.filter(({ findings }) => findings.length > 0).map(findingsOf)}</div>`;
}

function one({ name, result, severity }: CheckReport): Html {
  const blocks = severity === 'error' || result === 'pass';
  return html`${chip(blocks ? result : 'warning', blocks ? name : `${name} (warning only)`)} `;
}

function findingsOf({ name, findings, found }: CheckReport): Html {
  return html`<ul>${findings.map(({ where, message }) => html`<li><strong>${name}</strong> ${path(where)} ${message}</li>`)}${found > findings.length && html`<li class="muted">and ${found - findings.length} more of ${name}</li>`}</ul>`;
}
