import {expect, test} from 'vitest';
import {dataToTsv, tableToTsv} from './tsv';

test('numbers are written in full, nothing for what is missing, no tab or line end from a text', () => {
  const table = {name: 'curve', fields: [{name: 'run'}, {name: 'y'}], columns: [['a\tb\nc', 'd'], [0.1234567890123, null]]};
  expect(dataToTsv([table])).toBe('run\ty\na b c\t0.1234567890123\nd\t\n');
});

test('lists become a line per element', () => {
  const table = {name: 'signals', fields: [{name: 'bin'}, {name: 'mean'}, {name: 'high'}], columns: [[1, 8], [[0.5, 0.25, 0], [1]], [[], [2]]]};
  expect(dataToTsv([table])).toBe('index\tbin\tmean\thigh\n0\t1\t0.5\t\n1\t1\t0.25\t\n2\t1\t0\t\n0\t8\t1\t2\n');
});

test('several tables are told apart', () => {
  const one = {name: 'one', fields: [{name: 'x'}], columns: [[1]]};
  const two = {name: 'two', fields: [{name: 'y'}], columns: [{dictionary: ['v'], codes: [0, 0]}]};
  expect(dataToTsv([one, two])).toBe('# one\nx\n1\n\n# two\ny\nv\nv\n');
});

test('intervals take three columns', () => {
  const columns = [{name: 'output', title: 'O', type: 'text' as const}, {name: 'auroc', title: 'A', type: 'interval' as const}];
  expect(tableToTsv(columns, [['CTCF', [0.9, 0.8, null]], ['SPI1', null]])).toBe('output\tauroc\tauroc_low\tauroc_high\nCTCF\t0.9\t0.8\t\nSPI1\t\t\t\n');
});
