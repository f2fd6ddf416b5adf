// Strings of a report are text wherever they come from, and a page asks nothing of anybody.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {example} from '../make_example.mjs';
import {openBrowser, openPage, template, writePage} from '../page.mjs';
import {drawsEverything, isAccessible} from './checks.mjs';

const ATTACKS = ['<script>alert(1)</script>', '</script><script>alert(2)</script>', '"><img src=x onerror=alert(3)>', '<!--', "'+alert(4)+'", '\u2028alert(5)', '{{7*7}}', '<svg onload=alert(6)>'];

let folder, browser;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'basewise-safety-'));
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, {recursive: true, force: true});
});

/** Every text that a file can bring in becomes an attack; what the program itself chooses stays. */
function poison(document) {
  let k = 0;
  const attack = () => ATTACKS[k++ % ATTACKS.length];
  const ours = new Set(['format', 'type', 'id', 'name', 'kind', 'engine', 'size', 'tone', 'created', 'better', 'role', 'unit', 'signal', 'letter', 'strand', 'series', 'part', 'y', 'row']);
  const visit = (value, key, inData) => {
    if (typeof value === 'string') return !ours.has(key) || (key === 'name' && inData === 'facts') ? attack() : value;
    if (Array.isArray(value)) return value.map((v) => visit(v, key, inData));
    if (value !== null && typeof value === 'object') {
      if (key === 'spec') return value;
      return Object.fromEntries(Object.entries(value).map(([k2, v]) => [k2, k2 === 'spec' || k2 === 'columns' || k2 === 'program' ? v : visit(v, k2, k2 === 'facts' || k2 === 'items' ? 'facts' : inData)]));
    }
    return value;
  };
  return visit(document, '', '');
}

test('a run named <script> stays text', async () => {
  const name = '<script>alert(1)</script>';
  const document = example({runs: [name, 'other']});
  const {page, said} = await openPage(browser.context, writePage(join(folder, 'run.html'), document));
  page.on('dialog', () => said.push('dialog'));
  await drawsEverything({page, said}, document);
  expect(await page.locator('.run b').first().textContent()).toBe(name);
  expect(await page.locator('#outputs tbody td').filter({hasText: name}).count()).toBeGreaterThan(0);
  expect(await page.$$eval('#loss text', (all) => all.map((t) => t.textContent))).toContain(name);
  expect(await page.locator('script').count()).toBe(2);
  expect(await page.evaluate(() => window.basewiseReport.document.runs[0].id)).toBe(name);
  await page.close();
});

test('no text of a document becomes markup or runs', async () => {
  const document = poison(example());
  const {page, said} = await openPage(browser.context, writePage(join(folder, 'poison.html'), document));
  page.on('dialog', () => said.push('dialog'));
  await drawsEverything({page, said}, document);
  expect(await page.title()).toBe(ATTACKS[0]);
  expect(await page.locator('h1').textContent()).toBe(ATTACKS[0]);
  expect(await page.locator('img, [onerror], [onload]').count()).toBe(0);
  expect(await page.locator('script').count()).toBe(2);
  await isAccessible(page);
  await page.close();
});

test('the policy of the page forbids scripts from elsewhere, eval and every address', async () => {
  const {page} = await openPage(browser.context, writePage(join(folder, 'policy.html'), example()));
  const tried = await page.evaluate(async () => {
    const results = {};
    results.fetch = await fetch('https://example.org/').then(() => 'allowed', () => 'refused');
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    results.script = window.ran === true ? 'allowed' : 'refused';
    const picture = new Image();
    results.picture = await new Promise((done) => {
      picture.onload = () => done('allowed');
      picture.onerror = () => done('refused');
      picture.src = 'https://example.org/x.png';
    });
    return results;
  });
  expect(tried).toEqual({fetch: 'refused', script: 'refused', picture: 'refused'});
  const policy = await page.getAttribute('meta[http-equiv="Content-Security-Policy"]', 'content');
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe-eval');
  expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/);
  await page.close();
});

test('a specification that names addresses loads nothing', async () => {
  const document = example();
  const figure = document.sections.flatMap((s) => s.blocks).find((b) => b.id === 'loss');
  figure.engine = 'vega';
  figure.spec = {
    width: 200, height: 100,
    data: [{name: 'elsewhere', url: 'https://example.org/data.json'}],
    marks: [{type: 'image', encode: {enter: {url: {value: 'https://example.org/x.png'}, width: {value: 50}, height: {value: 50}}}},
      {type: 'rect', encode: {enter: {width: {value: 90}, height: {value: 90}, fill: {value: 'red'}, href: {value: 'javascript:alert(1)'}}}}],
  };
  const {page, said} = await openPage(browser.context, writePage(join(folder, 'address.html'), document));
  await page.locator('#loss').scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  expect(said).toEqual([]);
  expect(await page.locator('#loss a[href]').count()).toBe(0);
  await page.close();
});

test('a page without a document says so', async () => {
  const file = join(folder, 'empty.html');
  writeFileSync(file, template());
  const {page, said} = await openPage(browser.context, pathToFileURL(file).href);
  expect(await page.locator('#app').textContent()).toContain('This page holds no report');
  expect(said).toEqual([]);
  await page.close();
});
