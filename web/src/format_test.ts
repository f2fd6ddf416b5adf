import {expect, test} from 'vitest';
import {formatCell, formatDate, formatFact, formatInterval, formatNumber} from './format';

test('numbers follow their format', () => {
  expect(formatNumber(0.95126, '.3f')).toBe('0.951');
  expect(formatNumber(1234567, ',d')).toBe('1,234,567');
  expect(formatNumber(-0.25, '.1%')).toBe('−25.0%');
});

test('without a format, four digits; large and small ones as powers of ten', () => {
  expect(formatNumber(6971)).toBe('6,971');
  expect(formatNumber(42.71834)).toBe('42.72');
  expect(formatNumber(0.0000123456)).toBe('1.235e-5');
  expect(formatNumber(12345678.5)).toBe('1.235e+7');
  expect(formatNumber(0)).toBe('0');
});

test('a format that nobody knows gives the number', () => {
  expect(formatNumber(1.5, '%%nonsense')).toBe('1.5');
});

test('facts', () => {
  expect(formatFact({name: 'n', value: 42.71, format: '.1f', unit: 's'})).toBe('42.7 s');
  expect(formatFact({name: 'n', value: true})).toBe('yes');
  expect(formatFact({name: 'n', value: null})).toBe('–');
  expect(formatFact({name: 'n', value: '<b>x</b>'})).toBe('<b>x</b>');
});

test('cells', () => {
  const column = {name: 'c', title: 'C', type: 'interval' as const, format: '.2f'};
  expect(formatCell([0.518, 0.4, 0.6], column)).toBe('0.52');
  expect(formatCell(null, column)).toBe('–');
  expect(formatCell(false, column)).toBe('no');
  expect(formatInterval(0.4, 0.6, '.2f')).toBe('0.40 – 0.60');
  expect(formatInterval(null, 0.6, '.2f')).toBe('');
});

test('dates', () => {
  expect(formatDate('2026-11-21T12:34:56Z')).toBe('2026-11-21 12:34 UTC');
});
