// The page of the example: every kind of block, two runs. What a reader can do with it.
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {openBrowser, openPage, writePage} from '../page.mjs';
import {blocks, curvesEqual, cutsNothing, drawsEverything, isAccessible, logosEqual, readTable, tablesEqual} from './checks.mjs';

const example = JSON.parse(readFileSync(new URL('../example.report.json', import.meta.url), 'utf8'));
let folder, address, browser;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'basewise-page-'));
  address = writePage(join(folder, 'example.html'), example);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, {recursive: true, force: true});
});

describe.each([['light', 1400], ['dark', 1400], ['light', 400], ['dark', 400]])('%s at %i pixels', (scheme, width) => {
  test('every figure is drawn, nothing is cut, axe finds nothing serious', async () => {
    const opened = await openPage(browser.context, address, {width, scheme});
    await drawsEverything(opened, example);
    await cutsNothing(opened.page);
    await isAccessible(opened.page);
    expect(opened.said).toEqual([]);
    await opened.page.close();
  });
});

describe('numbers', () => {
  let opened;
  beforeAll(async () => {
    opened = await openPage(browser.context, address);
    await drawsEverything(opened, example);
  });
  afterAll(() => opened.page.close());

  test('points of curves equal the document', async () => {
    expect(await curvesEqual(opened.page, example)).toBeGreaterThan(800);
  });
  test('heights of letters equal the document, letters touch', async () => {
    expect(await logosEqual(opened.page, example)).toBe(14 * 4 * 2 + 200);
  });
  test('cells of tables equal the document', async () => {
    expect(await tablesEqual(opened.page, example)).toBe(48 * 8 + 8 * 6);
  });
  test('key figures equal the document', async () => {
    const shown = await opened.page.$$eval('.key-figure .big', (all) => all.map((p) => p.textContent));
    expect(shown).toEqual(['0.951', '0.913', '0.251 nats', '–']);
    expect(await opened.page.textContent('.key-figure .small')).toBe('95 % interval 0.940 – 0.961');
  });
});

