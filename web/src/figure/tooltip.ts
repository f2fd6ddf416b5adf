// One tooltip for all figures. Values come from files: they are only ever set as text.
import type {TooltipHandler} from './render';

let box: HTMLDivElement | null = null;

function element(): HTMLDivElement {
  if (box === null) {
    box = document.createElement('div');
    box.className = 'tooltip';
    box.setAttribute('aria-hidden', 'true');
    document.body.append(box);
  }
  return box;
}

function fill(target: HTMLElement, value: unknown): void {
  target.replaceChildren();
  if (typeof value !== 'object' || value === null) {
    target.textContent = String(value);
    return;
  }
  for (const [name, text] of Object.entries(value)) {
    const key = document.createElement('span');
    key.textContent = name;
    const content = document.createElement('b');
    content.textContent = String(text);
    target.append(key, content);
  }
}

export function hideTooltip(): void {
  if (box !== null) box.style.display = 'none';
}

export const showTooltip: TooltipHandler = (_handler, event, _item, value) => {
  if (value === null || value === undefined || value === '') {
    hideTooltip();
    return;
  }
  const target = element();
  fill(target, value);
  target.style.display = 'grid';
  const gap = 14;
  const {width, height} = target.getBoundingClientRect();
  const right = event.clientX + gap + width < document.documentElement.clientWidth;
  const below = event.clientY + gap + height < window.innerHeight;
  target.style.left = `${Math.max(4, right ? event.clientX + gap : event.clientX - gap - width)}px`;
  target.style.top = `${Math.max(4, below ? event.clientY + gap : event.clientY - gap - height)}px`;
};
