// Sorting and filtering of table rows: no page in here.
import type {Cell, TableColumn} from '../document';
import {formatCell} from '../format';

export interface Order { column: number; descending: boolean }

function key(cell: Cell): string | number | null {
  if (cell === null) return null;
  if (Array.isArray(cell)) return cell[0];
  if (typeof cell === 'boolean') return Number(cell);
  return cell;
}

const collator = new Intl.Collator('en', {numeric: true, sensitivity: 'base'});

/** Stable; what is missing comes last in both directions. */
export function sortRows(rows: Cell[][], order: Order | null): Cell[][] {
  if (order === null) return rows;
  const sign = order.descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const x = key(a[order.column] ?? null);
    const y = key(b[order.column] ?? null);
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y)));
  });
}

type Test = (row: Cell[]) => boolean;
const COMPARISON = /^([\w .-]*?)\s*(<=|>=|<|>|=)\s*(-?[\d.]+(?:e-?\d+)?%?)$/i;

function comparison(word: string, columns: TableColumn[]): Test | null {
  const match = COMPARISON.exec(word);
  if (match === null) return null;
  const wanted = (match[1] ?? '').trim().toLowerCase().replaceAll(' ', '_');
  const column = columns.findIndex((c) => c.name.toLowerCase() === wanted || c.title.toLowerCase().replaceAll(' ', '_') === wanted);
  if (column < 0) return null;
  const text = match[3] ?? '';
  const bound = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  const holds: Record<string, (x: number) => boolean> = {
    '<': (x) => x < bound,
    '>': (x) => x > bound,
    '<=': (x) => x <= bound,
    '>=': (x) => x >= bound,
    '=': (x) => x === bound,
  };
  const test = holds[match[2] ?? '='];
  if (test === undefined || Number.isNaN(bound)) return null;
  return (row) => {
    const value = key(row[column] ?? null);
    return typeof value === 'number' && test(value);
  };
}

/** Every word must be found in some cell as it is shown; a word such as `auroc>0.9` compares a column, named by name or title (blanks as _). */
export function filterRows(rows: Cell[][], columns: TableColumn[], query: string): Cell[][] {
  const words = query
    .replace(/\s*(<=|>=|<|>|=)\s*/g, '$1')
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return rows;
  const tests: Test[] = words.map((word) => {
    const lower = word.toLowerCase();
    return (
      comparison(word, columns) ??
      ((row) => columns.some((column, i) => formatCell(row[i] ?? null, column).toLowerCase().includes(lower)))
    );
  });
  return rows.filter((row) => tests.every((test) => test(row)));
}

export function withoutRuns(rows: Cell[][], columns: TableColumn[], hidden: ReadonlySet<string>): Cell[][] {
  const run = columns.findIndex((column) => column.role === 'run');
  return run < 0 || hidden.size === 0 ? rows : rows.filter((row) => !hidden.has(String(row[run])));
}

/** What a bar is measured against: from 0, or the smallest value, to the largest. Intervals: from the lowest end to the highest. */
export function barRange(column: TableColumn, rows: Cell[][], index: number): [number, number] {
  if (column.range !== undefined) return column.range;
  const interval = column.type === 'interval';
  let low = interval ? Infinity : 0;
  let high = interval ? -Infinity : 0;
  for (const row of rows) {
    const cell = row[index] ?? null;
    for (const value of Array.isArray(cell) ? cell : [cell]) {
      if (typeof value !== 'number') continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return high > low ? [low, high] : [0, 1];
}
