// Writes a report document with every kind of block, of made-up numbers: node make_example.mjs [--large] [--out FILE].
// --large is the size of a run on a bacterial genome: many outputs, long loci. The same arguments give the same bytes.
import {writeFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import * as figures from './example_figures.mjs';

function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const round = (x, digits = 4) => Number(x.toPrecision(digits));

/** Rows as objects to a named table of columns; strings that repeat become a dictionary. */
export function table(name, fields, rows) {
  const columns = fields.map(({name: field}) => {
    const values = rows.map((row) => row[field] ?? null);
    const levels = [...new Set(values)];
    if (values.length > 8 && levels.length < values.length / 2 && levels.every((v) => typeof v === 'string')) {
      return {dictionary: levels, codes: values.map((v) => levels.indexOf(v))};
    }
    return values;
  });
  return {name, fields, columns};
}
const RUN = {name: 'run', title: 'run', role: 'run'};
const SERIES = {name: 'series', title: 'series'};
const ORDER = {name: 'order', title: 'order'};

function trainingRows(runs, epochs) {
  const loss = [], metric = [], rate = [], time = [];
  runs.forEach((run, r) => {
    const rand = random(100 + r);
    for (let epoch = 1; epoch <= epochs; ++epoch) {
      const fit = Math.exp(-epoch / (3 + r));
      loss.push({run, series: 'training', epoch, value: round(0.22 + 0.45 * fit + 0.005 * rand(), 6), order: epoch});
      loss.push({run, series: 'validation', epoch, value: round(0.26 + 0.42 * fit + 0.012 * rand(), 6), order: epoch});
      metric.push({run, series: 'validation', epoch, value: round(0.96 - 0.3 * fit - 0.01 * r - 0.004 * rand(), 6), order: epoch});
      rate.push({run, series: 'rate', epoch, value: round(0.01 * Math.sin((Math.PI * (epoch - 0.5)) / epochs), 4), order: epoch});
      time.push({run, part: 'computing', epoch, value: round(2.1 + 0.2 * rand() + r, 3), order: 0});
      time.push({run, part: 'waiting for data', epoch, value: round(0.1 + 0.1 * rand(), 3), order: 1});
    }
  });
  return {loss, metric, rate, time};
}

function training(runs, epochs) {
  const {loss, metric, rate, time} = trainingRows(runs, epochs);
  const epoch = {field: 'epoch', title: 'epoch', axis: {values: {expr: "sequence(ceil(domain('x')[0]), floor(domain('x')[1]) + 1, max(1, ceil((domain('x')[1] - domain('x')[0]) * 45 / width)))"}, format: 'd'}, format: 'd'};
  const fields = [RUN, SERIES, {name: 'epoch', title: 'epoch'}, {name: 'value', title: 'value'}, ORDER];
  const line = (id, title, caption, y, rows, series) => ({
    type: 'figure', id, title, caption, kind: 'curve', size: 'half', engine: 'vega-lite',
    spec: figures.curve({table: 'curve', x: epoch, y: {field: 'value', title: y}, runs, series, points: true}),
    data: [table('curve', fields, rows)],
  });
  const times = {
    type: 'figure', id: 'time', title: 'Time per epoch', kind: 'bars', size: 'half', engine: 'vega-lite',
    caption: 'Each bar is an epoch: the upper part is time in which the model waited for data.',
    spec: figures.lite(240, {
      data: {name: 'time'}, mark: {type: 'bar', width: {band: 0.8}},
      encoding: {
        x: {field: 'epoch', type: 'ordinal', title: 'epoch', axis: {labelAngle: 0, labelOverlap: true, grid: false}},
        ...(runs.length > 1 ? {xOffset: {field: 'run', scale: {domain: runs}}} : {}),
        y: {field: 'value', type: 'quantitative', title: 'time (s)', stack: 'zero'},
        color: {field: 'part', type: 'nominal', scale: {domain: ['computing', 'waiting for data']}, title: null},
        order: {field: 'order'},
        tooltip: [{field: 'run', title: 'run'}, {field: 'epoch', title: 'epoch'}, {field: 'part', title: 'part'}, {field: 'value', title: 'seconds', format: '.2f'}],
      },
    }),
    data: [table('time', [RUN, {name: 'epoch', title: 'epoch'}, {name: 'part', title: 'part'}, {name: 'value', title: 'time', unit: 's'}, ORDER], time)],
  };
  return {
    id: 'training', title: 'Training', lead: `${epochs} epochs; the weights of the best epoch on the validation set were kept.`,
    blocks: [
      line('loss', 'Loss', 'The lower the better; validation rising while training falls means that the model learns by heart.', 'loss (nats per label)', loss, ['training', 'validation']),
      line('auroc_epochs', 'AUROC on the validation set', 'One point per epoch; the highest was kept.', 'AUROC', metric, ['validation']),
      line('rate', 'Learning rate', 'Step size of the optimiser at the end of each epoch.', 'learning rate', rate, ['rate']),
      times,
    ],
  };
}

function rocRows(runs, outputs, strength) {
  const roc = [], pr = [];
  runs.forEach((run, r) => outputs.forEach((series, o) => {
    const power = strength - 0.6 * r - 0.8 * o;
    for (let i = 0; i <= 60; ++i) {
      const x = (i / 60) ** 2;
      const y = 1 - (1 - x) ** power;
      roc.push({run, series, fpr: round(x), tpr: round(y), order: i});
      pr.push({run, series, recall: round(y), precision: round((0.4 * y) / (0.4 * y + 0.6 * x + 1e-9)), order: i});
    }
  }));
  return {roc, pr};
}

function performance(runs, outputs) {
  const {roc, pr} = rocRows(runs, outputs, 9);
  const unit = {scale: {domain: [0, 1]}};
  const diagonal = table('reference', [{name: 'fpr'}, {name: 'tpr'}], [{fpr: 0, tpr: 0}, {fpr: 1, tpr: 1}]);
  const calibration = [], density = [];
  runs.forEach((run, r) => {
    for (let i = 0; i < 10; ++i) {
      const p = (i + 0.5) / 10;
      const y = Math.min(1, Math.max(0, p + 0.05 * Math.sin(6 * p + r)));
      calibration.push({run, series: 'observed', predicted: round(p), observed: round(y), low: round(Math.max(0, y - 0.04)), high: round(Math.min(1, y + 0.04)), count: 80 + 17 * i, order: i});
    }
  });
  for (let i = 0; i < 30; ++i) {
    for (let j = 0; j < 30; ++j) {
      const count = Math.round(900 * Math.exp(-((i - j) ** 2) / 14 - i / 6));
      if (count > 0) density.push({x: i / 5, x2: (i + 1) / 5, y: j / 5, y2: (j + 1) / 5, count});
    }
  }
  const forest = [];
  const rand = random(5);
  runs.forEach((run, r) => outputs.forEach((name, o) => {
    const value = 0.96 - 0.02 * o - 0.015 * r;
    forest.push({run, name, value: round(value), low: round(value - 0.008 - 0.004 * rand()), high: round(value + 0.008 + 0.003 * rand())});
  }));
  const curveFields = (x, y) => [RUN, SERIES, {name: x, title: x}, {name: y, title: y}, ORDER];
  return {
    id: 'performance', title: 'Performance', lead: 'On sequences that were neither trained on nor looked at to choose the epoch.',
    blocks: [
      {
        type: 'key_figures',
        items: [
          {name: 'AUROC', value: 0.9513, format: '.3f', interval: {low: 0.9402, high: 0.9611, level: 0.95, method: '200 bootstrap samples of examples'}, reference: {label: 'chance', value: 0.5}, better: 'higher', note: 'mean of three outputs'},
          {name: 'Average precision', value: 0.9127, format: '.3f', interval: {low: 0.894, high: 0.9301, level: 0.95}, reference: {label: 'share of positives', value: 0.4}, better: 'higher'},
          {name: 'Log loss', value: 0.2514, format: '.3f', unit: 'nats', interval: {low: 0.2301, high: 0.2744, level: 0.95}, reference: {label: 'constant', value: 0.673}, better: 'lower'},
          {name: 'Matched within 5 bases', value: null, format: '.3f', better: 'higher', note: 'No label of the test set is a single base.'},
        ],
      },
      {type: 'figure', id: 'roc', title: 'Receiver operating characteristic', kind: 'curve', size: 'half', engine: 'vega-lite',
        caption: 'The further above the dashed diagonal, the better positives and negatives are told apart.',
        summary: 'All curves rise steeply; the first output is best.',
        spec: figures.curve({table: 'curve', x: {field: 'fpr', title: 'false positive rate'}, y: {field: 'tpr', title: 'true positive rate'}, runs, series: outputs, height: 300, diagonal: true, xScale: unit.scale, yScale: unit.scale}),
        data: [table('curve', curveFields('fpr', 'tpr'), roc), diagonal]},
      {type: 'figure', id: 'precision_recall', title: 'Precision and recall', kind: 'curve', size: 'half', engine: 'vega-lite',
        caption: 'Precision is the share of calls that are right, recall the share of positives that are called; a perfect model reaches the upper right corner.',
        spec: figures.curve({table: 'curve', x: {field: 'recall', title: 'recall'}, y: {field: 'precision', title: 'precision'}, runs, series: outputs, height: 300, xScale: unit.scale, yScale: unit.scale}),
        data: [table('curve', curveFields('recall', 'precision'), pr)]},
      {type: 'figure', id: 'calibration', title: 'Calibration', kind: 'curve', size: 'half', engine: 'vega-lite',
        caption: 'On the dashed line, what is called 70 % likely happens in 70 % of cases; below it the model is too sure.',
        spec: figures.curve({table: 'curve', x: {field: 'predicted', title: 'predicted probability'}, y: {field: 'observed', title: 'observed share'}, runs, series: ['observed'], height: 300, points: true, diagonal: true, xScale: unit.scale, yScale: unit.scale}),
        data: [
          table('curve', [RUN, SERIES, {name: 'predicted', title: 'predicted'}, {name: 'observed', title: 'observed'}, {name: 'low'}, {name: 'high'}, {name: 'count', title: 'examples'}, ORDER], calibration),
          table('reference', [{name: 'predicted'}, {name: 'observed'}], [{predicted: 0, observed: 0}, {predicted: 1, observed: 1}]),
        ]},
      {type: 'figure', id: 'predicted_observed', title: 'Predicted against observed', kind: 'density', size: 'half', engine: 'vega-lite',
        caption: 'Each square counts bases; on the dashed diagonal, predictions equal observations.',
        spec: figures.density({table: 'cells', x: 'observed (log coverage)', y: 'predicted (log coverage)'}),
        data: [table('cells', ['x', 'x2', 'y', 'y2', 'count'].map((name) => ({name, title: name})), density),
          table('reference', [{name: 'x'}, {name: 'y'}], [{x: 0, y: 0}, {x: 6, y: 6}])]},
      {type: 'figure', id: 'per_output', title: 'AUROC by output', kind: 'intervals', size: 'full', engine: 'vega-lite',
        caption: 'Dots are values, lines are 95 % intervals, the dark tick is the published value.',
        spec: figures.intervals({table: 'values', title: 'AUROC', names: outputs.length, runs}),
        data: [table('values', [RUN, {name: 'name', title: 'output'}, {name: 'value', title: 'AUROC'}, {name: 'low', title: 'from'}, {name: 'high', title: 'to'}], forest),
          table('references', [{name: 'name'}, {name: 'label'}, {name: 'value'}], [{name: outputs[0], label: 'published', value: 0.931}])]},
    ],
  };
}

function outputTable(runs, count) {
  const rand = random(11);
  const families = ['zinc finger', 'homeodomain', 'basic helix-loop-helix', 'nuclear receptor', 'forkhead'];
  const rows = [];
  for (const run of runs) {
    for (let i = 0; i < count; ++i) {
      const auroc = round(0.7 + 0.29 * rand());
      rows.push([run, `TF_${String(i + 1).padStart(3, '0')}`, families[Math.floor(rand() * families.length)], [auroc, round(auroc - 0.02), round(auroc + 0.01)],
        i % 37 === 5 ? null : round(0.2 + 0.7 * rand()), round(0.4 * rand()), Math.round(4000 * rand()), rand() > 0.4]);
    }
  }
  return {
    type: 'table', id: 'outputs', title: 'All outputs', caption: 'Click a heading to sort; the filter looks at every column.',
    columns: [
      ...(runs.length > 1 ? [{name: 'run', title: 'Run', type: 'text', role: 'run'}] : [{name: 'run', title: 'Run', type: 'text', role: 'run'}]),
      {name: 'output', title: 'Output', type: 'text'},
      {name: 'family', title: 'Family', type: 'text'},
      {name: 'auroc', title: 'AUROC', type: 'interval', format: '.3f', range: [0.5, 1], help: 'Area under the ROC curve with its 95 % bootstrap interval.'},
      {name: 'average_precision', title: 'Average precision', type: 'bar', format: '.3f', range: [0, 1]},
      {name: 'share', title: 'Positives', type: 'number', format: '.1%'},
      {name: 'examples', title: 'Examples', type: 'number', format: ',d'},
      {name: 'known', title: 'Motif known', type: 'boolean'},
    ],
    rows, sort: {column: 'auroc', descending: true},
  };
}

function layers() {
  return {
    id: 'model', title: 'Model', lead: 'Layers in the order in which a sequence passes them.',
    blocks: [{
      type: 'table', id: 'layers', title: 'Layers', caption: 'Context is the number of input bases that one position of the output depends on.',
      columns: [
        {name: 'name', title: 'Layer', type: 'text'}, {name: 'type', title: 'Type', type: 'text'}, {name: 'shape', title: 'Output', type: 'text', help: 'channels x positions'},
        {name: 'parameters', title: 'Parameters', type: 'number', format: ',d'}, {name: 'work', title: 'Multiply-adds', type: 'number', format: '.3~s'},
        {name: 'context', title: 'Context', type: 'number', format: ',d', unit: 'bp'},
      ],
      rows: [
        ['motifs', 'conv', '24 × 200', 1464, 288000, 15], ['activation', 'relu', '24 × 200', 0, 0, 15], ['pool', 'max 4', '24 × 50', 0, 0, 18],
        ['pairs', 'conv', '32 × 50', 5408, 268800, 42], ['activation', 'relu', '32 × 50', 0, 0, 42], ['pool', 'max, global', '32', 0, 0, 200],
        ['dropout', 'dropout 0.2', '32', 0, 0, 200], ['logits', 'dense', '3', 99, 96, 200],
      ],
    }],
  };
}

function pyramid(values, start, base) {
  const lines = [];
  for (let bin = 1; values.length / bin >= 50; bin *= 4) {
    const mean = [], high = [];
    for (let i = 0; i < values.length; i += bin) {
      const part = values.slice(i, i + bin);
      mean.push(Number((part.reduce((a, b) => a + b, 0) / part.length).toFixed(3)));
      if (bin > 1) high.push(Number(part.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0).toFixed(3)));
    }
    lines.push({...base, start, bin, mean, high});
  }
  return lines;
}

