// The reference specifications of every kind of figure, without data. What C++ declares looks like these.
// Rules: fields have fixed names; text from files is only ever data. One view per figure, width "container" (Vega: the signal `width`).
// Signals that the page sets when a specification declares them: ink, muted, faint, surface, accent, contrast, letter_colors.

const VEGA_LITE = 'https://vega.github.io/schema/vega-lite/v6.json';
const VEGA = 'https://vega.github.io/schema/vega/v6.json';

export const lite = (height, rest) => ({$schema: VEGA_LITE, width: 'container', height, ...rest});
const param = (name, value) => ({name, value});

/** Of lines: a piece of the line, not a dot. */
const STROKES = {symbolType: 'stroke', symbolSize: 300, symbolStrokeWidth: 2};

/** Lines over a quantitative x: one line per (run, series). Several runs: colour is the run and the dash the series. */
export function curve({table, x, y, runs, series, height = 240, points = false, diagonal = null, xScale = {}, yScale = {}}) {
  const color =
    runs.length > 1
      ? {field: 'run', type: 'nominal', scale: {domain: runs}, title: null, legend: STROKES}
      : series.length > 1
        ? {field: 'series', type: 'nominal', scale: {domain: series}, title: null, legend: STROKES}
        : {value: {expr: 'accent'}};
  const encoding = {
    x: {field: x.field, type: 'quantitative', title: x.title, scale: {zero: false, nice: false, ...xScale}, axis: x.axis ?? {}},
    y: {field: y.field, type: 'quantitative', title: y.title, scale: {zero: false, ...yScale}, axis: y.axis ?? {}},
    color,
    detail: [{field: 'run'}, {field: 'series'}],
    order: {field: 'order'},
    tooltip: [
      ...(runs.length > 1 ? [{field: 'run', title: 'run'}] : []),
      ...(series.length > 1 ? [{field: 'series', title: 'series'}] : []),
      {field: x.field, title: x.title, format: x.format ?? '.4~g'},
      {field: y.field, title: y.title, format: y.format ?? '.4~g'},
    ],
  };
  if (runs.length > 1 && series.length > 1) {
    encoding.strokeDash = {field: 'series', type: 'nominal', scale: {domain: series}, title: null, legend: STROKES};
  }
  const layer = [];
  if (diagonal) {
    layer.push({data: {name: 'reference'}, mark: {type: 'line', strokeDash: [3, 3], strokeWidth: 1, color: {expr: 'muted'}},
      encoding: {x: {field: x.field, type: 'quantitative'}, y: {field: y.field, type: 'quantitative'}}});
  }
  if (points && !xScale.domain) encoding.x.scale.padding = 8; // points at the ends stand whole beside the axes
  layer.push({data: {name: table}, mark: {type: 'line', clip: !points, point: points ? {size: 22, filled: true} : false}, encoding});
  return lite(height, {params: [param('accent', '#2563a8'), param('muted', '#6b7280')], layer});
}

/** Horizontal dots with their intervals, one row per name; a tick is the value to compare with. */
export function intervals({table, title, names, runs, format = '.3f', domain}) {
  const color = runs.length > 1 ? {field: 'run', type: 'nominal', scale: {domain: runs}, title: null} : {value: {expr: 'accent'}};
  const y = {field: 'name', type: 'nominal', title: null, sort: null, axis: {domain: false, ticks: false, grid: true}};
  const offset = runs.length > 1 ? {yOffset: {field: 'run', scale: {domain: runs}}} : {};
  const tooltip = [
    {field: 'name', title: 'name'},
    ...(runs.length > 1 ? [{field: 'run', title: 'run'}] : []),
    {field: 'value', title, format},
    {field: 'low', title: 'from', format},
    {field: 'high', title: 'to', format},
  ];
  const scale = {zero: false, ...(domain ? {domain} : {})};
  return {
    $schema: VEGA_LITE,
    width: 'container',
    height: names * (runs.length > 1 ? 11 * runs.length + 12 : 26),
    params: [param('accent', '#2563a8'), param('ink', '#1a1d21')],
    layer: [
      {data: {name: table}, mark: {type: 'rule', strokeWidth: 2, opacity: 0.6},
        encoding: {x: {field: 'low', type: 'quantitative', title, scale}, x2: {field: 'high'}, y, ...offset, color, tooltip}},
      {data: {name: table}, mark: {type: 'point', filled: true, size: 60, opacity: 1},
        encoding: {x: {field: 'value', type: 'quantitative', scale}, y, ...offset, color, tooltip}},
      {data: {name: 'references'}, mark: {type: 'tick', thickness: 2, size: 16, color: {expr: 'ink'}},
        encoding: {x: {field: 'value', type: 'quantitative', scale}, y, tooltip: [{field: 'label', title: 'reference'}, {field: 'value', title, format}]}},
    ],
  };
}

