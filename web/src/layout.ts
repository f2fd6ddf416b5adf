// How blocks stand in the grid: figures of one height share rows without holes, and a caption that all of them have is said once.
import type {Block, FigureBlock} from './document';

export type Size = 'full' | 'half' | 'third';
export interface Placed {
  block: Block;
  size: Size;
  /** Of a figure: its caption stands above the group already. Of a text: it is that caption. */
  quiet: boolean;
  /** Blocks of one group share rows. */
  group: number;
}

/** Sizes of n figures in a row after row: two or three beside each other, never a hole. */
export function rowSizes(n: number): Size[] {
  if (n === 1) return ['full'];
  if (n === 2 || n === 4) return Array<Size>(n).fill('half');
  const halves = [0, 4, 2][n % 3] ?? 0;
  return Array.from({length: n}, (_, i) => (i < n - halves ? 'third' : 'half'));
}

/** Figures of one group have plots of the same height. */
function heightClass(figure: FigureBlock): string {
  const {height} = figure.spec;
  return typeof height === 'number' ? String(height) : `rows ${figure.kind}`;
}

function shareable(block: Block): block is FigureBlock {
  return block.type === 'figure' && (block.size ?? 'half') !== 'full';
}

const REPEATED = 3;
export const ZOOM_HINT = 'Drag to move; pinch, Ctrl + wheel or + and − to zoom.';

export function arrange(blocks: Block[]): Placed[] {
  return sayOnce(placeFigures(blocks));
}

/** Where three or more figures follow each other with one caption, it stands above the first; no row is broken for that. */
function sayOnce(placed: Placed[]): Placed[] {
  const result: Placed[] = [];
  for (let i = 0; i < placed.length; ) {
    const first = placed[i];
    if (first === undefined) break;
    const same: Placed[] = [];
    for (let next: Placed | undefined = first; next !== undefined && captionOf(next) === captionOf(first); next = placed[++i]) same.push(next);
    const whole = placed[i]?.group !== same.at(-1)?.group && placed[i - same.length - 1]?.group !== first.group;
    const caption = captionOf(first);
    if (caption === null || same.length < REPEATED || !whole) {
      result.push(...same);
      continue;
    }
    const zoomable = first.block.type === 'figure' && first.block.zoom !== undefined;
    result.push({block: {type: 'text', text: zoomable ? `${caption} ${ZOOM_HINT}` : caption, tone: 'plain'}, size: 'full', quiet: true, group: first.group});
    result.push(...same.map((p) => ({...p, quiet: true})));
  }
  return result;
}

/** Null for what is no figure, never equal to a neighbour's. */
function captionOf(placed: Placed): string | null {
  return placed.block.type === 'figure' ? placed.block.caption : null;
}

function placeFigures(blocks: Block[]): Placed[] {
  const placed: Placed[] = [];
  for (let i = 0; i < blocks.length; ) {
    const block = blocks[i];
    if (block === undefined) break;
    if (!shareable(block)) {
      placed.push({block, size: 'full', quiet: false, group: i});
      ++i;
      continue;
    }
    const group: FigureBlock[] = [];
    const begin = i;
    for (let next: Block | undefined = block; next !== undefined && shareable(next) && heightClass(next) === heightClass(block); next = blocks[i]) {
      group.push(next);
      ++i;
    }
    const sizes = rowSizes(group.length);
    group.forEach((figure, k) => placed.push({block: figure, size: sizes[k] ?? 'half', quiet: false, group: begin}));
  }
  return placed;
}
