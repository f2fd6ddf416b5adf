// Buttons to zoom, and a bar that shows where in the whole the window lies.
import type {Pair, Zoom} from '../document';
import {formatNumber} from '../format';
import {keyMoves} from './gestures';

export function windowText(zoom: Zoom, [from, to]: Pair): string {
  const unit = zoom.unit ?? '';
  // Ends between two positions, as those of logos, are told by the positions inside.
  const place = `${formatNumber(Math.ceil(from), ',d')}–${formatNumber(Math.floor(to), ',d')}`;
  return `${zoom.prefix ? `${zoom.prefix}:` : ''}${place} (${formatNumber(Math.round(to - from), ',d')}${unit ? ` ${unit}` : ''})`;
}

export function ZoomTools({zoom, window, onMove}: {zoom: Zoom; window: Pair; onMove: (next: Pair) => void}) {
  const press = (key: string) => () => {
    const next = keyMoves(key, window, zoom);
    if (next !== null) onMove(next);
  };
  const whole = window[1] - window[0] >= zoom.extent[1] - zoom.extent[0];
  return (
    <>
      <button type="button" class="icon" aria-label="Zoom in" onClick={press('+')}>+</button>
      <button type="button" class="icon" aria-label="Zoom out" disabled={whole} onClick={press('-')}>−</button>
      <button type="button" disabled={whole} onClick={press('0')}>All</button>
    </>
  );
}

export function ZoomBar({zoom, window}: {zoom: Zoom; window: Pair}) {
  const whole = zoom.extent[1] - zoom.extent[0];
  const left = (100 * (window[0] - zoom.extent[0])) / whole;
  const width = (100 * (window[1] - window[0])) / whole;
  return (
    <div class="zoom-bar">
      <div class="zoom-track" aria-hidden="true">
        <div class="zoom-thumb" style={{left: `${left}%`, width: `max(3px, ${width}%)`}} />
      </div>
      <output class="zoom-place">{windowText(zoom, window)}</output>
    </div>
  );
}
