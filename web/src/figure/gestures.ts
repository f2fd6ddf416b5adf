// Mouse, touch and keys that move the window of a figure with a horizontal axis to zoom.
import type {Pair, Zoom} from '../document';
import {panWindow, zoomWindow} from './zoom';

export interface ZoomTarget {
  zoom: Zoom;
  get(): Pair;
  set(window: Pair): void;
  /** Left and right edge of the plot on the screen. */
  edges(): Pair;
}

const STEP = 1.5;

export function keyMoves(key: string, current: Pair, zoom: Zoom): Pair | null {
  const {extent, smallest} = zoom;
  switch (key) {
    case 'ArrowLeft':
      return panWindow(current, -0.1, extent);
    case 'ArrowRight':
      return panWindow(current, 0.1, extent);
    case 'PageUp':
      return panWindow(current, -0.9, extent);
    case 'PageDown':
      return panWindow(current, 0.9, extent);
    case '+':
    case '=':
      return zoomWindow(current, 1 / STEP, 0.5, extent, smallest);
    case '-':
      return zoomWindow(current, STEP, 0.5, extent, smallest);
    case '0':
    case 'Home':
      return [...extent];
    default:
      return null;
  }
}

/** Returns what takes the listeners off again. */
export function listen(element: HTMLElement, target: ZoomTarget): () => void {
  const pointers = new Map<number, number>();
  const off = new AbortController();
  const options = {signal: off.signal};
  const share = (x: number) => {
    const [left, right] = target.edges();
    return Math.min(1, Math.max(0, (x - left) / Math.max(1, right - left)));
  };
  const zoomBy = (factor: number, at: number) => target.set(zoomWindow(target.get(), factor, at, target.zoom.extent, target.zoom.smallest));
  const panBy = (pixels: number) => {
    const [left, right] = target.edges();
    target.set(panWindow(target.get(), -pixels / Math.max(1, right - left), target.zoom.extent));
  };

  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    pointers.set(event.pointerId, event.clientX);
  }, options);
  element.addEventListener('pointermove', (event) => {
    const before = pointers.get(event.pointerId);
    if (before === undefined) return;
    if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event.clientX);
    const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, x]) => x);
    if (other === undefined) {
      panBy(event.clientX - before);
    } else {
      // Two fingers: their distance is the zoom, their middle stays.
      const was = Math.max(8, Math.abs(before - other));
      const is = Math.max(8, Math.abs(event.clientX - other));
      zoomBy(was / is, share((event.clientX + other) / 2));
      panBy((event.clientX - before) / 2);
    }
  }, options);
  const up = (event: PointerEvent) => pointers.delete(event.pointerId);
  element.addEventListener('pointerup', up, options);
  element.addEventListener('pointercancel', up, options);

  element.addEventListener('dblclick', (event) => zoomBy(event.shiftKey ? STEP * STEP : 1 / (STEP * STEP), share(event.clientX)), options);
  // A bare wheel scrolls the page; with Ctrl (as a pinch on a touchpad reports itself), or once the figure has the focus, it zooms.
  element.addEventListener('wheel', (event) => {
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      panBy(-event.deltaX);
    } else if (event.ctrlKey || event.metaKey || document.activeElement === element) {
      event.preventDefault();
      zoomBy(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.006), share(event.clientX));
    }
  }, {...options, passive: false});
  element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = keyMoves(event.key, target.get(), target.zoom);
    if (next === null) return;
    event.preventDefault();
    target.set(next);
  }, options);
  return () => off.abort();
}
