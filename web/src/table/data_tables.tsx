// The numbers of a figure as tables: what the eye sees, in words.
import {columnValues, type Cell, type DataTable, type TableColumn, type Values} from '../document';
import {formatNumber} from '../format';
import {Grid} from './grid';

function asCell(value: Values): Cell {
  if (!Array.isArray(value)) return value;
  const shown = value.slice(0, 4).map((v) => (v === null ? '–' : formatNumber(v)));
  return `${value.length} values${value.length > 0 ? `: ${shown.join(', ')}${value.length > 4 ? ', …' : ''}` : ''}`;
}

export function DataTables({tables, label}: {tables: DataTable[]; label: string}) {
  return (
    <div class="data-tables">
      {tables.map((table) => {
        const values = table.columns.map((column) => columnValues(column).map(asCell));
        const columns: TableColumn[] = table.fields.map((field, i) => ({
          name: field.name,
          title: field.title ?? field.name,
          type: (values[i] ?? []).some((v) => typeof v === 'string') ? 'text' : 'number',
          ...(field.unit ? {unit: field.unit} : {}),
          ...(field.format ? {format: field.format} : {}),
          ...(field.role ? {role: field.role} : {}),
        }));
        const rows = (values[0] ?? []).map((_, i) => values.map((column) => column[i] ?? null));
        return (
          <div key={table.name}>
            {tables.length > 1 && <h4>{table.name}</h4>}
            <Grid columns={columns} rows={rows} label={`${label}: ${table.name}`} pageSize={10} />
          </div>
        );
      })}
    </div>
  );
}
