/*
 * Takes the pictures in docs/pictures from a demo that is up:
 *
 *   npm run demo | tee demo.log             in one terminal, until it says "Ctrl-C stops everything"
 *   node scripts/take-pictures.ts demo.log   in another; the output names every page
 *
 * Chromium is the one at CHROMIUM, else /usr/bin/chromium. Not part of any test: look at each picture before it is kept.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const FOLDER = join(import.meta.dirname, '../docs/pictures');

interface Picture {
  name: string;
  url: string;
  /** Logs in as whoever the picture shows, before the page is opened. */
  as: (page: Page) => Promise<void>;
  /** Pixels from the left and from the top. */
  size: { width: number; height: number };
  /** What has to be on the page before the picture is taken. */
  shows: string;
  /** Texts of what is folded up and has to be open. */
  unfold?: string[];
}

const file = process.argv[2];
if (file === undefined)
  throw new Error('usage: node scripts/take-pictures.ts <file with the output of npm run demo>');
const pages = pagesIn(await readFile(file, 'utf8'));
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const picture of picturesOf(pages)) await take(browser, picture);
await browser.close();

interface Pages {
  change: string;
  changes: string;
  mergeRequest: string;
  ticket: string;
  next: string;
}

/** The addresses that the demo printed. */
function pagesIn(text: string): Pages {
  const found = (pattern: RegExp) => {
    const url = pattern.exec(text)?.[1];
    if (url === undefined) throw new Error(`the output has no line like ${pattern}; is the demo up?`);
    return url;
  };
  return {
    change: found(/The change\s+(http\S+)/),
    changes: found(/All changes\s+(http\S+)/),
    mergeRequest: found(/Merge request\s+(http\S+)/),
    ticket: found(/Ticket\s+(http\S+)/),
    next: found(/just asked for more: (http\S+)/),
  };
}

function picturesOf({ change, changes, mergeRequest, ticket, next }: Pages): Picture[] {
  const origin = (url: string) => new URL(url).origin;
  const reader = logIn(`${origin(change)}/login`, 'Olga Operator');
  const engineer = logIn(`${origin(mergeRequest)}/-/login`, 'Erin Engineer');
  const approver = logIn(`${origin(ticket)}/login`, 'Adam Approver');
  const queue = `${origin(ticket)}/browse/CHG-2`;
  const wide = (height: number) => ({ width: 1280, height });
  return [
    { name: 'changes', url: changes, as: reader, size: wide(450), shows: 'More room' },
    { name: 'change', url: change, as: reader, size: wide(1480), shows: 'More room', unfold: ['Gates'] },
    {
      name: 'note',
      url: next,
      as: engineer,
      size: wide(1400),
      shows: 'takes the approval of',
      unfold: ['fin/prod/network:', 'biz/dev/network:'],
    },
    { name: 'conversation', url: mergeRequest, as: engineer, size: wide(1340), shows: 'is tagged' },
    { name: 'ticket', url: queue, as: approver, size: wide(3090), shows: 'In review' },
  ];
}

/** Chooses a person on a page where logging in is choosing. */
function logIn(url: string, person: string): Picture['as'] {
  return async (page) => {
    await page.goto(url);
    await page.getByRole('button', { name: person }).click();
    await page.waitForLoadState();
  };
}

async function take(browser: Browser, { name, url, as, size, shows, unfold = [] }: Picture): Promise<void> {
  const page = await browser.newPage({ viewport: size, colorScheme: 'light' });
  await as(page);
  await page.goto(url);
  // The second change of the demo may still be on its way; these pages do not refresh by themselves.
  for (let tries = 0; tries < 60 && !(await page.getByText(shows).first().isVisible()); tries += 1) {
    await page.waitForTimeout(1_000);
    await page.reload();
  }
  for (const text of unfold) await page.locator('summary', { hasText: text }).first().click();
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  await page.close();
  console.log(`docs/pictures/${name}.png`);
}
