// Figures and tables as files, made in the page.
import type {View} from './vega';

export function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function saveText(name: string, text: string, type = 'text/tab-separated-values'): void {
  save(name, new Blob([text], {type: `${type};charset=utf-8`}));
}

export async function saveSvg(name: string, view: View): Promise<void> {
  saveText(`${name}.svg`, await view.toSVG(), 'image/svg+xml');
}

/** Three pixels per point: enough for print at column width. */
export async function savePng(name: string, view: View): Promise<void> {
  const canvas = await view.toCanvas(3);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
  if (blob === null) throw new Error('the browser could not make a picture of this size');
  save(`${name}.png`, blob);
}
