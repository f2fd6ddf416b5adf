// The report document (basewise/report/report.schema.json) as types, and how its data is unpacked.

export type Scalar = string | number | boolean | null;
export type Pair = [number, number];

export interface Fact { name: string; value: Scalar; format?: string; unit?: string; note?: string }
export interface Run { id: string; name: string; facts?: Fact[] }

export interface TextBlock { type: 'text'; text: string; tone?: 'plain' | 'note' | 'warning' }
export interface KeyFigure {
  name: string;
  value: number | null;
  format?: string;
  unit?: string;
  interval?: {low: number; high: number; level: number; method?: string};
  reference?: {label: string; value: number};
  better?: 'higher' | 'lower';
  note?: string;
  run?: string;
}
export interface KeyFiguresBlock { type: 'key_figures'; title?: string; items: KeyFigure[] }
export interface FactsBlock { type: 'facts'; title?: string; items: Fact[] }
export interface ListingBlock { type: 'listing'; title: string; text: string }

export type Cell = Scalar | [number, number | null, number | null];
export interface TableColumn {
  name: string;
  title: string;
  type: 'text' | 'number' | 'bar' | 'interval' | 'boolean';
  role?: 'run';
  unit?: string;
  format?: string;
  range?: Pair;
  help?: string;
}
export interface TableBlock {
  type: 'table';
  id: string;
  title: string;
  caption?: string;
  columns: TableColumn[];
  rows: Cell[][];
  sort?: {column: string; descending: boolean};
}

export type Values = Scalar | (number | null)[];
export type Column = Values[] | {dictionary: string[]; codes: number[]};
export interface Field { name: string; title?: string; unit?: string; format?: string; role?: 'run' }
export interface DataTable { name: string; fields: Field[]; columns: Column[] }
export interface Zoom { signal: string; extent: Pair; smallest: number; prefix?: string; unit?: string }
export interface FigureBlock {
  type: 'figure';
  id: string;
  title: string;
  caption: string;
  summary?: string;
  kind: string;
  size?: 'full' | 'half' | 'third';
  engine: 'vega-lite' | 'vega';
  spec: Record<string, unknown>;
  data: DataTable[];
  zoom?: Zoom;
}

export type Block = TextBlock | KeyFiguresBlock | FactsBlock | ListingBlock | TableBlock | FigureBlock;
export interface Section { id: string; title: string; lead?: string; blocks: Block[] }
export interface ReportDocument {
  format: 'basewise-report';
  version: number;
  title: string;
  subtitle?: string;
  created: string;
  program: {name: string; version: string};
  facts?: Fact[];
  runs: Run[];
  sections: Section[];
}

/** Reads the document that the program put into the page. Errors: text for people. */
export function parseDocument(text: string): ReportDocument {
  let document: Partial<ReportDocument>;
  try {
    document = JSON.parse(text) as Partial<ReportDocument>;
  } catch {
    throw new Error('This page holds no report: `basewise report RUN --out report.html` makes one.');
  }
  if (document.format !== 'basewise-report') throw new Error('The data in this page is not a basewise report.');
  if (document.version !== 1) throw new Error(`This report has version ${String(document.version)}; this page shows version 1.`);
  return document as ReportDocument;
}

export function columnValues(column: Column): Values[] {
  return Array.isArray(column) ? column : column.codes.map((code) => column.dictionary[code] ?? null);
}

export type Row = Record<string, Values>;

/** The rows of a table, without those of runs that are hidden. */
export function rows(table: DataTable, hidden: ReadonlySet<string> = new Set()): Row[] {
  const columns = table.columns.map(columnValues);
  const runColumns = table.fields.flatMap((field, i) => (field.role === 'run' ? [columns[i] ?? []] : []));
  const result: Row[] = [];
  for (let i = 0; i < (columns[0]?.length ?? 0); ++i) {
    if (runColumns.some((runs) => hidden.has(String(runs[i])))) continue;
    const row: Row = {};
    table.fields.forEach((field, c) => {
      row[field.name] = columns[c]?.[i] ?? null;
    });
    result.push(row);
  }
  return result;
}

/** Blocks of one type in the whole document. */
export function figuresOf(document: ReportDocument): FigureBlock[] {
  return document.sections.flatMap((section) => section.blocks.filter((block): block is FigureBlock => block.type === 'figure'));
}
