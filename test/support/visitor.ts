/** What a visitor sees: where they ended up, and the page there. */
export interface Page {
  url: string;
  status: number;
  body: string;
}

export interface Visitor {
  go(url: string): Promise<Page>;
  submit(url: string, fields: Record<string, string>): Promise<Page>;
  /** Goes only as far as the next redirect, and says where that leads. */
  step(url: string): Promise<string>;
  forget(): void;
}

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** A browser without a screen: keeps cookies per site, follows redirects, and reloads where a page asks for it. */
export function createVisitor(): Visitor {
  const jars = new Map<string, Map<string, string>>();
  const ask = async (url: string, init: Sent): Promise<Response> => {
    const { origin, host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { accept: 'text/html', origin, cookie, ...init.headers };
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const set of answer.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      const value = pair.slice(pair.indexOf('=') + 1);
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(set)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  };
  const arrive = async (url: string, answer: Response): Promise<Page> => {
    const location = answer.headers.get('location');
    if (answer.status >= 300 && answer.status < 400 && location !== null) {
      await answer.arrayBuffer();
      const next = new URL(location, url).href;
      return arrive(next, await ask(next, {}));
    }
    return { url, status: answer.status, body: await answer.text() };
  };
  return {
    go: async (url) => arrive(url, await ask(url, {})),
    async submit(url, fields) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const body = new URLSearchParams(fields).toString();
      return arrive(url, await ask(url, { method: 'POST', headers, body }));
    },
    async step(url) {
      const answer = await ask(url, {});
      await answer.arrayBuffer();
      return new URL(answer.headers.get('location') ?? '', url).href;
    },
    forget: () => jars.clear(),
  };
}
