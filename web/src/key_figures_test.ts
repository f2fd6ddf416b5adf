import {expect, test} from 'vitest';
import {gaugeRange, verdict} from './key_figures';

const auroc = {name: 'AUROC', value: 0.9, interval: {low: 0.85, high: 0.95, level: 0.95}, reference: {label: 'chance', value: 0.5}, better: 'higher' as const};

test('a value is better only where its interval leaves the reference out', () => {
  expect(verdict(auroc)).toBe('better');
  expect(verdict({...auroc, better: 'lower'})).toBe('worse');
  expect(verdict({...auroc, reference: {label: 'published', value: 0.93}})).toBe('open');
  expect(verdict({...auroc, reference: {label: 'published', value: 0.97}})).toBe('worse');
});

test('no verdict without value, reference or direction', () => {
  expect(verdict({...auroc, value: null})).toBeNull();
  expect(verdict({name: 'x', value: 1, better: 'higher'})).toBeNull();
  expect(verdict({name: 'x', value: 1, reference: {label: 'r', value: 2}})).toBeNull();
});

test('the scale holds value, interval and reference', () => {
  const range = gaugeRange(auroc);
  expect(range?.[0]).toBeCloseTo(0.5 - 0.08 * 0.45);
  expect(range?.[1]).toBeCloseTo(0.95 + 0.08 * 0.45);
  expect(gaugeRange({name: 'x', value: 3})).toBeNull();
  expect(gaugeRange({name: 'x', value: null, reference: {label: 'r', value: 1}})).toBeNull();
});

test('a reference equal to the value does not make a scale of no width', () => {
  const range = gaugeRange({name: 'x', value: 0, reference: {label: 'r', value: 0}});
  expect(range?.[0]).toBeLessThan(range?.[1] ?? 0);
});
