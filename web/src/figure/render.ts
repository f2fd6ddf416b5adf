// From a figure of the document to a Vega view: data goes in, theme and width are set, nothing is loaded from anywhere.
import {expressionInterpreter, parse, View, type VegaSpec} from './vega';
import {compile} from 'vega-lite';
import {rows, type FigureBlock, type Row} from '../document';
import {figureConfig, figureSignals, type Palette, type Theme} from '../theme';

export interface DrawOptions {
  width: number;
  theme: Theme;
  palette: Palette;
  hidden: ReadonlySet<string>;
  signals?: Record<string, unknown>;
}

interface Signal { name: string; value?: unknown; init?: unknown }
type Spec = Record<string, unknown> & {signals?: Signal[]; data?: {name: string; values?: Row[]}[]};

/** What Vega would print on the console. The page stays silent; tests read it. */
export const messages: string[] = [];
const note = (kind: string) => (...parts: unknown[]) => {
  messages.push(`${kind}: ${parts.map(String).join(' ')}`);
  return logger;
};
const logger = {level: () => logger, error: note('error'), warn: note('warning'), info: () => logger, debug: () => logger};

/** A specification may name addresses (links, pictures, data): all are refused. */
const refuse = () => Promise.reject(new Error('a report loads nothing'));
const loader = {options: {}, load: refuse, sanitize: refuse, http: refuse, file: refuse};

const LEGEND_FIELDS = new Set(['run', 'series', 'part', 'role', 'kind']);

function longestName(figure: FigureBlock): number {
  let longest = 0;
  for (const table of figure.data) {
    table.fields.forEach((field, i) => {
      const column = table.columns[i];
      if (!LEGEND_FIELDS.has(field.name) || column === undefined) return;
      for (const value of Array.isArray(column) ? column : column.dictionary) longest = Math.max(longest, String(value).length);
    });
  }
  return longest;
}

/** The complete Vega specification of a figure, data included. */
export function toVega(figure: FigureBlock, options: DrawOptions): Spec {
  const data = new Map(figure.data.map((table) => [table.name, rows(table, options.hidden)]));
  const config = figureConfig(options.theme, options.width, longestName(figure));
  let spec: Spec;
  if (figure.engine === 'vega-lite') {
    const source = {...figure.spec, datasets: Object.fromEntries(data)} as Record<string, unknown>;
    if (source.width === 'container' || source.width === undefined) {
      source.width = Math.floor(options.width);
    }
    source.padding ??= 2;
    spec = compile(source as never, {config: config as never, logger: logger as never}).spec as unknown as Spec;
    // The width of the whole drawing is given, whatever axes and legends take; the height is that of the plot.
    spec.autosize = {type: 'fit-x', contains: 'padding'};
  } else {
    spec = structuredClone(figure.spec) as Spec;
    spec.width = Math.floor(options.width);
    spec.config = {...config, ...((spec.config as object | undefined) ?? {})};
    for (const table of spec.data ?? []) {
      const values = data.get(table.name);
      if (values !== undefined) table.values = values;
    }
  }
  const values: Record<string, unknown> = {...figureSignals(options.theme, options.palette), ...options.signals};
  for (const signal of spec.signals ?? []) {
    if (signal.name in values) signal.value = values[signal.name];
  }
  return spec;
}

/** Draws into `element`. Errors: what Vega says about the specification. */
export function draw(element: HTMLElement, figure: FigureBlock, options: DrawOptions, tooltip: TooltipHandler): View {
  const runtime = parse(toVega(figure, options) as unknown as VegaSpec, {}, {ast: true});
  const view = new View(runtime, {
    renderer: 'svg',
    expr: expressionInterpreter,
    loader: loader as never,
    logger: logger as never,
    hover: true,
    tooltip: tooltip as never,
  });
  view.initialize(element).run();
  // The page describes the figure in words and offers its numbers as a table; hundreds of marks read aloud would tell nobody anything.
  element.querySelector('svg')?.setAttribute('aria-hidden', 'true');
  return view;
}

export type TooltipHandler = (handler: unknown, event: MouseEvent, item: unknown, value: unknown) => void;
