// A table block: title, the grid, what its columns mean, export.
import {useMemo, useRef} from 'preact/hooks';
import type {Cell, TableBlock} from '../document';
import {saveText} from '../figure/export';
import {tableToTsv} from '../tsv';
import {Grid} from './grid';

export function Table({table}: {table: TableBlock}) {
  const shown = useRef<Cell[][]>(table.rows);
  const keep = useMemo(() => (rows: Cell[][]) => { shown.current = rows; }, []);
  const column = table.sort ? table.columns.findIndex((c) => c.name === table.sort?.column) : -1;
  const initial = useMemo(() => (table.sort && column >= 0 ? {column, descending: table.sort.descending} : null), [table, column]);
  const explained = table.columns.filter((c) => c.help);
  return (
    <section class="card table full" id={table.id} aria-labelledby={`${table.id}-title`}>
      <div class="card-head">
        <h3 id={`${table.id}-title`}>{table.title}</h3>
        <div class="tools" role="group" aria-label={`Tools for ${table.title}`}>
          <button type="button" aria-label="Save rows as TSV" onClick={() => saveText(`${table.id}.tsv`, tableToTsv(table.columns, shown.current))}>TSV</button>
        </div>
      </div>
      <Grid columns={table.columns} rows={table.rows} label={table.title} initial={initial} shown={keep} />
      {table.caption && <p class="caption">{table.caption}</p>}
      {explained.length > 0 && (
        <details class="help">
          <summary>What the columns mean</summary>
          <dl>{explained.map((c) => <div key={c.name}><dt>{c.title}</dt><dd>{c.help}</dd></div>)}</dl>
        </details>
      )}
    </section>
  );
}
