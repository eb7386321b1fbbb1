import { icon, liveLogScript, script, stylesheet } from './assets.ts';
import { type Content, type Html, html } from './html.ts';

export interface Page {
  title: string;
  /** Name of whoever is logged in; without it the page has no navigation. */
  viewer?: string;
  section?: 'changes' | 'holds' | 'mandates' | 'log';
  /** Whether the page follows the output of a run. */
  live?: boolean;
  body: Content;
}

/** The frame of every page. */
export function layout({ title, viewer, section, live, body }: Page): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Countersign</title>
<link rel="icon" href="${icon.path}" type="${icon.type}">
<link rel="stylesheet" href="${stylesheet.path}">
<script src="${script.path}" defer></script>
${live === true && html`<script src="${liveLogScript.path}" defer></script>`}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar">
<a class="brand" href="/"><img src="${icon.path}" alt="" width="22" height="22">Countersign</a>
${viewer !== undefined && navigation(viewer, section)}
</header>
<main id="main" tabindex="-1">
${body}
</main>
${viewer !== undefined && html`<footer class="foot">All times are UTC.</footer>`}
</body>
</html>`;
}

function navigation(viewer: string, section: Page['section']): Html {
  const link = (href: string, name: string, current: boolean) =>
    html`<a href="${href}" ${current && html`aria-current="page"`}>${name}</a>`;
  return html`<nav aria-label="Main">
${link('/changes', 'Changes', section === 'changes')}
${link('/holds', 'Holds', section === 'holds')}
${link('/mandates', 'Mandates', section === 'mandates')}
${link('/log', 'Audit log', section === 'log')}
</nav>
<form class="viewer" method="post" action="/logout"><span>${viewer}</span><button class="quiet">Log out</button></form>`;
}