/** Stacked horizontal bars: parts of a whole. */
export function bars({table, value, parts, format = ',d'}) {
  return lite({step: 26}, {
    data: {name: table},
    mark: {type: 'bar', height: {band: 0.7}},
    encoding: {
      y: {field: 'name', type: 'nominal', title: null, sort: null, axis: {domain: false, ticks: false}},
      x: {field: 'value', type: 'quantitative', title: value, stack: 'zero', axis: {format: '~s'}},
      color: {field: 'part', type: 'nominal', scale: {domain: parts}, title: null},
      order: {field: 'order'},
      tooltip: [{field: 'name', title: 'name'}, {field: 'part', title: 'part'}, {field: 'value', title: value, format}],
    },
  });
}

/** Counts on a grid of squares: predicted against observed. */
export function density({table, x, y, height = 300}) {
  return lite(height, {
    params: [param('muted', '#6b7280')],
    layer: [
      {data: {name: table}, mark: {type: 'rect', clip: true},
        encoding: {
          x: {field: 'x', type: 'quantitative', title: x, scale: {zero: false, nice: false}, axis: {grid: false}},
          x2: {field: 'x2'},
          y: {field: 'y', type: 'quantitative', title: y, scale: {zero: false, nice: false}, axis: {grid: false}},
          y2: {field: 'y2'},
          color: {field: 'count', type: 'quantitative', title: 'count', scale: {type: 'log', range: 'ramp'}, legend: {format: '~s', gradientLength: 140}},
          tooltip: [{field: 'x', title: `${x} from`, format: '.3~g'}, {field: 'y', title: `${y} from`, format: '.3~g'}, {field: 'count', title: 'count', format: ',d'}],
        }},
      {data: {name: 'reference'}, mark: {type: 'line', strokeDash: [3, 3], strokeWidth: 1, color: {expr: 'muted'}},
        encoding: {x: {field: 'x', type: 'quantitative'}, y: {field: 'y', type: 'quantitative'}}},
    ],
  });
}

/** A cell per (x, y); with `diverging`, [-m, m], zero has the neutral colour. */
export function heatmap({table, x, y, z, diverging = false, xType = 'ordinal', rows, format = '.3f', labelEvery = 10}) {
  return lite({step: 18}, {
    data: {name: table},
    mark: {type: 'rect'},
    encoding: {
      x: {field: 'x', type: xType, title: x, axis: {grid: false, labelAngle: 0, ticks: false, domain: false, labelOverlap: true, values: {expr: `sequence(0, 100000, ${labelEvery})`}}},
      y: {field: 'y', type: 'ordinal', title: y, sort: rows ?? null, axis: {grid: false, ticks: false, domain: false}},
      color: {field: 'z', type: 'quantitative', title: z,
        scale: diverging ? {domain: diverging, range: 'diverging'} : {range: 'ramp', zero: true}, legend: {gradientLength: 90}},
      tooltip: [{field: 'x', title: x}, {field: 'y', title: y}, {field: 'z', title: z, format}],
    },
  });
}

