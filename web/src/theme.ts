// Light or dark, the letter palette, and what figures take from them (basewise/report/figure_theme.json, which the figure files use too).
import themes from '../../basewise/report/figure_theme.json';

export type ThemeChoice = 'auto' | 'light' | 'dark';
export type Theme = 'light' | 'dark';
export type Palette = 'standard' | 'safe';

const darkQuery = window.matchMedia('(prefers-color-scheme: dark)');

export function resolveTheme(choice: ThemeChoice): Theme {
  return choice === 'auto' ? (darkQuery.matches ? 'dark' : 'light') : choice;
}
export function onSystemTheme(changed: () => void): () => void {
  darkQuery.addEventListener('change', changed);
  return () => darkQuery.removeEventListener('change', changed);
}

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif";

type Config = Record<string, unknown> & Record<'axis' | 'axisX' | 'legend' | 'text' | 'title', Record<string, unknown>>;

/** `longest` is the number of characters of the longest name in a legend: names stand in as many columns as have room for them. */
export function figureConfig(theme: Theme, width: number, longest: number): Record<string, unknown> {
  const config = structuredClone(themes[theme].config) as unknown as Config;
  // Vega-Lite takes `font`, Vega each of the others.
  config.font = FONT;
  Object.assign(config.axis, {labelFont: FONT, titleFont: FONT});
  Object.assign(config.legend, {labelFont: FONT, titleFont: FONT});
  Object.assign(config.text, {font: FONT});
  config.axisX = {...config.axisX, tickCount: Math.max(3, Math.min(12, Math.floor(width / 75)))};
  config.legend.columns = Math.max(1, Math.min(6, Math.floor((width - 50) / (7 * longest + 40))));
  config.legend.labelLimit = width - 80;
  return config;
}

/** Values of the signals that a specification may declare. */
export function figureSignals(theme: Theme, palette: Palette): Record<string, unknown> {
  const signals: Record<string, unknown> = {...themes[theme].signals};
  if (palette === 'safe') signals.letter_colors = themes[theme].letter_colors_safe;
  return signals;
}

export function runColors(theme: Theme): string[] {
  return themes[theme].config.range.category;
}

/** Remembered between visits where the browser allows it (it need not, for a file). */
export function recall<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
  try {
    const value = window.localStorage.getItem(`basewise.${key}`);
    return allowed.find((a) => a === value) ?? fallback;
  } catch {
    return fallback;
  }
}
export function remember(key: string, value: string): void {
  try {
    window.localStorage.setItem(`basewise.${key}`, value);
  } catch {
    // Nothing is lost but the choice.
  }
}
