import {expect, test} from 'vitest';
import type {Cell, TableColumn} from '../document';
import {barRange, filterRows, sortRows, withoutRuns} from './rows';

const columns: TableColumn[] = [
  {name: 'run', title: 'Run', type: 'text', role: 'run'},
  {name: 'output', title: 'Output', type: 'text'},
  {name: 'auroc', title: 'AUROC', type: 'interval', format: '.3f'},
  {name: 'share', title: 'Share of positives', type: 'number', format: '.1%'},
];
const rows: Cell[][] = [
  ['a', 'TF_10', [0.9, 0.8, 0.95], 0.25],
  ['a', 'TF_9', null, 0.5],
  ['b', 'CTCF', [0.7, 0.6, 0.75], null],
  ['b', 'tf_2', [0.9, 0.85, 0.92], 0.125],
];
const names = (found: Cell[][]) => found.map((row) => row[1]);

test('no order leaves the rows as they are', () => {
  expect(sortRows(rows, null)).toBe(rows);
});

test('numbers sort by value, intervals by their middle, ties keep their order, what is missing comes last', () => {
  expect(names(sortRows(rows, {column: 2, descending: false}))).toEqual(['CTCF', 'TF_10', 'tf_2', 'TF_9']);
  expect(names(sortRows(rows, {column: 2, descending: true}))).toEqual(['TF_10', 'tf_2', 'CTCF', 'TF_9']);
  expect(names(sortRows(rows, {column: 3, descending: true}))).toEqual(['TF_9', 'TF_10', 'tf_2', 'CTCF']);
});

test('texts sort with their numbers in order, whatever the case', () => {
  expect(names(sortRows(rows, {column: 1, descending: false}))).toEqual(['CTCF', 'tf_2', 'TF_9', 'TF_10']);
});

test('sorting changes nothing in place', () => {
  const before = JSON.stringify(rows);
  sortRows(rows, {column: 1, descending: true});
  expect(JSON.stringify(rows)).toBe(before);
});

test('every word must be found, in the text as it is shown', () => {
  expect(names(filterRows(rows, columns, 'tf'))).toEqual(['TF_10', 'TF_9', 'tf_2']);
  expect(names(filterRows(rows, columns, 'tf 50.0%'))).toEqual(['TF_9']);
  expect(names(filterRows(rows, columns, '0.700'))).toEqual(['CTCF']);
  expect(filterRows(rows, columns, '   ')).toBe(rows);
  expect(filterRows(rows, columns, 'nobody')).toEqual([]);
});

test('comparisons name a column by name or title', () => {
  expect(names(filterRows(rows, columns, 'auroc>0.8'))).toEqual(['TF_10', 'tf_2']);
  expect(names(filterRows(rows, columns, 'AUROC >= 0.9 share < 0.2'))).toEqual(['tf_2']);
  expect(names(filterRows(rows, columns, 'share_of_positives<=25%'))).toEqual(['TF_10', 'tf_2']);
  expect(names(filterRows(rows, columns, 'share=0.5'))).toEqual(['TF_9']);
});

test('a comparison with an unknown column is a word like any other', () => {
  expect(filterRows(rows, columns, 'colour>3')).toEqual([]);
});

test('hidden runs', () => {
  expect(names(withoutRuns(rows, columns, new Set(['a'])))).toEqual(['CTCF', 'tf_2']);
  expect(withoutRuns(rows, columns.slice(1), new Set(['a']))).toBe(rows);
});

test('bars reach from zero, intervals from their lowest end', () => {
  expect(barRange({name: 'x', title: 'X', type: 'bar'}, [[2], [null], [5]], 0)).toEqual([0, 5]);
  expect(barRange({name: 'x', title: 'X', type: 'bar'}, [[-2], [5]], 0)).toEqual([-2, 5]);
  expect(barRange({name: 'x', title: 'X', type: 'bar', range: [1, 3]}, [[2]], 0)).toEqual([1, 3]);
  expect(barRange({name: 'x', title: 'X', type: 'interval'}, rows.map((row) => [row[2] ?? null]), 0)).toEqual([0.6, 0.95]);
  expect(barRange({name: 'x', title: 'X', type: 'bar'}, [], 0)).toEqual([0, 1]);
});