// Outlines in a box of one by one that they touch on all four sides: scaled to (width, height), a letter is exactly so large.
export const LETTERS = {
  A: 'M0,1L0.4,0L0.6,0L1,1L0.79,1L0.7,0.76L0.3,0.76L0.21,1ZM0.355,0.61L0.645,0.61L0.5,0.2Z',
  C: 'M1,0.34C0.95,0.12,0.77,0,0.52,0C0.2,0,0,0.2,0,0.5C0,0.8,0.2,1,0.52,1C0.77,1,0.95,0.88,1,0.66L0.79,0.62C0.76,0.76,0.66,0.83,0.53,0.83C0.33,0.83,0.21,0.71,0.21,0.5C0.21,0.29,0.33,0.17,0.53,0.17C0.66,0.17,0.76,0.24,0.79,0.38Z',
  G: 'M0.97,0.31C0.92,0.11,0.76,0,0.52,0C0.2,0,0,0.2,0,0.5C0,0.8,0.2,1,0.52,1C0.72,1,0.89,0.93,1,0.82L1,0.46L0.53,0.46L0.53,0.62L0.8,0.62L0.8,0.74C0.73,0.8,0.63,0.83,0.53,0.83C0.33,0.83,0.21,0.71,0.21,0.5C0.21,0.29,0.33,0.17,0.53,0.17C0.65,0.17,0.73,0.23,0.76,0.35Z',
  T: 'M0,0L1,0L1,0.17L0.605,0.17L0.605,1L0.395,1L0.395,0.17L0,0.17Z',
  U: 'M0,0L0.2,0L0.2,0.62C0.2,0.76,0.33,0.83,0.5,0.83C0.67,0.83,0.8,0.76,0.8,0.62L0.8,0L1,0L1,0.64C1,0.86,0.8,1,0.5,1C0.2,1,0,0.86,0,0.64Z',
  N: 'M0,1L0,0L0.22,0L0.8,0.68L0.8,0L1,0L1,1L0.78,1L0.2,0.32L0.2,1Z',
};
const LETTER_COLORS = ['#109648', '#255c99', '#db7c00', '#d62839', '#d62839', '#8a8f98'];

/**
 * A sequence logo. Table `letters`: position, letter, height (negative: below the axis, upside down). Largest letters stand furthest out.
 * `first` and `last` are positions; `zoom` makes [first - 0.5, last + 0.5] the signal `view`.
 */
export function logo({y, first, last, low, high, x = 'position', height = 120, axis = {}}) {
  return {
    $schema: VEGA,
    width: 600,
    height,
    padding: 5,
    autosize: {type: 'fit-x', contains: 'padding'},
    signals: [
      {name: 'view', value: [first - 0.5, last + 0.5]},
      {name: 'ink', value: '#1a1d21'},
      {name: 'letter_colors', value: LETTER_COLORS},
    ],
    data: [
      {name: 'letters'},
      {name: 'stacked', source: 'letters', transform: [
        {type: 'filter', expr: 'datum.position > view[0] - 1 && datum.position < view[1] + 1'},
        {type: 'formula', as: 'size', expr: 'abs(datum.height)'},
        {type: 'stack', groupby: ['position'], field: 'height', sort: {field: 'size'}, as: ['y0', 'y1']},
      ]},
    ],
    scales: [
      {name: 'x', type: 'linear', domain: {signal: 'view'}, range: 'width', zero: false, nice: false},
      {name: 'y', type: 'linear', domain: [low, high], range: 'height', zero: false, nice: false},
      {name: 'outline', type: 'ordinal', domain: Object.keys(LETTERS), range: Object.values(LETTERS)},
      {name: 'color', type: 'ordinal', domain: Object.keys(LETTERS), range: {signal: 'letter_colors'}},
    ],
    axes: [
      {orient: 'bottom', scale: 'x', title: x, grid: false, domain: low >= 0, tickMinStep: 1, ...axis},
      {orient: 'left', scale: 'y', title: y, grid: false, tickCount: 4},
    ],
    marks: [{
      type: 'group',
      clip: true,
      encode: {update: {width: {signal: 'width'}, height: {signal: 'height'}}},
      marks: [
        {type: 'path', name: 'letter_marks', from: {data: 'stacked'}, encode: {update: {
          path: {scale: 'outline', field: 'letter'},
          fill: {scale: 'color', field: 'letter'},
          x: {signal: "scale('x', datum.position - 0.5)"},
          y: {signal: "scale('y', max(datum.y0, datum.y1))"},
          scaleX: {signal: "scale('x', 1) - scale('x', 0)"},
          scaleY: {signal: "abs(scale('y', datum.y1) - scale('y', datum.y0))"},
          tooltip: {signal: "{position: datum.position, letter: datum.letter, height: format(datum.height, '.4~g')}"},
        }}},
        {type: 'rule', encode: {update: {
          x: {value: 0}, x2: {signal: 'width'}, y: {scale: 'y', value: 0}, stroke: {signal: 'ink'}, strokeWidth: {value: low < 0 ? 1 : 0},
        }}},
      ],
    }],
  };
}

