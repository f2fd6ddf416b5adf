// Cards of single numbers: the value, its interval on a scale, and what it is to be compared with.
import {useContext} from 'preact/hooks';
import type {KeyFigure, KeyFiguresBlock} from './document';
import {formatInterval, formatNumber, MISSING} from './format';
import {ChoicesContext} from './state';

/** The stretch of numbers that a card shows: all of value, interval and reference, with some air. */
export function gaugeRange(item: KeyFigure): [number, number] | null {
  if (item.value === null || (!item.interval && !item.reference)) return null;
  const points = [item.value, ...(item.interval ? [item.interval.low, item.interval.high] : []), ...(item.reference ? [item.reference.value] : [])];
  const low = Math.min(...points);
  const high = Math.max(...points);
  const air = 0.08 * (high - low || Math.abs(high) || 1);
  return [low - air, high + air];
}

/** Better or worse than the reference, or neither: the interval contains it. */
export function verdict(item: KeyFigure): 'better' | 'worse' | 'open' | null {
  const {value, reference, interval} = item;
  if (value === null || !reference || !item.better) return null;
  const low = interval?.low ?? value;
  const high = interval?.high ?? value;
  if (low <= reference.value && reference.value <= high) return 'open';
  return value > reference.value === (item.better === 'higher') ? 'better' : 'worse';
}

const VERDICTS = {better: 'better than', worse: 'worse than', open: 'not told apart from'};

function Gauge({item}: {item: KeyFigure}) {
  const range = gaugeRange(item);
  if (range === null || item.value === null) return null;
  const at = (x: number) => `${(100 * (x - range[0])) / (range[1] - range[0])}%`;
  return (
    <div class="gauge" aria-hidden="true">
      <i class="line" />
      {item.interval && <i class="whisker" style={{left: at(item.interval.low), right: `calc(100% - ${at(item.interval.high)})`}} />}
      {item.reference && <i class="tick" style={{left: at(item.reference.value)}} />}
      <i class="dot" style={{left: at(item.value)}} />
    </div>
  );
}

function Card({item}: {item: KeyFigure}) {
  const against = verdict(item);
  return (
    <li class="card key-figure">
      <h3>{item.name}{item.run !== undefined && <span class="of-run"> {item.run}</span>}</h3>
      <p class="big">
        {item.value === null ? MISSING : formatNumber(item.value, item.format)}
        {item.unit && item.value !== null && <span class="unit"> {item.unit}</span>}
      </p>
      <Gauge item={item} />
      {item.interval && (
        <p class="small" title={item.interval.method}>
          {formatNumber(100 * item.interval.level, '.3~g')} % interval <span class="figures">{formatInterval(item.interval.low, item.interval.high, item.format)}</span>
        </p>
      )}
      {item.reference && (
        <p class="small">
          {against && <span class={`verdict ${against}`}>{VERDICTS[against]} </span>}
          {item.reference.label} <span class="figures">{formatNumber(item.reference.value, item.format)}</span>
        </p>
      )}
      {item.note && <p class="small note">{item.note}</p>}
      {!item.reference && item.better && item.value !== null && <p class="small note">{item.better} is better</p>}
    </li>
  );
}

export function KeyFigures({block}: {block: KeyFiguresBlock}) {
  const {hidden} = useContext(ChoicesContext);
  const items = block.items.filter((item) => item.run === undefined || !hidden.has(item.run));
  return (
    <div class="full">
      {block.title && <h3 class="block-title">{block.title}</h3>}
      <ul class="key-figures">{items.map((item, i) => <Card key={i} item={item} />)}</ul>
    </div>
  );
}
