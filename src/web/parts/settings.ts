import type { SettingView } from '#views/projects.ts';
import { type Html, html } from '../html.ts';

/** What was configured for a project, folded: each setting, its value, and where that was said. */
export function settings(configured: readonly SettingView[]): Html {
  const own = configured.filter(({ place }) => place !== 'default' && place !== 'server').length;
  return html`<details class="settings">
<summary>Configuration <span class="muted">${own === 0 ? 'as the server says' : `${own} of ${configured.length} settings by the repository`}</span></summary>
<div class="scroll"><table class="grid">
<thead><tr><th scope="col">Setting</th><th scope="col">Value</th><th scope="col">Said at</th></tr></thead>
<tbody>${configured.map(row)}</tbody>
</table></div>
</details>`;
}

function row({ setting, value, place }: SettingView): Html {
  return html`<tr><td class="nowrap">${setting}</td><td>${inWords(value)}</td><td><code>${place}</code></td></tr>`;
}

function inWords(value: unknown): string {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return '–';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