/**
 * Tracks along a stretch of a chromosome. Tables:
 *   rows     row (number from 0), title, low, high (of the axis)
 *   signals  run, row, role (predicted, observed, ...), strand, start, bin, mean[], high[]; one line per zoom level, values below the axis negative.
 *            `high` holds the value furthest from zero in each bin and may be empty where a bin is one base.
 *   genes    start, end, strand (+ or -), name, lane
 *   sites    start, end, strand, name, kind
 */
export function tracks({start, end, prefix, rows, lanes, kinds, roles, coarsest, factor = 4}) {
  const rowHeight = 64;
  const gap = 14;
  const laneHeight = 18;
  const sitesTop = rows * (rowHeight + gap);
  const genesTop = sitesTop + (kinds.length ? 24 : 0);
  const shown = (low, high) => `datum.${high} > view[0] && datum.${low} < view[1]`;
  return {
    $schema: VEGA,
    width: 800,
    height: genesTop + Math.max(1, lanes) * laneHeight,
    padding: 5,
    autosize: {type: 'fit-x', contains: 'padding'},
    signals: [
      {name: 'view', value: [start, end]},
      {name: 'ink', value: '#1a1d21'},
      {name: 'muted', value: '#6b7280'},
      {name: 'faint', value: '#e3e6ea'},
      {name: 'surface', value: '#ffffff'},
      {name: 'role_colors', value: ['#2563a8', '#6b7280', '#b4540a', '#7a4fa3']},
      {name: 'span', update: 'view[1] - view[0]'},
      // The finest level with no more than two bins per pixel.
      {name: 'bin', update: `min(${coarsest}, pow(${factor}, max(0, ceil(log(span / (2 * max(1, width))) / log(${factor})))))`},
    ],
    data: [
      {name: 'rows'},
      {name: 'signals'},
      {name: 'genes'},
      {name: 'sites'},
      {name: 'bins', source: 'signals', transform: [
        {type: 'filter', expr: 'datum.bin == bin'},
        {type: 'flatten', fields: ['mean', 'high'], as: ['mean', 'high'], index: 'index'},
        {type: 'formula', as: 'from', expr: 'datum.start + datum.index * datum.bin'},
        {type: 'formula', as: 'to', expr: 'datum.from + datum.bin'},
        {type: 'filter', expr: 'datum.to >= view[0] - datum.bin && datum.from <= view[1] + datum.bin'},
        {type: 'formula', as: 'peak', expr: 'isValid(datum.high) ? datum.high : datum.mean'},
      ]},
      {name: 'genes_shown', source: 'genes', transform: [
        {type: 'filter', expr: shown('start', 'end')},
        {type: 'formula', as: 'x0', expr: "scale('x', max(datum.start, view[0]))"},
        {type: 'formula', as: 'x1', expr: "scale('x', min(datum.end, view[1]))"},
      ]},
      {name: 'sites_shown', source: 'sites', transform: [{type: 'filter', expr: shown('start', 'end')}]},
    ],
    scales: [
      {name: 'x', type: 'linear', domain: {signal: 'view'}, range: 'width', zero: false, nice: false},
      {name: 'role', type: 'ordinal', domain: roles, range: {signal: 'role_colors'}},
      {name: 'kind', type: 'ordinal', domain: kinds, range: {signal: 'slice(role_colors, 2)'}},
    ],
    axes: [{orient: 'bottom', scale: 'x', title: `position on ${prefix} (bp)`, format: ',d', grid: true, tickCount: {signal: 'max(2, floor(width / 110))'}, labelFlush: true}],
    legends: [
      {fill: 'role', symbolType: 'square', orient: 'top', direction: 'horizontal', title: null},
      ...(kinds.length ? [{fill: 'kind', symbolType: 'triangle-right', orient: 'top', direction: 'horizontal', title: null}] : []),
    ],
    marks: [
      {type: 'group', name: 'track_rows', from: {facet: {name: 'row', data: 'rows', groupby: 'row'}},
        encode: {update: {y: {signal: `datum.row * ${rowHeight + gap}`}, width: {signal: 'width'}, height: {value: rowHeight}, clip: {value: false}}},
        signals: [{name: 'low', update: "data('row')[0].low"}, {name: 'high', update: "data('row')[0].high"}, {name: 'title', update: "data('row')[0].title"}],
        data: [{name: 'own', source: 'bins', transform: [{type: 'filter', expr: "datum.row == data('row')[0].row"}]}],
        scales: [{name: 'y', type: 'linear', domain: [{signal: 'low'}, {signal: 'high'}], range: [rowHeight, 0], zero: false, nice: false}],
        axes: [{orient: 'left', scale: 'y', values: {signal: 'low < 0 && high > 0 ? [low, 0, high] : [low, high]'}, grid: false, format: '.2~g'}],
        marks: [
          {type: 'group', clip: true, encode: {update: {width: {signal: 'width'}, height: {value: rowHeight}}},
            marks: [{type: 'group', from: {facet: {name: 'series', data: 'own', groupby: ['run', 'role', 'strand']}}, marks: [
              {type: 'area', from: {data: 'series'}, encode: {update: {
                interpolate: {value: 'step-after'}, x: {scale: 'x', field: 'from'}, y: {scale: 'y', field: 'peak'}, y2: {scale: 'y', value: 0},
                fill: {scale: 'role', field: 'role'}, fillOpacity: {value: 0.5}}}},
              {type: 'area', from: {data: 'series'}, encode: {update: {
                interpolate: {value: 'step-after'}, x: {scale: 'x', field: 'from'}, y: {scale: 'y', field: 'mean'}, y2: {scale: 'y', value: 0},
                fill: {scale: 'role', field: 'role'}, fillOpacity: {value: 1}}}},
            ]}]},
          {type: 'rule', encode: {update: {x: {value: 0}, x2: {signal: 'width'}, y: {scale: 'y', value: 0}, stroke: {signal: 'muted'}, strokeWidth: {value: 0.6}}}},
          {type: 'text', encode: {update: {x: {value: 4}, y: {value: -2}, baseline: {value: 'bottom'}, text: {signal: 'title'}, fill: {signal: 'ink'}, fontSize: {value: 11}}}},
        ]},
      {type: 'group', name: 'site_marks', clip: true, encode: {update: {y: {value: sitesTop}, width: {signal: 'width'}, height: {value: 20}}},
        marks: [{type: 'symbol', from: {data: 'sites_shown'}, encode: {update: {
          x: {signal: "scale('x', (datum.start + datum.end) / 2)"}, y: {value: 9}, size: {value: 60},
          shape: {signal: "datum.strand == '-' ? 'triangle-left' : datum.strand == '+' ? 'triangle-right' : 'diamond'"},
          fill: {scale: 'kind', field: 'kind'},
          tooltip: {signal: "{site: datum.name, kind: datum.kind, strand: datum.strand, from: format(datum.start, ',d'), to: format(datum.end, ',d')}"}}}}]},
      {type: 'group', name: 'gene_marks', clip: true, encode: {update: {y: {value: genesTop}, width: {signal: 'width'}, height: {value: Math.max(1, lanes) * laneHeight}}},
        marks: [
          {type: 'path', from: {data: 'genes_shown'}, encode: {update: {
            // An arrow: its point is where the gene ends.
            path: {signal: "datum.strand == '-' ? 'M' + datum.x1 + ',0L' + min(datum.x0 + 6, datum.x1) + ',0L' + datum.x0 + ',6.5L' + min(datum.x0 + 6, datum.x1) + ',13L' + datum.x1 + ',13Z' : 'M' + datum.x0 + ',0L' + max(datum.x1 - 6, datum.x0) + ',0L' + datum.x1 + ',6.5L' + max(datum.x1 - 6, datum.x0) + ',13L' + datum.x0 + ',13Z'"},
            y: {signal: `datum.lane * ${laneHeight} + 2`}, fill: {signal: 'faint'}, stroke: {signal: 'muted'}, strokeWidth: {value: 0.7},
            tooltip: {signal: "{gene: datum.name, strand: datum.strand, from: format(datum.start, ',d'), to: format(datum.end, ',d')}"}}}},
          {type: 'text', from: {data: 'genes_shown'}, encode: {update: {
            x: {signal: '(datum.x0 + datum.x1) / 2'}, y: {signal: `datum.lane * ${laneHeight} + 9`}, align: {value: 'center'}, baseline: {value: 'middle'},
            text: {field: 'name'}, fontSize: {value: 10}, fontStyle: {value: 'italic'}, fill: {signal: 'ink'},
            // No letter outside its arrow: too long is not written at all.
            opacity: {signal: 'datum.x1 - datum.x0 > 6.2 * length(datum.name) + 10 ? 1 : 0'}, limit: {signal: 'max(0, datum.x1 - datum.x0 - 8)'}}}},
        ]},
    ],
  };
}
