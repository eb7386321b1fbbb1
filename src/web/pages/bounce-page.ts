import { type Html, html } from '../html.ts';

/** Asks for the same address again, this time from our own site, so that the browser sends the session's cookie. */
export function bouncePage(): Html {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="0"><title>Countersign</title></head>
<body><p>One moment. If nothing happens, reload this page.</p></body>
</html>`;
}
