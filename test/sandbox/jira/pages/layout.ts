import { html, raw } from 'hono/html';
import type { User } from '../model/types.ts';
import type { WorkflowStatus } from '../model/workflow.ts';
import { styleSheet } from './style.ts';

export type Markup = ReturnType<typeof html>;

export function page(title: string, user: User | null, content: Markup): Markup {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} - JIRA (sandbox)</title>
<style>${raw(styleSheet)}</style></head>
<body>
<header class="top"><a class="brand" href="/">JIRA <span class="lozenge">sandbox</span></a><a href="/">Issues</a>
<div class="who">${user === null ? html`<a class="button" href="/login">Log in</a>` : html`${person(user)} <a href="/login">Switch user</a>`}</div></header>
<main>${content}</main>
</body></html>`;
}

export function person(user: User | null | undefined): Markup {
  if (user === null || user === undefined) return html`<span class="empty">None</span>`;
  return html`<span class="person">${avatar(user, 24)}${user.displayName}</span>`;
}

export function avatar(user: User, size: number): Markup {
  return html`<img src="/avatar/${encodeURIComponent(user.accountId)}?size=${size}" width="${size}" height="${size}" alt="">`;
}

export function lozenge(status: WorkflowStatus): Markup {
  return html`<span class="lozenge lozenge-${status.category}">${status.name}</span>`;
}

export function moment(milliseconds: number): Markup {
  const iso = new Date(milliseconds).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

/** A picture of somebody's initials. */
export function avatarSvg(user: User): string {
  const initials = user.displayName
    .split(/\s+/)
    .map((word) => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase();
  const hue = Buffer.from(user.accountId).reduce((sum, byte) => sum + byte * 7, 0) % 360;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="24" fill="hsl(${hue} 55% 40%)"/><text x="24" y="31" text-anchor="middle" font-family="sans-serif" font-size="19" fill="#fff">${initials}</text></svg>`;
}
