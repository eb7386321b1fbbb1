import { html, raw } from 'hono/html';
import type { User } from '../model.ts';

export type Html = ReturnType<typeof html>;

/** The frame of every page: who you are, where you are, what was just said. */
export async function page(
  title: string,
  user: User | null,
  crumbs: Html,
  body: Html,
  said?: string,
): Promise<string> {
  const notice = said === undefined ? '' : html`<p class="said" role="status">${said}</p>`;
  const document = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · GitLab double</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header><a class="brand" href="/">GitLab <small>double</small></a><nav aria-label="Breadcrumb">${crumbs}</nav>
<a class="who" href="/-/login">${user === null ? 'Choose a user' : html`<b>${user.name}</b> @${user.username}`}</a></header>
<main>${notice}${body}</main>
</body></html>`;
  return document.toString();
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1f1e24;--soft:#626168;--line:#dcdcde;--back:#fff;--tint:#f6f5f8;--link:#1068bf;--good:#1f7e4a;--bad:#c02f12;--accent:#6b4fbb}
@media (prefers-color-scheme:dark){:root{--ink:#ececef;--soft:#a4a3a8;--line:#434248;--back:#18171d;--tint:#24232a;--link:#63a6e9;--good:#52b87a;--bad:#f57f6c;--accent:#a989f5}}
*{box-sizing:border-box}body{margin:0;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back)}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}:focus-visible{outline:2px solid var(--link);outline-offset:2px}
header{display:flex;gap:1rem;align-items:center;padding:.6rem 1.2rem;border-bottom:1px solid var(--line);background:var(--tint)}
.brand{font-weight:700;color:var(--accent)}.brand small{font-weight:400;color:var(--soft)}header nav{flex:1;color:var(--soft)}
main{max-width:60rem;margin:1.2rem auto;padding:0 1.2rem}h1{font-size:1.5rem;margin:.2rem 0}h1 .iid{color:var(--soft);font-weight:400}
.meta{color:var(--soft)}.badge{display:inline-block;padding:.05rem .6rem;border-radius:1rem;color:#fff;background:var(--soft);font-size:.85rem}
.badge.opened,.badge.success,.badge.mergeable{background:var(--good)}.badge.merged{background:var(--link)}.badge.closed,.badge.failed{background:var(--bad)}
.rows{list-style:none;padding:0;border:1px solid var(--line);border-radius:.5rem}.rows li{padding:.7rem 1rem;border-bottom:1px solid var(--line)}.rows li:last-child{border:0}
.note{border:1px solid var(--line);border-radius:.5rem;margin:1rem 0;overflow:hidden}.note>header{padding:.4rem .9rem;font-size:.9rem;gap:.5rem}.note>div{padding:.2rem .9rem .6rem;overflow-wrap:anywhere}
.note:target{border-color:var(--link);box-shadow:0 0 0 2px var(--link)}.system{color:var(--soft);margin:.6rem .3rem;font-size:.9rem}.system p{display:inline}.award{color:var(--soft);border:1px solid var(--line);border-radius:1rem;padding:0 .5rem;background:var(--back)}
.bar{display:flex;gap:.5rem;flex-wrap:wrap;align-items:center;padding:.8rem 1rem;border:1px solid var(--line);border-radius:.5rem;background:var(--tint)}.bar .grow{flex:1}
button{font:inherit;padding:.35rem .9rem;border:1px solid var(--line);border-radius:.35rem;background:var(--back);color:var(--ink);cursor:pointer}button.go{background:var(--good);border-color:var(--good);color:#fff}button.stop{color:var(--bad)}
button[disabled]{opacity:.5;cursor:default}textarea{width:100%;min-height:7rem;font:inherit;padding:.6rem;border:1px solid var(--line);border-radius:.35rem;background:var(--back);color:var(--ink)}
table{border-collapse:collapse;margin:.6rem 0;display:block;overflow-x:auto}td,th{border:1px solid var(--line);padding:.3rem .7rem;text-align:left}th{background:var(--tint)}.right{text-align:right}.center{text-align:center}
code{font:13px/1.45 ui-monospace,monospace;background:var(--tint);padding:.1rem .3rem;border-radius:.25rem}pre{background:var(--tint);border:1px solid var(--line);border-radius:.35rem;padding:.7rem;overflow-x:auto}pre code{background:none;padding:0}
.add{color:var(--good)}.del{color:var(--bad)}.chg{color:#b06a00}blockquote{margin:.5rem 0;padding-left:1rem;border-left:3px solid var(--line);color:var(--soft)}
details{margin:.5rem 0}summary{cursor:pointer}.said{padding:.6rem 1rem;border-left:4px solid var(--bad);background:var(--tint)}.mention{color:var(--accent)}form{display:inline}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dd{margin:0}
`;