function locus(id, index, runs, length) {
  const rand = random(900 + index);
  const start = 366_000 + 137_000 * index;
  const sites = [];
  for (let i = 0; i < length / 700; ++i) {
    const at = Math.floor(rand() * length);
    sites.push({start: start + at, end: start + at + 1, strand: rand() > 0.5 ? '+' : '-', name: `TSS_${i + 1}`, kind: rand() > 0.2 ? 'annotated start' : 'called start'});
  }
  const genes = [];
  for (let at = 0, i = 0; at < length; ++i) {
    const size = 300 + Math.floor(rand() * 1500);
    genes.push({start: start + at, end: Math.min(start + at + size, start + length), strand: rand() > 0.5 ? '+' : '-', name: ['lacZ', 'lacY', 'thrA', 'yaaX', 'mokC', 'dnaK'][i % 6], lane: 0});
    at += size + Math.floor(rand() * 160) - 10;
  }
  const rows = [], signals = [];
  const addRow = (run, role, title, noise) => {
    const row = rows.length;
    let low = 0, high = 0;
    for (const strand of ['+', '-']) {
      const values = new Array(length).fill(0).map(() => 0.02 * rand());
      for (const site of sites.filter((s) => s.strand === strand)) {
        for (let d = -30; d <= 30; ++d) {
          const p = site.start - start + d;
          if (p >= 0 && p < length) values[p] += Math.exp(-(d * d) / noise) * (0.4 + 0.5 * rand());
        }
      }
      const signed = values.map((v) => (strand === '-' ? -v : v));
      low = Math.min(low, ...signed);
      high = Math.max(high, ...signed);
      signals.push(...pyramid(signed, start, {run, row, role, strand}));
    }
    rows.push({run, row, title, low: round(low, 3), high: round(high, 3)});
  };
  runs.forEach((run) => addRow(run, 'predicted', runs.length > 1 ? `predicted by ${run} (probability)` : 'predicted (probability)', 40));
  addRow(runs[0], 'observed', 'observed (reads per base)', 3);
  const fields = (names) => names.map((name) => ({name, title: name, ...(name === 'run' ? {role: 'run'} : {})}));
  return {
    type: 'figure', id, title: `Locus ${index + 1}: NC_000913.3:${start.toLocaleString('en')}-${(start + length).toLocaleString('en')}`, kind: 'tracks', size: 'full', engine: 'vega',
    caption: 'Bars above the line belong to the forward strand, below it to the reverse strand; the light part reaches to the largest value of each bin. Arrows are genes.',
    spec: figures.tracks({start, end: start + length, prefix: 'NC_000913.3', rows: rows.length, lanes: 1, kinds: ['annotated start', 'called start'], roles: ['predicted', 'observed'], coarsest: Math.max(...signals.map((s) => s.bin))}),
    zoom: {signal: 'view', extent: [start, start + length], smallest: 50, prefix: 'NC_000913.3', unit: 'bp'},
    data: [
      table('rows', fields(['row', 'title', 'low', 'high']), rows),
      table('signals', fields(['run', 'row', 'role', 'strand', 'start', 'bin', 'mean', 'high']), signals),
      table('genes', fields(['start', 'end', 'strand', 'name', 'lane']), genes),
      table('sites', fields(['start', 'end', 'strand', 'name', 'kind']), sites),
    ],
  };
}

