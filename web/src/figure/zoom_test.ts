import {expect, test} from 'vitest';
import type {Pair} from '../document';
import {keyMoves} from './gestures';
import {clampWindow, panWindow, zoomWindow} from './zoom';
import {windowText} from './zoom_tools';

const extent: Pair = [1000, 2000];

test('zooming keeps the point under the pointer', () => {
  expect(zoomWindow([1000, 2000], 0.5, 0.25, extent, 10)).toEqual([1125, 1625]);
  const [from, to] = zoomWindow([1200, 1600], 0.3, 0.7, extent, 10);
  expect(from + 0.7 * (to - from)).toBeCloseTo(1480, 9);
});

test('zooming stops at the extent and at the smallest stretch', () => {
  expect(zoomWindow([1200, 1600], 100, 0.5, extent, 10)).toEqual([1000, 2000]);
  const [from, to] = zoomWindow([1200, 1600], 1e-6, 0.5, extent, 40);
  expect(to - from).toBe(40);
  expect(zoomWindow([1000, 2000], 0.01, 0.5, [0, 3], 40)).toEqual([0, 3]);
});

test('panning stops at both ends and keeps the width', () => {
  expect(panWindow([1100, 1300], 0.5, extent)).toEqual([1200, 1400]);
  expect(panWindow([1100, 1300], -3, extent)).toEqual([1000, 1200]);
  expect(panWindow([1100, 1300], 30, extent)).toEqual([1800, 2000]);
});

test('a window is brought inside', () => {
  expect(clampWindow([900, 1100], extent, 10)).toEqual([1000, 1200]);
  expect(clampWindow([1500, 1501], extent, 100)).toEqual([1450.5, 1550.5]);
});

test('keys', () => {
  const zoom = {signal: 'view', extent, smallest: 10};
  expect(keyMoves('ArrowRight', [1100, 1300], zoom)).toEqual([1120, 1320]);
  expect(keyMoves('ArrowLeft', [1000, 1200], zoom)).toEqual([1000, 1200]);
  expect(keyMoves('0', [1100, 1300], zoom)).toEqual([1000, 2000]);
  const closer = keyMoves('+', [1100, 1300], zoom);
  expect(closer).not.toBeNull();
  expect(keyMoves('-', closer ?? [0, 0], zoom)?.map(Math.round)).toEqual([1100, 1300]);
  expect(keyMoves('a', [1100, 1300], zoom)).toBeNull();
});

test('where the window is, in words', () => {
  expect(windowText({signal: 'view', extent, smallest: 10, prefix: 'chr1', unit: 'bp'}, [1000, 2000])).toBe('chr1:1,000–2,000 (1,000 bp)');
  expect(windowText({signal: 'view', extent, smallest: 10}, [0.5, 200.5])).toBe('1–200 (200)');
});
