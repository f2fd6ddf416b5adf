import {expect, test} from 'vitest';
import type {Block, FigureBlock} from './document';
import {arrange, rowSizes, ZOOM_HINT} from './layout';

function figure(id: string, height: unknown, rest: Partial<FigureBlock> = {}): FigureBlock {
  return {type: 'figure', id, title: id, caption: `how to read ${id}`, kind: 'curve', engine: 'vega', spec: {height}, data: [], ...rest};
}
const columns = {full: 12, half: 6, third: 4};

test('rows of figures have no holes', () => {
  for (let n = 1; n <= 40; ++n) {
    const sizes = rowSizes(n);
    expect(sizes).toHaveLength(n);
    let row = 0;
    for (const size of sizes) {
      row += columns[size];
      expect(row).toBeLessThanOrEqual(12);
      if (row === 12) row = 0;
    }
    expect(row).toBe(0);
  }
});

test('figures of one height stand beside each other', () => {
  const blocks: Block[] = [figure('a', 300), figure('b', 300), figure('c', 300), figure('d', {step: 26}), {type: 'text', text: 'x'}, figure('e', 300), figure('f', 300)];
  expect(arrange(blocks).map((p) => p.size)).toEqual(['third', 'third', 'third', 'full', 'full', 'half', 'half']);
});

test('a figure that asks for the full width gets it', () => {
  expect(arrange([figure('a', 300), figure('b', 300, {size: 'full'}), figure('c', 300)]).map((p) => p.size)).toEqual(['full', 'full', 'full']);
});

test('a caption that all of a group have is said once, above it', () => {
  const same = {caption: 'Letters.', kind: 'logo'};
  const placed = arrange([figure('a', 120, same), figure('b', 120, same), figure('c', 120, same), figure('d', 240)]);
  expect(placed.map((p) => p.block.type)).toEqual(['text', 'figure', 'figure', 'figure', 'figure']);
  expect(placed[0]?.block).toMatchObject({text: 'Letters.'});
  expect(placed.map((p) => p.quiet)).toEqual([true, true, true, true, false]);
});

test('with the hint for those that can be zoomed', () => {
  const same = {caption: 'Tracks.', size: 'full' as const, zoom: {signal: 'view', extent: [0, 9] as [number, number], smallest: 1}};
  const placed = arrange([figure('a', 200, same), figure('b', 220, same), figure('c', 200, same)]);
  expect(placed[0]?.block).toMatchObject({text: `Tracks. ${ZOOM_HINT}`});
});

test('no row is broken for a common caption', () => {
  const same = {caption: 'One point per epoch.'};
  const placed = arrange([figure('loss', 240), figure('b', 240, same), figure('c', 240, same), figure('d', 240, same), figure('rate', 240)]);
  expect(placed.map((p) => p.block.type)).toEqual(Array(5).fill('figure'));
  expect(placed.some((p) => p.quiet)).toBe(false);
});

test('two of a kind keep their captions', () => {
  const placed = arrange([figure('a', 240, {caption: 'c'}), figure('b', 240, {caption: 'c'})]);
  expect(placed.map((p) => p.quiet)).toEqual([false, false]);
});
