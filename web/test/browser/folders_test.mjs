// Pages of folders that are no runs, as the program writes them from files made here.
import {execFileSync} from 'node:child_process';
import {copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {documentOf, openBrowser, openPage} from '../page.mjs';
import {blocks, cutsNothing, drawsEverything, isAccessible, rowsOf, tablesEqual} from './checks.mjs';

const root = resolve(new URL('../../..', import.meta.url).pathname);
const program = process.env.BASEWISE_PROGRAM;
const MATCH = 'MEME version 4\n\nALPHABET= ACGT\n\nMOTIF M1\nletter-probability matrix: alength= 4 w= 4 nsites= 20\n';
const rowsOfMotif = ['0.85 0.05 0.05 0.05', '0.05 0.85 0.05 0.05', '0.05 0.05 0.85 0.05', '0.05 0.05 0.05 0.85'].join('\n');
const tsv = (lines) => `${lines.map((line) => line.join('\t')).join('\n')}\n`;

let folder, browser;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'basewise-folders-'));
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, {recursive: true, force: true});
});

function pageOf(path) {
  execFileSync(program, ['report', path], {cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']});
  const file = join(path, 'report.html');
  return {address: pathToFileURL(file).href, document: documentOf(readFileSync(file, 'utf8'))};
}

/** Every letter of every row is there, as tall as its number says. */
async function rowsOfLettersEqual(page, document) {
  let letters = 0;
  for (const figure of blocks(document, 'figure').filter((f) => f.kind === 'logo')) {
    const drawn = await page.$$eval(`#${figure.id} .drawing svg path`, (all) =>
      all.map((path) => path.__data__?.datum).filter((d) => d?.letter !== undefined && d?.y0 !== undefined).map((d) => [d.row, d.position, d.letter, Math.abs(d.y1 - d.y0)]));
    const rows = rowsOf(figure.data.find((d) => d.name === 'letters'));
    expect(drawn, figure.id).toHaveLength(rows.length);
    for (const row of rows) {
      const found = drawn.find((d) => d[0] === row.row && d[1] === row.position && d[2] === row.letter);
      expect(found?.[3], `${figure.id} ${row.row} ${row.letter}${row.position}`).toBeCloseTo(Math.abs(row.height), 6);
      letters += 1;
    }
  }
  return letters;
}

async function wholePage({address, document}) {
  for (const width of [1400, 400]) {
    const opened = await openPage(browser.context, address, {width});
    await drawsEverything(opened, document);
    if (width > 1000) await cutsNothing(opened.page);
    expect(await rowsOfLettersEqual(opened.page, document)).toBeGreaterThan(20);
    if (width > 1000) {
      expect(await tablesEqual(opened.page, document)).toBeGreaterThan(3);
      await isAccessible(opened.page);
    }
    await opened.page.close();
  }
}

describe.skipIf(!program)('folders', () => {
  test('discovered motifs', async () => {
    const path = join(folder, 'discovery');
    mkdirSync(path);
    copyFileSync(join(root, 'tests/golden/io/theirs_modisco.h5'), join(path, 'patterns.h5'));
    writeFileSync(join(path, 'matches.meme'), `${MATCH}${rowsOfMotif}\n`);
    writeFileSync(join(path, 'patterns.tsv'), tsv([
      ['pattern', 'positive', 'seqlets', 'width', 'information', 'match', 'match_p', 'match_e', 'match_q'],
      ['pos_patterns.pattern_0', '1', '4', '8', '5.5', 'M1', '1e-5', '0.01', '0.02'],
    ]));
    writeFileSync(join(path, 'discovery.json'), JSON.stringify({schema: 'basewise/discovery/1', input: 'attributions', motifs: 'm.meme', notes: []}));
    await wholePage(pageOf(path));
  });

  test('filters', async () => {
    const path = join(folder, 'filters');
    mkdirSync(path);
    writeFileSync(join(path, 'filters.meme'), `${MATCH.replace('M1', 'filter_1')}${rowsOfMotif}\n`);
    writeFileSync(join(path, 'matches.meme'), `${MATCH}${rowsOfMotif}\n`);
    writeFileSync(join(path, 'filters.tsv'), tsv([
      ['filter', 'layer', 'state', 'sites', 'threshold', 'largest', 'information', 'match', 'match_p', 'match_e', 'match_q'],
      ['filter_0', 'conv', 'dead', '0', '', '0', '', '', '', '', ''],
      ['filter_1', 'conv', 'kept', '20', '0.5', '1', '4.6', 'M1', '1e-5', '0.01', '0.02'],
    ]));
    writeFileSync(join(path, 'filters.json'), JSON.stringify({schema: 'basewise/filters/1', run: 'runs/demo', notes: []}));
    await wholePage(pageOf(path));
  });
});
