// A table to sort and filter, a page at a time.
import {useContext, useMemo, useState} from 'preact/hooks';
import type {Cell, TableColumn} from '../document';
import {formatCell, formatInterval, MISSING} from '../format';
import {ChoicesContext} from '../state';
import {barRange, filterRows, sortRows, withoutRuns, type Order} from './rows';

const PRINTED = 200;

export interface GridProps {
  columns: TableColumn[];
  rows: Cell[][];
  label: string;
  pageSize?: number;
  initial?: Order | null;
  /** Called with what is shown, in its order, when it changes by sorting or filtering. */
  shown?: (rows: Cell[][]) => void;
}

/** Texts that fit into a line stay in one. */
const SHORT = 28;

function CellView({cell, column, range}: {cell: Cell; column: TableColumn; range: [number, number]}) {
  if (cell === null) return <td class="missing" aria-label="missing">{MISSING}</td>;
  const percent = (x: number) => Math.min(100, Math.max(0, (100 * (x - range[0])) / (range[1] - range[0])));
  if (column.type === 'interval' && Array.isArray(cell)) {
    const [value, low, high] = cell;
    const text = formatInterval(low, high, column.format);
    return (
      <td class="number interval">
        <span class="value">{formatCell(cell, column)}</span>
        {low !== null && high !== null && (
          <>
            <span class="range">{text}</span>
            <span class="mini" aria-hidden="true">
              <i class="whisker" style={{left: `${percent(low)}%`, width: `${Math.max(1, percent(high) - percent(low))}%`}} />
              <i class="dot" style={{left: `${percent(value)}%`}} />
            </span>
          </>
        )}
      </td>
    );
  }
  if (column.type === 'bar' && typeof cell === 'number') {
    const zero = percent(0);
    const end = percent(cell);
    return (
      <td class="number bar">
        <span class="value">{formatCell(cell, column)}</span>
        <span class="meter" aria-hidden="true"><i style={{left: `${Math.min(zero, end)}%`, width: `${Math.abs(end - zero)}%`}} /></span>
      </td>
    );
  }
  if (column.type === 'text') return <td class={String(cell).length <= SHORT ? 'text short' : 'text'}>{formatCell(cell, column)}</td>;
  return <td class={column.type === 'boolean' ? 'boolean' : 'number'}>{formatCell(cell, column)}</td>;
}

export function Grid({columns, rows, label, pageSize: wanted = 25, initial = null, shown}: GridProps) {
  const {hidden, printing} = useContext(ChoicesContext);
  const [order, setOrder] = useState<Order | null>(initial);
  const [query, setQuery] = useState('');
  const [page, setPage] = useState(0);
  const result = useMemo(() => {
    const found = sortRows(filterRows(withoutRuns(rows, columns, hidden), columns, query), order);
    shown?.(found);
    return found;
  }, [rows, columns, hidden, query, order, shown]);
  const ranges = useMemo(() => columns.map((column, i) => barRange(column, rows, i)), [columns, rows]);
  // A second page with a few rows would be a nuisance.
  const pageSize = rows.length <= 1.6 * wanted ? rows.length : wanted;
  const pages = Math.max(1, Math.ceil(result.length / pageSize));
  const at = Math.min(page, pages - 1);
  const visible = printing ? result.slice(0, PRINTED) : result.slice(at * pageSize, (at + 1) * pageSize);
  const sortBy = (column: number) => {
    const numeric = columns[column]?.type !== 'text';
    const next = order?.column !== column ? {column, descending: numeric} : order.descending === numeric ? {column, descending: !numeric} : null;
    setOrder(next);
    setPage(0);
  };
  const unit = (column: TableColumn) => (column.unit ? <span class="unit"> ({column.unit})</span> : null);
  const many = rows.length > 8;
  return (
    <div class="grid">
      {many && (
        <div class="grid-tools">
          <input type="search" value={query} placeholder={`Filter: words, or ${example(columns, rows)}`} aria-label={`Filter ${label}`}
            onInput={(event) => { setQuery(event.currentTarget.value); setPage(0); }} />
          <span class="count" role="status">
            {result.length === rows.length ? `${rows.length.toLocaleString('en')} rows` : `${result.length.toLocaleString('en')} of ${rows.length.toLocaleString('en')} rows`}
          </span>
        </div>
      )}
      <div class="scroll" tabIndex={0} role="region" aria-label={label}>
        <table>
          <thead>
            <tr>
              {columns.map((column, i) => (
                <th key={column.name} scope="col" class={column.type === 'text' ? 'text' : column.type === 'boolean' ? 'boolean' : 'number'}
                  aria-sort={order?.column === i ? (order.descending ? 'descending' : 'ascending') : 'none'}>
                  <button type="button" title={column.help ?? `Sort by ${column.title}`} onClick={() => sortBy(i)}>
                    <span>{column.title}{unit(column)}</span>
                    <span class="arrow" aria-hidden="true">{order?.column === i ? (order.descending ? '▾' : '▴') : ''}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {visible.map((row, r) => (
              <tr key={r}>
                {columns.map((column, i) => <CellView key={column.name} cell={row[i] ?? null} column={column} range={ranges[i] ?? [0, 1]} />)}
              </tr>
            ))}
            {visible.length === 0 && <tr><td class="none" colSpan={columns.length}>No row fits the filter.</td></tr>}
          </tbody>
        </table>
      </div>
      {printing && result.length > PRINTED && <p class="note">The first {PRINTED} of {result.length} rows.</p>}
      {pages > 1 && (
        <div class="pager" role="group" aria-label={`Pages of ${label}`}>
          <button type="button" disabled={at === 0} onClick={() => setPage(0)} aria-label="First page">«</button>
          <button type="button" disabled={at === 0} onClick={() => setPage(at - 1)} aria-label="Previous page">‹</button>
          <span>{(at * pageSize + 1).toLocaleString('en')}–{Math.min(result.length, (at + 1) * pageSize).toLocaleString('en')} of {result.length.toLocaleString('en')}</span>
          <button type="button" disabled={at === pages - 1} onClick={() => setPage(at + 1)} aria-label="Next page">›</button>
          <button type="button" disabled={at === pages - 1} onClick={() => setPage(pages - 1)} aria-label="Last page">»</button>
        </div>
      )}
    </div>
  );
}

/** A comparison that makes sense for this table: its first measured column, and a value from the middle. */
function example(columns: TableColumn[], rows: Cell[][]): string {
  const wanted = columns.find((c) => c.type === 'interval' || c.type === 'bar') ?? columns.find((c) => c.type === 'number');
  if (wanted === undefined) return 'parts of them';
  const index = columns.indexOf(wanted);
  const values = rows.flatMap((row) => {
    const cell = row[index] ?? null;
    const value = Array.isArray(cell) ? cell[0] : cell;
    return typeof value === 'number' ? [value] : [];
  });
  const middle = values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  return middle === undefined ? 'parts of them' : `${wanted.name}>${String(Number(middle.toPrecision(2)))}`;
}