describe('a reader', () => {
  let page, said;
  const figure = (id) => page.locator(`figure[id="${id}"]`);
  const draw = async (id) => {
    await figure(id).scrollIntoViewIfNeeded();
    await figure(id).locator('.drawing svg').waitFor();
  };
  const view = (id) => page.evaluate((i) => window.basewiseReport.views.get(i).signal('view'), id);
  beforeEach(async () => {
    await page?.close();
    ({page, said} = await openPage(browser.context, address));
  });
  afterAll(async () => {
    expect(said).toEqual([]);
    await page.close();
  });

  test('zooms tracks by buttons, keys, wheel and double click, and pans by dragging', async () => {
    await draw('locus_1');
    const {extent} = blocks(example, 'figure').find((f) => f.id === 'locus_1').zoom;
    expect(await view('locus_1')).toEqual(extent);
    await figure('locus_1').getByRole('button', {name: 'Zoom in'}).click();
    const [from, to] = await view('locus_1');
    expect(to - from).toBeCloseTo((extent[1] - extent[0]) / 1.5, 6);
    expect(await figure('locus_1').locator('.zoom-place').textContent()).toContain('NC_000913.3:366,267–367,333 (1,067 bp)');

    const stage = figure('locus_1').locator('.stage');
    await stage.focus();
    await page.keyboard.press('ArrowRight');
    expect((await view('locus_1'))[0]).toBeGreaterThan(from);
    await page.keyboard.press('0');
    expect(await view('locus_1')).toEqual(extent);

    const box = await stage.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + 80);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -240);
    await page.keyboard.up('Control');
    await page.waitForFunction((whole) => {
      const [a, b] = window.basewiseReport.views.get('locus_1').signal('view');
      return b - a < whole;
    }, extent[1] - extent[0]);
    const wheeled = await view('locus_1');

    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 120, box.y + 80, {steps: 4});
    await page.mouse.up();
    const dragged = await view('locus_1');
    expect(dragged[1] - dragged[0]).toBeCloseTo(wheeled[1] - wheeled[0], 6);
    expect(dragged[0]).toBeLessThan(wheeled[0]);

    await page.mouse.dblclick(box.x + box.width / 2, box.y + 80);
    const clicked = await view('locus_1');
    expect(clicked[1] - clicked[0]).toBeLessThan(dragged[1] - dragged[0]);
    expect(said).toEqual([]);
  });

  test('scrolls the page with a bare wheel over a figure', async () => {
    await draw('locus_1');
    const before = await view('locus_1');
    const box = await figure('locus_1').locator('.stage').boundingBox();
    await page.mouse.move(box.x + 300, box.y + 60);
    const top = await page.evaluate(() => window.scrollY);
    await page.mouse.wheel(0, 300);
    await page.waitForFunction((y) => window.scrollY > y, top);
    expect(await view('locus_1')).toEqual(before);
  });

  test('zooms by pinching two fingers', async () => {
    await draw('attribution');
    const [from, to] = await view('attribution');
    const box = await figure('attribution').locator('.stage').boundingBox();
    const session = await page.context().newCDPSession(page);
    const touch = (type, points) => session.send('Input.dispatchTouchEvent', {type, touchPoints: points.map((x, id) => ({x: box.x + x, y: box.y + 70, id}))});
    await touch('touchStart', [400, 500]);
    for (const d of [20, 40, 60, 80, 100]) await touch('touchMove', [400 - d, 500 + d]);
    await touch('touchEnd', []);
    const [a, b] = await view('attribution');
    expect(b - a).toBeLessThan(0.6 * (to - from));
    expect(said).toEqual([]);
  });

  test('sees finer bins the closer the zoom', async () => {
    await draw('locus_1');
    expect(await page.evaluate(() => window.basewiseReport.views.get('locus_1').signal('bin'))).toBe(1);
    await page.setViewportSize({width: 400, height: 860});
    await page.waitForFunction(() => window.basewiseReport.views.get('locus_1').signal('bin') > 1);
  });

  test('sorts a table and reads the order from its heading', async () => {
    const table = page.locator('#outputs');
    const heading = (name) => table.getByRole('columnheader', {name});
    expect(await heading('AUROC').getAttribute('aria-sort')).toBe('descending');
    await heading('Output').getByRole('button').click();
    expect(await heading('Output').getAttribute('aria-sort')).toBe('ascending');
    const names = (await readTable(page, 'outputs')).map((row) => row[1]);
    expect(names).toEqual([...names].sort());
    await heading('Average precision').getByRole('button').click();
    const values = (await readTable(page, 'outputs')).map((row) => row[4]);
    expect(values.at(-1)).toBe('–');
    const numbers = values.filter((v) => v !== '–').map(Number);
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
  });

  test('filters a table by words and by a comparison', async () => {
    const table = page.locator('#outputs');
    await table.getByRole('searchbox').fill('zinc auroc>0.9');
    const expected = example.sections.flatMap((s) => s.blocks).find((b) => b.id === 'outputs').rows.filter((row) => row[2].includes('zinc') && row[3][0] > 0.9);
    expect(expected.length).toBeGreaterThan(0);
    expect(await table.getByRole('status').textContent()).toBe(`${expected.length} of 48 rows`);
    expect(await readTable(page, 'outputs')).toHaveLength(expected.length);
    await table.getByRole('searchbox').fill('nothing like it');
    expect(await table.locator('tbody').textContent()).toBe('No row fits the filter.');
  });

  test('switches the theme, and figures follow', async () => {
    await draw('loss');
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const label = () => page.$eval('#loss .role-axis-label text', (text) => text.getAttribute('fill'));
    expect(await background()).toBe('rgb(246, 247, 249)');
    const light = await label();
    await page.getByRole('button', {name: 'Dark', exact: true}).click();
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    expect(await background()).toBe('rgb(19, 22, 26)');
    await expect.poll(label).not.toBe(light);
    await page.getByRole('button', {name: 'Light', exact: true}).click();
    await expect.poll(label).toBe(light);
    await page.getByRole('button', {name: 'Auto', exact: true}).click();
    await page.emulateMedia({colorScheme: 'dark'});
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  });

  test('switches the colours of letters', async () => {
    await draw('motif_information');
    const colors = () => page.$$eval('#motif_information .letter_marks path', (all) => [...new Set(all.map((p) => `${p.__data__.datum.letter} ${p.getAttribute('fill')}`))].sort());
    expect(await colors()).toEqual(['A #109648', 'C #255c99', 'G #db7c00', 'T #d62839']);
    await page.getByRole('button', {name: 'Colour-blind safe'}).click();
    await expect.poll(colors).toEqual(['A #009e73', 'C #0072b2', 'G #e69f00', 'T #1a1d21']);
    await page.getByRole('button', {name: 'Standard'}).click();
  });

  test('hides a run everywhere, but never the last', async () => {
    await draw('loss');
    const lines = () => page.$$eval('#loss .mark-line path', (all) => all.length);
    expect(await lines()).toBe(4);
    await page.getByRole('button', {name: /wide network/}).click();
    await expect.poll(lines).toBe(2);
    expect(new Set((await readTable(page, 'outputs')).map((row) => row[0]))).toEqual(new Set(['small network']));
    await page.getByRole('button', {name: /small network/}).click();
    expect(await lines()).toBe(2);
  });

  test('saves a figure as SVG, PNG and TSV', async () => {
    await draw('motif_probability');
    const saved = async (name) => {
      const [download] = await Promise.all([page.waitForEvent('download'), figure('motif_probability').getByRole('button', {name}).click()]);
      return {name: download.suggestedFilename(), bytes: readFileSync(await download.path())};
    };
    const svg = await saved('Save as SVG');
    expect(svg.name).toBe('motif_probability.svg');
    expect(svg.bytes.toString()).toMatch(/^<svg[^>]+xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg.bytes.toString()).toContain('probability');
    const png = await saved('Save as PNG');
    expect(png.name).toBe('motif_probability.png');
    expect([...png.bytes.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
    expect(png.bytes.readUInt32BE(16)).toBeGreaterThan(1000);
    const tsv = await saved('Save data as TSV');
    const lines = tsv.bytes.toString().trimEnd().split('\n');
    expect(lines).toHaveLength(1 + 14 * 4);
    const [first] = example.sections.flatMap((s) => s.blocks).find((b) => b.id === 'motif_probability').data[0].columns[2];
    expect(lines.slice(0, 2)).toEqual(['position\tletter\theight', `1\tA\t${first}`]);
    expect(said).toEqual([]);
  });

  test('saves the rows of a table as they are filtered and sorted, numbers in full', async () => {
    const table = page.locator('#outputs');
    await table.getByRole('searchbox').fill('auroc>0.95');
    const [download] = await Promise.all([page.waitForEvent('download'), table.getByRole('button', {name: 'Save rows as TSV'}).click()]);
    const lines = readFileSync(await download.path(), 'utf8').trimEnd().split('\n');
    const rows = example.sections.flatMap((s) => s.blocks).find((b) => b.id === 'outputs').rows.filter((row) => row[3][0] > 0.95);
    expect(lines[0].split('\t').slice(3, 6)).toEqual(['auroc', 'auroc_low', 'auroc_high']);
    const best = rows.sort((a, b) => b[3][0] - a[3][0])[0];
    expect(lines[1].split('\t').slice(3, 6).map(Number)).toEqual(best[3]);
    expect(lines).toHaveLength(1 + rows.length);
  });

  test('reads the numbers of a figure as a table', async () => {
    await draw('calibration');
    await figure('calibration').getByRole('button', {name: 'Data', exact: true}).click();
    expect(await figure('calibration').locator('.data-tables table').count()).toBe(2);
    expect(await figure('calibration').getByRole('columnheader', {name: 'examples'}).count()).toBe(1);
  });

  test('walks through the page with the keyboard', async () => {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement.textContent)).toBe('Skip to the results');
    await page.keyboard.press('Enter');
    const seen = new Set();
    for (let i = 0; i < 12; ++i) {
      await page.keyboard.press('Tab');
      seen.add(await page.evaluate(() => [...document.querySelectorAll('*')].indexOf(document.activeElement)));
    }
    expect(seen.size).toBeGreaterThan(10);
  });

  test('follows the links of the sections', async () => {
    await page.getByRole('navigation').getByRole('link', {name: 'Training'}).click();
    await page.waitForFunction(() => document.querySelector('.nav [aria-current]')?.textContent === 'Training');
    expect(await page.evaluate(() => Math.abs(document.getElementById('training').getBoundingClientRect().top))).toBeLessThan(80);
  });

  test('prints every figure, in light colours, without controls', async () => {
    await page.getByRole('button', {name: 'Dark', exact: true}).click();
    expect(await page.$$eval('figure[id] .drawing svg', (all) => all.length)).toBeLessThan(blocks(example, 'figure').length);
    const pdf = await page.pdf({format: 'A4'});
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.length).toBeGreaterThan(100_000);
    expect(await page.evaluate(() => window.basewiseReport.views.size)).toBe(blocks(example, 'figure').length);
    expect(said).toEqual([]);
    await page.getByRole('button', {name: 'Auto', exact: true}).click();
  });
});
