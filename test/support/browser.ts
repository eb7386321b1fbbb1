import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Whether there is a Chromium to look at pages with: the one at CHROMIUM, else the Debian package's. */
export const browserIsInstalled = existsSync(executablePath);

/** What a person sees on a page, and what happened to the browser on the way. */
export interface Sight {
  /** All text, that of folded parts too. */
  text: string;
  /** Elements that the selector finds. */
  count(selector: string): number;
  /** What the page's own world holds under a name that only an injected script would set. */
  pwned: boolean;
  /** Dialogs that opened and requests to other sites. */
  incidents: string[];
}

export interface TestBrowser {
  /** Opens the page with these cookies, each `name=value`, and looks once it is quiet. */
  look(url: string, cookies: readonly string[], selectors?: readonly string[]): Promise<Sight>;
  close(): Promise<void>;
}

export async function openBrowser(): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  return {
    look: (url, cookies, selectors = []) => look(browser, url, cookies, selectors),
    close: () => browser.close(),
  };
}

async function look(
  browser: Browser,
  url: string,
  cookies: readonly string[],
  selectors: readonly string[],
): Promise<Sight> {
  const context = await browser.newContext();
  try {
    await context.addCookies(
      cookies.map((cookie) => ({ ...nameAndValue(cookie), url: new URL(url).origin })),
    );
    const page = await context.newPage();
    const incidents: string[] = [];
    page.on('dialog', (dialog) => {
      incidents.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (new URL(request.url()).host !== new URL(url).host) incidents.push(`request: ${request.url()}`);
    });
    const answer = await page.goto(url, { waitUntil: 'load' });
    if (answer?.status() !== 200) throw new Error(`${url} answered ${answer?.status()}`);
    const counts = new Map<string, number>();
    for (const selector of selectors) counts.set(selector, await page.locator(selector).count());
    return {
      text: (await page.locator('body').textContent()) ?? '',
      count: (selector) => counts.get(selector) ?? 0,
      pwned: await page.evaluate("'pwned' in window"),
      incidents,
    };
  } finally {
    await context.close();
  }
}

function nameAndValue(cookie: string): { name: string; value: string } {
  const at = cookie.indexOf('=');
  return { name: cookie.slice(0, at), value: cookie.slice(at + 1) };
}