const MOTIF = 'TTGACANNTATAAT';
function motif(kind) {
  const rand = random(31);
  const rows = [];
  [...MOTIF].forEach((letter, i) => {
    const weights = [...'ACGT'].map((l) => (l === letter ? 8 + 4 * rand() : 0.4 + rand()));
    const sum = weights.reduce((a, b) => a + b);
    const p = weights.map((w) => w / sum);
    const information = 2 + p.reduce((a, q) => a + q * Math.log2(q), 0);
    p.forEach((q, l) => rows.push({position: i + 1, letter: 'ACGT'[l], height: round(kind === 'information' ? q * information : q, 5)}));
  });
  return rows;
}

function logos() {
  const fields = [{name: 'position', title: 'position'}, {name: 'letter', title: 'letter'}, {name: 'height', title: 'height'}];
  const figure = (id, title, caption, y, rows, low, high, extra = {}) => ({
    type: 'figure', id, title, caption, kind: 'logo', size: 'half', engine: 'vega',
    spec: figures.logo({y, first: 1, last: MOTIF.length, low, high}), data: [table('letters', fields, rows)], ...extra,
  });
  const rand = random(77);
  const sequence = Array.from({length: 200}, () => 'ACGT'[Math.floor(rand() * 4)]);
  const attribution = sequence.map((letter, i) => ({position: i + 1, letter, height: round((rand() - 0.45) * 0.1 + (i > 80 && i < 94 ? 0.8 * Math.exp(-((i - 87) ** 2) / 20) : 0) - (i > 140 && i < 147 ? 0.35 : 0), 4)}));
  const low = Math.min(...attribution.map((r) => r.height)), high = Math.max(...attribution.map((r) => r.height));
  const mutations = [];
  for (let i = 60; i < 130; ++i) [...'ACGT'].forEach((y) => mutations.push({x: i + 1, y, z: sequence[i] === y ? 0 : round(-attribution[i].height * (0.7 + 0.6 * rand()), 4)}));
  const heads = [];
  for (let h = 1; h <= 6; ++h) for (let i = 1; i <= 60; ++i) heads.push({x: i, y: `head ${h}`, z: round(Math.exp(-((i - 8 * h) ** 2) / (10 + 6 * h)), 3)});
  const cells = [{name: 'x', title: 'position'}, {name: 'y', title: 'row'}, {name: 'z', title: 'value'}];
  return {
    id: 'sequence', title: 'What the model reads', lead: 'Motifs of the first layer, and which bases one prediction rests on.',
    blocks: [
      figure('motif_information', 'Filter 7, information content', 'The taller a stack, the more one base is preferred there; the taller a letter, the more often it occurs.', 'information (bits)', motif('information'), 0, 2),
      figure('motif_probability', 'Filter 7, base frequencies', 'Each stack adds up to one; a tall letter is a frequent base.', 'probability', motif('probability'), 0, 1),
      figure('attribution', 'Attribution along one sequence', 'Bases above the line raise the prediction, bases below it lower it; height is by how much.', 'attribution', attribution, round(low, 3), round(high, 3), {
        size: 'full', zoom: {signal: 'view', extent: [0.5, 200.5], smallest: 12, unit: 'bp'},
        spec: figures.logo({y: 'attribution (log odds)', first: 1, last: 200, low: Math.floor(low * 10) / 10, high: Math.ceil(high * 10) / 10, height: 150})}),
      {type: 'figure', id: 'mutagenesis', title: 'Mutagenesis in silico', kind: 'heatmap', size: 'full', engine: 'vega-lite',
        caption: 'What the prediction would change by if the base at this position were the one of the row; the base that is there has no change.',
        spec: figures.heatmap({table: 'cells', x: 'position', y: 'base', z: 'change (log odds)', diverging: [-0.9, 0.9]}), data: [table('cells', cells, mutations)]},
      {type: 'figure', id: 'attention', title: 'Attention', kind: 'heatmap', size: 'full', engine: 'vega-lite',
        caption: 'How much each head of the last layer looks at each position.',
        spec: figures.heatmap({table: 'cells', x: 'position', y: 'head', z: 'weight'}), data: [table('cells', cells, heads)]},
    ],
  };
}

