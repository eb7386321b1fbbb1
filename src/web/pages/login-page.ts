import type { Person } from '#domain/gates/evidence.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';

interface Model {
  mode: 'token' | 'demo' | 'oidc';
  /** Whom one may choose to be, in the demo. */
  people: readonly Person[];
  /** Where one logs in instead. */
  provider?: string | undefined;
  /** Where to go on to. */
  next: string;
  problem: string | undefined;
}

/** The door: an access token, or in the demo a choice of people. */
export function loginPage({ mode, people, provider, next, problem }: Model): Html {
  const door = () => {
    switch (mode) {
      case 'demo':
        return choice(people, next);
      case 'token':
        return tokenForm(next);
      case 'oidc':
        return elsewhere(provider ?? 'your account', next);
    }
  };
  return layout({
    title: 'Log in',
    body: html`<div class="door"><h1>Log in</h1>
${problem !== undefined && html`<p class="note bad" role="alert">${problem}</p>`}
${door()}</div>`,
  });
}

/** A link, not a form: a form may lead to this site only. */
function elsewhere(provider: string, next: string): Html {
  return html`<p><a class="button" href="/login/provider?next=${encodeURIComponent(next)}">Log in with ${provider}</a></p>
<p class="muted">You come back here once ${provider} knows who you are.</p>`;
}

function tokenForm(next: string): Html {
  return html`<form method="post" action="/login">
<input type="hidden" name="next" value="${next}">
<label>Access token<input type="password" name="token" required autofocus autocomplete="current-password"></label>
<button>Log in</button>
<p class="muted">An operator of this server gives out access tokens. Scripts send them as “Authorization: Bearer …”.</p>
</form>`;
}

function choice(people: readonly Person[], next: string): Html {
  return html`<p>This is the demo: choose who you want to be. A real server asks for a token here.</p>
<form method="post" action="/login" class="people">
<input type="hidden" name="next" value="${next}">
${people.map(({ id, name, roles }) => html`<button name="person" value="${id}"><strong>${name}</strong><span>${roles.join(', ') || 'no role'}</span></button>`)}
</form>`;
}
