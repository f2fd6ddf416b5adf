import {expect, test} from 'vitest';
import {columnValues, figuresOf, parseDocument, rows, type DataTable, type ReportDocument} from './document';

const minimal = {format: 'basewise-report', version: 1, title: 't', created: '2026-01-02T03:04:05Z', program: {name: 'basewise', version: '0'}, runs: [], sections: []};

test('a document of version 1 is read', () => {
  expect(parseDocument(JSON.stringify(minimal)).title).toBe('t');
});

test('what is no document says so', () => {
  expect(() => parseDocument('@basewise-report@')).toThrow('This page holds no report');
  expect(() => parseDocument('{"format":"other"}')).toThrow('not a basewise report');
  expect(() => parseDocument(JSON.stringify({...minimal, version: 2}))).toThrow('version 2; this page shows version 1');
});

test('dictionaries are unpacked', () => {
  expect(columnValues({dictionary: ['b', 'a'], codes: [1, 0, 0]})).toEqual(['a', 'b', 'b']);
  expect(columnValues([1, null, 'x'])).toEqual([1, null, 'x']);
});

const table: DataTable = {
  name: 'curve',
  fields: [{name: 'run', role: 'run'}, {name: 'x'}, {name: 'bins'}],
  columns: [{dictionary: ['one', 'two'], codes: [0, 1, 1]}, [0.5, 1.5, 2.5], [[1, 2], [], [null]]],
};

test('rows have one value per field', () => {
  expect(rows(table)).toEqual([
    {run: 'one', x: 0.5, bins: [1, 2]},
    {run: 'two', x: 1.5, bins: []},
    {run: 'two', x: 2.5, bins: [null]},
  ]);
});

test('rows of hidden runs are left out', () => {
  expect(rows(table, new Set(['two']))).toEqual([{run: 'one', x: 0.5, bins: [1, 2]}]);
  expect(rows(table, new Set(['0.5']))).toHaveLength(3);
});

test('figures are found in all sections', () => {
  const figure = (id: string) => ({type: 'figure', id, title: id, caption: 'c', kind: 'curve', engine: 'vega', spec: {}, data: []});
  const document = {...minimal, sections: [{id: 'a', title: 'a', blocks: [figure('one'), {type: 'text', text: 'x'}]}, {id: 'b', title: 'b', blocks: [figure('two')]}]};
  expect(figuresOf(document as unknown as ReportDocument).map((f) => f.id)).toEqual(['one', 'two']);
});