function data() {
  return {
    id: 'data', title: 'Data', lead: 'What was trained on what.',
    blocks: [
      {type: 'facts', title: 'Data card', items: [
        {name: 'Source', value: 'simulation: 8,000 sequences of 200 bases'}, {name: 'Licence', value: 'CC0-1.0'},
        {name: 'Split', value: 'by fraction: 80 % training, 10 % validation, 10 % test'}, {name: 'Sequences', value: 8000, format: ',d'},
        {name: 'Leak check', value: 'no sequence twice', note: 'exact duplicates and reverse complements'}, {name: 'SHA-256', value: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'},
      ]},
      {type: 'figure', id: 'balance', title: 'Class balance', kind: 'bars', size: 'half', engine: 'vega-lite',
        caption: 'Positives and negatives of each set, all outputs together.',
        spec: figures.bars({table: 'counts', value: 'labels', parts: ['positive', 'negative']}),
        data: [table('counts', [{name: 'name', title: 'set'}, {name: 'part', title: 'class'}, {name: 'value', title: 'labels'}, ORDER],
          [['training', 7680, 11520], ['validation', 958, 1442], ['test', 966, 1434]].flatMap(([name, p, n]) => [{name, part: 'positive', value: p, order: 0}, {name, part: 'negative', value: n, order: 1}]))]},
      {type: 'text', tone: 'note', text: 'Two percent of the labels are wrong on purpose, so no model can be perfect.\n\nThe simulation is a pure function of its seed.'},
    ],
  };
}

export function example({large = false, runs = large ? ['wide network'] : ['small network', 'wide network']} = {}) {
  const outputs = ['GATA1', 'CTCF', 'NRF1'];
  const loci = large ? 6 : 2;
  return {
    format: 'basewise-report', version: 1, title: large ? 'Transcription start sites of Escherichia coli' : 'Which of three factors bind here?',
    subtitle: 'An example of every block; all numbers are made up.', created: '2026-11-21T12:00:00Z', program: {name: 'basewise', version: '0.1.0'},
    facts: [
      {name: 'Data', value: '8,000 simulated sequences'}, {name: 'Model', value: 'convolutional'}, {name: 'Parameters', value: 6971, format: ',d'},
      {name: 'Training', value: 42.7, format: '.1f', unit: 's'}, {name: 'Device', value: 'CPU, 2 threads'},
    ],
    runs: runs.map((name, i) => ({id: name, name, facts: [{name: 'seed', value: i + 1}, {name: 'epochs', value: 12}]})),
    sections: [
      data(), performance(runs, outputs), {id: 'all_outputs', title: 'Outputs', blocks: [outputTable(runs, large ? 919 : 24)]}, training(runs, large ? 30 : 12),
      {id: 'tracks', title: 'Along the genome', lead: 'Predicted and observed signal, both strands.', blocks: Array.from({length: loci}, (_, i) => locus(`locus_${i + 1}`, i, runs, large ? 10_000 : 1_600))},
      logos(), layers(),
      {id: 'record', title: 'Record', blocks: [
        {type: 'facts', title: 'Made by', items: [{name: 'Command', value: 'basewise train demo --out runs/demo'}, {name: 'Seed', value: 1}, {name: 'libtorch', value: '2.9.1'}]},
        {type: 'listing', title: 'config.toml', text: 'name = "demo"\nseed = 1\n\n[train]\nepochs = 12\n'},
      ]},
    ],
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const out = process.argv.includes('--out') ? process.argv[process.argv.indexOf('--out') + 1] : new URL('example.report.json', import.meta.url);
  writeFileSync(out, JSON.stringify(example({large: process.argv.includes('--large')})) + '\n');
}
