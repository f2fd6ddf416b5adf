// Tables as tab-separated text, numbers in full.
import {columnValues, type Cell, type DataTable, type TableColumn, type Values} from './document';

function clean(value: Values | undefined): string {
  if (value === null || value === undefined) return '';
  return String(value).replace(/[\t\r\n]+/g, ' ');
}

/** Several tables follow each other, each under a line "# name". Rows that hold lists become one line per element, with its index. */
export function dataToTsv(tables: DataTable[]): string {
  return tables
    .map((table) => {
      const text = oneTable(table);
      return tables.length > 1 ? `# ${table.name}\n${text}` : text;
    })
    .join('\n');
}

function oneTable(table: DataTable): string {
  const columns = table.columns.map(columnValues);
  const length = columns[0]?.length ?? 0;
  const lists = columns.map((column) => column.some((value) => Array.isArray(value)));
  const unfold = lists.some(Boolean);
  const lines = [[...(unfold ? ['index'] : []), ...table.fields.map((field) => field.name)].join('\t')];
  for (let i = 0; i < length; ++i) {
    const row = columns.map((column) => column[i] ?? null);
    const count = Math.max(1, ...row.map((value) => (Array.isArray(value) ? value.length : 1)));
    for (let k = 0; k < count; ++k) {
      const cells = row.map((value) => clean(Array.isArray(value) ? (value[k] ?? null) : value));
      lines.push([...(unfold ? [String(k)] : []), ...cells].join('\t'));
    }
  }
  return lines.join('\n') + '\n';
}

export function tableToTsv(columns: TableColumn[], rows: Cell[][]): string {
  const heading = columns.flatMap((c) => (c.type === 'interval' ? [c.name, `${c.name}_low`, `${c.name}_high`] : [c.name]));
  const lines = rows.map((row) =>
    columns
      .flatMap((column, i) => {
        const cell = row[i] ?? null;
        if (column.type !== 'interval') return [clean(cell)];
        return Array.isArray(cell) ? cell.map(clean) : ['', '', ''];
      })
      .join('\t'),
  );
  return [heading.join('\t'), ...lines].join('\n') + '\n';
}
