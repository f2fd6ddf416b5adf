// Pages of real runs: the demo, trained here in seconds; an E. coli run where there is one; and a made-up document of that size.
import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {example} from '../make_example.mjs';
import {documentOf, openBrowser, openPage, writePage} from '../page.mjs';
import {blocks, curvesEqual, cutsNothing, drawsEverything, isAccessible, logosEqual, readNumber, readTable, tablesEqual} from './checks.mjs';

const root = resolve(new URL('../../..', import.meta.url).pathname);
const program = process.env.BASEWISE_PROGRAM;
const MEGABYTE = 1e6;

let folder, browser;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'basewise-runs-'));
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, {recursive: true, force: true});
});

const basewise = (...words) => execFileSync(program, words, {cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, BASEWISE_THREADS: '1'}});

function pageOf(run) {
  const file = join(run, 'report.html');
  return {file, address: pathToFileURL(file).href, document: documentOf(readFileSync(file, 'utf8')), metrics: JSON.parse(readFileSync(join(run, 'metrics.json'), 'utf8'))};
}

/** Key figures and the table of outputs show what metrics.json says. */
async function metricsEqual(page, metrics) {
  const cards = await page.$$eval('.key-figure', (all) => all.map((card) => [card.querySelector('h3').textContent, card.querySelector('.big').textContent]));
  const pooled = Object.entries(metrics.pooled.metrics);
  pooled.forEach(([name, metric], i) => {
    const shown = readNumber(cards[i][1].split(' ')[0]);
    if (metric.value === null) expect(cards[i][1]).toBe('–');
    else expect(Math.abs(shown.value - metric.value), name).toBeLessThanOrEqual(shown.half * 1.0001);
  });
  const rows = await readTable(page, 'outputs');
  expect(rows).toHaveLength(metrics.outputs.length);
  for (const output of metrics.outputs) {
    const row = rows.find((r) => r.includes(output.name));
    const numbers = row.map(readNumber);
    for (const metric of Object.values(output.metrics)) {
      if (metric.value === null) continue;
      expect(numbers.some((n) => n !== null && Math.abs(n.value - metric.value) <= n.half * 1.0001), `${output.name} ${metric.value}`).toBe(true);
    }
  }
}

async function wholePage({address, document, metrics}) {
  const opened = await openPage(browser.context, address);
  await drawsEverything(opened, document);
  await cutsNothing(opened.page);
  expect(await curvesEqual(opened.page, document)).toBeGreaterThan(10);
  expect(await logosEqual(opened.page, document)).toBeGreaterThan(10);
  expect(await tablesEqual(opened.page, document)).toBeGreaterThan(10);
  await opened.page.reload();
  await metricsEqual(opened.page, metrics);
  await isAccessible(opened.page);
  await opened.page.close();
  for (const scheme of ['light', 'dark']) {
    const narrow = await openPage(browser.context, address, {width: 400, height: 860, scheme});
    await drawsEverything(narrow, document);
    await cutsNothing(narrow.page);
    await isAccessible(narrow.page);
    await narrow.page.close();
  }
}

describe('the demo run', () => {
  let run, said;
  beforeAll(() => {
    expect(program, 'BASEWISE_PROGRAM').toBeTruthy();
    run = join(folder, 'demo');
    said = basewise('train', 'demo', '--out', run, '--set', 'train.epochs=3', '--set', 'data.simulation.sequences=1500');
    basewise('evaluate', run);
  });

  test('the last line of training says where the page is', () => {
    expect(said.trimEnd().split('\n').at(-1)).toContain(join(run, 'report.html'));
  });
  test('its page shows every figure and the numbers of metrics.json', async () => {
    await wholePage(pageOf(run));
  });
  test('and can be used', async () => {
    const {page, said: messages} = await openPage(browser.context, pageOf(run).address);
    await page.getByRole('columnheader', {name: 'Output'}).first().getByRole('button').click();
    await page.getByRole('button', {name: 'Dark', exact: true}).click();
    await page.locator('#roc').scrollIntoViewIfNeeded();
    await page.locator('#roc .drawing svg').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#roc').getByRole('button', {name: 'Save as SVG'}).click()]);
    expect(readFileSync(await download.path(), 'utf8')).toContain('false positive rate');
    await page.getByRole('button', {name: 'Auto', exact: true}).click();
    expect(messages).toEqual([]);
    await page.close();
  });
  test('two runs on one page', async () => {
    const other = join(folder, 'other');
    basewise('train', 'demo', '--out', other, '--set', 'train.epochs=2', '--set', 'data.simulation.sequences=1200', '--set', 'name=<script>alert(1)</script>');
    const file = join(folder, 'both.html');
    basewise('report', run, other, '--out', file);
    const document = documentOf(readFileSync(file, 'utf8'));
    expect(document.runs).toHaveLength(2);
    const opened = await openPage(browser.context, pathToFileURL(file).href);
    await drawsEverything(opened, document);
    await cutsNothing(opened.page);
    expect(await opened.page.locator('.run b').allTextContents()).toEqual(document.runs.map((r) => r.name));
    expect(await opened.page.locator('.run b').allTextContents()).toContain('<script>alert(1)</script>');
    await isAccessible(opened.page);
    await opened.page.close();
  });
});

/** Bytes, and milliseconds until something is to be seen: the best of three, for the machine may be busy. */
async function quick(address, file) {
  expect(statSync(file).size).toBeLessThan(5 * MEGABYTE);
  const times = [];
  for (let i = 0; i < 3; ++i) {
    const {page} = await openPage(browser.context, address);
    await page.locator('h1').waitFor();
    times.push(await page.evaluate(() => new Promise((done) => {
      const paints = performance.getEntriesByName('first-contentful-paint');
      if (paints.length > 0) done(paints[0].startTime);
      new PerformanceObserver((list) => list.getEntriesByName('first-contentful-paint').forEach((e) => done(e.startTime))).observe({type: 'paint', buffered: true});
    })));
    await page.close();
  }
  expect(Math.min(...times)).toBeLessThan(1000);
  return Math.min(...times);
}

describe('an E. coli run', () => {
  const candidates = [process.env.BASEWISE_ECOLI_RUN, 'runs/ecoli', 'runs/ecoli_tss_cnn'].filter(Boolean).map((p) => resolve(root, p));
  const found = candidates.find((p) => existsSync(join(p, 'metrics.json')) && existsSync(join(p, 'report.html')));

  test('its page shows every figure and the numbers of metrics.json, is small and quick', async (context) => {
    if (!found) context.skip('no E. coli run: basewise train recipes/ecoli_tss/cnn.toml --out runs/ecoli, or BASEWISE_ECOLI_RUN=FOLDER');
    const run = pageOf(found);
    run.file = join(folder, 'ecoli.html');
    // The page that this program makes of it, not the one of the program that trained it.
    basewise('report', found, '--out', run.file);
    run.address = pathToFileURL(run.file).href;
    run.document = documentOf(readFileSync(run.file, 'utf8'));
    expect(blocks(run.document, 'figure').some((f) => f.kind === 'tracks')).toBe(true);
    await wholePage(run);
    await quick(run.address, run.file);
  });
});

describe('a document of the size of an E. coli run', () => {
  test('stays small, paints within a second, and draws all tracks', async () => {
    const document = example({large: true});
    const file = join(folder, 'large.html');
    const address = writePage(file, document);
    await quick(address, file);
    const opened = await openPage(browser.context, address);
    await drawsEverything(opened, document);
    expect(await tablesEqual(opened.page, document)).toBe(919 * 8 + 8 * 6);
    await opened.page.close();
  });
});
