// What must hold on every page: read from the rendered page, compared with the document that is in it.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {expect} from 'vitest';
import {drawAll} from '../page.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export function blocks(document, type) {
  return document.sections.flatMap((section) => section.blocks.filter((block) => block.type === type));
}

export function rowsOf(table) {
  const columns = table.columns.map((c) => (Array.isArray(c) ? c : c.codes.map((code) => c.dictionary[code])));
  return (columns[0] ?? []).map((_, i) => Object.fromEntries(table.fields.map((field, f) => [field.name, columns[f][i]])));
}

/** Every figure is drawn, nothing is said on the console, nothing is asked of a network, Vega reports no error. */
export async function drawsEverything({page, said}, document) {
  expect(await drawAll(page)).toEqual([]);
  expect(await page.$$eval('figure[id]', (all) => all.map((f) => f.id))).toEqual(blocks(document, 'figure').map((f) => f.id));
  const empty = await page.$$eval('figure[id] .drawing svg', (all) => all.filter((svg) => !svg.querySelector('path[d], text')).map((svg) => svg.closest('figure').id));
  expect(empty).toEqual([]);
  expect(await page.evaluate(() => window.basewiseReport.messages.filter((m) => m.startsWith('error')))).toEqual([]);
  expect(said).toEqual([]);
}

/** No text of a figure reaches out of its drawing, and nothing but what may scroll is wider than its place. */
export async function cutsNothing(page) {
  const cut = await page.evaluate(() => {
    const found = [];
    for (const svg of document.querySelectorAll('.drawing svg')) {
      const box = svg.getBoundingClientRect();
      for (const text of svg.querySelectorAll('text')) {
        const t = text.getBoundingClientRect();
        if (t.width === 0 || getComputedStyle(text).opacity === '0' || text.closest('[clip-path]')) continue;
        if (t.left < box.left - 1 || t.right > box.right + 1 || t.top < box.top - 1 || t.bottom > box.bottom + 1) {
          found.push(`${svg.closest('figure').id}: ${text.textContent}`);
        }
        if (text.textContent.endsWith('…')) found.push(`${svg.closest('figure').id}: ${text.textContent}`);
      }
    }
    for (const element of document.querySelectorAll('h1, h2, h3, p, dd, dt, figcaption, button, summary')) {
      if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1 && !element.classList.contains('spoken')) found.push(element.textContent);
    }
    if (document.documentElement.scrollWidth > document.documentElement.clientWidth) found.push('the page scrolls sideways');
    return found;
  });
  expect(cut).toEqual([]);
}

/** axe-core, everything that it calls serious or critical. */
export async function isAccessible(page) {
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => window.axe.run(document, {resultTypes: ['violations']}));
  const serious = result.violations.filter((v) => ['serious', 'critical'].includes(v.impact));
  expect(serious.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} ${n.failureSummary?.slice(0, 200)}`).join(' | ')}`)).toEqual([]);
}

/** Points of drawn lines, brought back to numbers by the scales of the axes, are those of the document. */
export async function curvesEqual(page, document) {
  let points = 0;
  for (const figure of blocks(document, 'figure').filter((f) => f.kind === 'curve')) {
    const table = figure.data.find((d) => d.name === 'curve');
    const layer = figure.spec.layer.findLast((l) => l.data.name === 'curve');
    const [x, y] = [layer.encoding.x.field, layer.encoding.y.field];
    const drawn = await page.evaluate((id) => {
      const view = window.basewiseReport.views.get(id);
      const [sx, sy] = [view.scale('x'), view.scale('y')];
      return [...window.document.querySelectorAll(`#${id} .mark-line path`)].map((path) =>
        [...path.getAttribute('d').matchAll(/(-?[\d.]+(?:e-?\d+)?),(-?[\d.]+(?:e-?\d+)?)/g)].map((m) => [sx.invert(Number(m[1])), sy.invert(Number(m[2]))]),
      );
    }, figure.id);
    const lines = new Map();
    for (const row of rowsOf(table)) {
      const key = `${row.run}\u0000${row.series}`;
      if (!lines.has(key)) lines.set(key, []);
      if (row[x] !== null && row[y] !== null) lines.get(key).push(row);
    }
    const expected = [...lines.values()].map((rows) => rows.sort((a, b) => a.order - b.order).map((row) => [row[x], row[y]]));
    // A pixel coordinate has three decimals in SVG: that much of the axis, no more.
    const all = expected.flat();
    const near = (a, b, k) => {
      const values = all.map((p) => p[k]);
      const log = (k === 0 ? layer.encoding.x : layer.encoding.y).scale?.type === 'log';
      const span = log ? Math.abs(b) * 12 : Math.max(...values) - Math.min(...values) || 1;
      return Math.abs(a - b) <= span * 2e-5 + Math.abs(b) * 1e-9;
    };
    for (const line of expected) {
      const match = drawn.find((d) => d.length === line.length && d.every((p, i) => near(p[0], line[i][0], 0) && near(p[1], line[i][1], 1)));
      expect(match, `${figure.id}: a line of ${line.length} points from ${line[0]}`).toBeDefined();
      points += line.length;
    }
  }
  return points;
}

