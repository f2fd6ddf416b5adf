// For tests and screenshots: a page from the template and a document, and Chromium to look at it.
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {chromium} from 'playwright-core';

const PLACEHOLDER = '@basewise-report@';

/** What the program does in C++: no document can end the element that it stands in. */
export function fill(template, document) {
  const text = JSON.stringify(document).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  return template.replace(PLACEHOLDER, () => text);
}

/** The document in a page, as the browser would read it. */
export function documentOf(html) {
  const match = /<script type="application\/json" id="report">(.*?)<\/script>/s.exec(html);
  if (match === null) throw new Error('no document in this page');
  return JSON.parse(match[1]);
}

export function template() {
  const file = process.env.BASEWISE_WEB_TEMPLATE ?? resolve(new URL('.', import.meta.url).pathname, '../../build/web/page/index.html');
  if (!existsSync(file)) throw new Error(`${file} is missing: build the page first (npm run build)`);
  return readFileSync(file, 'utf8');
}

/** Writes a filled page and returns its file: address. */
export function writePage(file, document) {
  writeFileSync(file, fill(template(), document));
  return pathToFileURL(resolve(file)).href;
}

export function chromiumPath() {
  return [process.env.BASEWISE_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => p && existsSync(p));
}

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--font-render-hinting=none',
];

/** A browser with a profile of its own, gone when `close` is called. */
export async function openBrowser() {
  const profile = mkdtempSync(join(tmpdir(), 'basewise-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {executablePath: chromiumPath(), args: FLAGS, headless: true, acceptDownloads: true});
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, {recursive: true, force: true, maxRetries: 5});
    },
  };
}

/** Opens an address and gathers all that the console and failed requests say. */
export async function openPage(context, address, {width = 1400, height = 900, scheme = 'light', touch = false} = {}) {
  const page = await context.newPage();
  const said = [];
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => said.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => said.push(`request failed: ${request.url()}`));
  page.on('request', (request) => {
    if (!/^(file|blob|data):/.test(request.url())) said.push(`request: ${request.url()}`);
  });
  await page.emulateMedia({colorScheme: scheme, reducedMotion: 'reduce'});
  await page.setViewportSize({width, height});
  await page.goto(address);
  return {page, said, touch};
}

/** Scrolls through the page until every figure was drawn; returns the ids of those that were not. */
export async function drawAll(page) {
  // What is near is told by the browser, which tells nothing to a page that it thinks is hidden.
  await page.bringToFront();
  const ids = await page.$$eval('figure[id]', (figures) => figures.map((f) => f.id));
  for (const id of ids) {
    await page.evaluate((i) => document.getElementById(i).scrollIntoView({block: 'center'}), id);
    await page.waitForFunction((i) => document.querySelector(`[id="${i}"] .drawing svg, [id="${i}"] .problem`), id, {timeout: 15000}).catch(() => {});
  }
  const missing = await page.$$eval('figure[id]', (figures) => figures.filter((f) => !f.querySelector('.drawing svg') || f.querySelector('.problem')).map((f) => f.id));
  await page.evaluate(() => window.scrollTo(0, 0));
  return missing;
}
