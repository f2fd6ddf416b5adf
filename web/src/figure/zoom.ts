// Arithmetic of zooming: a window [from, to] inside an extent.
import type {Pair} from '../document';

export function clampWindow([from, to]: Pair, extent: Pair, smallest: number): Pair {
  const whole = extent[1] - extent[0];
  const span = Math.min(whole, Math.max(Math.min(smallest, whole), to - from));
  const middle = (from + to) / 2;
  const start = Math.min(Math.max(extent[0], middle - span / 2), extent[1] - span);
  return [start, start + span];
}

/** `factor` below one zooms in; the point at `at` (0: left edge, 1: right edge) stays where it is. */
export function zoomWindow([from, to]: Pair, factor: number, at: number, extent: Pair, smallest: number): Pair {
  const whole = extent[1] - extent[0];
  const span = Math.min(whole, Math.max(Math.min(smallest, whole), (to - from) * factor));
  const fixed = from + at * (to - from);
  const start = Math.min(Math.max(extent[0], fixed - at * span), extent[1] - span);
  return [start, start + span];
}

/** By a share of what is shown: 0.1 goes a tenth of it to the right. */
export function panWindow([from, to]: Pair, share: number, extent: Pair): Pair {
  const span = to - from;
  const start = Math.min(Math.max(extent[0], from + share * span), extent[1] - span);
  return [start, start + span];
}