/** Letters are as tall as their numbers say, as wide as a position, and touch. */
export async function logosEqual(page, document) {
  let letters = 0;
  for (const figure of blocks(document, 'figure').filter((f) => f.kind === 'logo')) {
    const {low, high, height, drawn} = await page.evaluate((id) => {
      const view = window.basewiseReport.views.get(id);
      const [from, to] = view.scale('y').domain();
      const paths = [...window.document.querySelectorAll(`#${id} .letter_marks path`)].map((path) => {
        const box = path.getBBox();
        const datum = path.__data__.datum;
        const matrix = path.transform.baseVal.consolidate().matrix;
        return {position: datum.position, letter: datum.letter, x: matrix.e + matrix.a * box.x, y: matrix.f + matrix.d * box.y, width: matrix.a * box.width, height: matrix.d * box.height, fill: path.getAttribute('fill')};
      });
      return {low: from, high: to, height: view.height(), drawn: paths};
    }, figure.id);
    const rows = rowsOf(figure.data.find((d) => d.name === 'letters'));
    expect(drawn).toHaveLength(rows.length);
    const scale = height / (high - low);
    const stacks = new Map();
    for (const row of rows) {
      const found = drawn.find((d) => d.position === row.position && d.letter === row.letter);
      expect(Math.abs(found.height - Math.abs(row.height) * scale), `${figure.id} ${row.letter}${row.position}`).toBeLessThan(1e-3 + Math.abs(row.height) * scale * 1e-5);
      const key = `${row.position} ${row.height < 0}`;
      stacks.set(key, [...(stacks.get(key) ?? []), {...found, below: row.height < 0}]);
      letters += 1;
    }
    const zero = high * scale;
    for (const stack of stacks.values()) {
      const below = stack[0].below;
      // From the axis outwards, each letter begins where the one before ends; the largest stands furthest out.
      stack.sort((a, b) => (below ? a.y - b.y : b.y + b.height - (a.y + a.height)) || a.height - b.height);
      let edge = zero;
      for (const letter of stack) {
        expect(Math.abs((below ? letter.y : letter.y + letter.height) - edge)).toBeLessThan(0.01);
        edge += below ? letter.height : -letter.height;
      }
      const sizes = stack.map((l) => l.height);
      expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    }
    const byPosition = [...new Map(drawn.map((d) => [d.position, d])).values()].sort((a, b) => a.position - b.position);
    for (let i = 1; i < byPosition.length; ++i) expect(Math.abs(byPosition[i].x - byPosition[i - 1].x - byPosition[i - 1].width)).toBeLessThan(0.01);
  }
  return letters;
}

const SUFFIX = {'%': 0.01, k: 1e3, M: 1e6, G: 1e9, T: 1e12, m: 1e-3, µ: 1e-6, n: 1e-9};

/** A number as it is shown, and half of its last digit. */
export function readNumber(text) {
  const match = /^([−-]?)([\d,]*\.?\d*)(?:e([−+-]?\d+))?([%kMGTmµn]?)$/.exec(text.trim());
  if (match === null || match[2] === '') return null;
  const digits = match[2].replaceAll(',', '');
  const factor = (SUFFIX[match[4]] ?? 1) * 10 ** Number((match[3] ?? '0').replace('−', '-').replace('+', ''));
  const decimals = digits.includes('.') ? digits.length - digits.indexOf('.') - 1 : 0;
  return {value: (match[1] ? -1 : 1) * Number(digits) * factor, half: 0.5 * 10 ** -decimals * factor};
}

/** Reads a table page by page. */
export async function readTable(page, id) {
  const root = page.locator(`[id="${id}"]`);
  const rows = [];
  for (;;) {
    rows.push(...(await root.locator('tbody tr').evaluateAll((all) => all.map((tr) => [...tr.cells].map((td) => (td.querySelector('.value') ?? td).textContent)))));
    const next = root.getByRole('button', {name: 'Next page'});
    if ((await next.count()) === 0 || (await next.isDisabled())) break;
    await next.click();
  }
  return rows;
}

/** Cells of every table are the values of the document, as exactly as they are shown. */
export async function tablesEqual(page, document) {
  let cells = 0;
  for (const table of blocks(document, 'table')) {
    const shown = await readTable(page, table.id);
    expect(shown, table.id).toHaveLength(table.rows.length);
    const expected = [...table.rows];
    if (table.sort) {
      const column = table.columns.findIndex((c) => c.name === table.sort.column);
      const key = (row) => (Array.isArray(row[column]) ? row[column][0] : row[column]);
      if (expected.every((row) => key(row) === null || typeof key(row) === 'number')) {
        expected.sort((a, b) => (key(a) === null || key(b) === null ? (key(a) === null) - (key(b) === null) : (table.sort.descending ? -1 : 1) * (key(a) - key(b))));
      }
    }
    expected.forEach((row, r) =>
      row.forEach((cell, c) => {
        const value = Array.isArray(cell) ? cell[0] : cell;
        const text = shown[r][c];
        cells += 1;
        if (value === null) expect(text).toBe('–');
        else if (typeof value === 'boolean') expect(text).toBe(value ? 'yes' : 'no');
        else if (typeof value === 'string') expect(text).toBe(value);
        else {
          const read = readNumber(text);
          expect(read, `${table.id} row ${r} column ${c}: ${text}`).not.toBeNull();
          expect(Math.abs(read.value - value), `${table.id} row ${r} column ${c}: ${text}`).toBeLessThanOrEqual(read.half * 1.0001 + 1e-12);
        }
      }),
    );
  }
  return cells;
}
