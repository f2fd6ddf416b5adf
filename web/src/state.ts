// What the reader has chosen, handed down to every block.
import {createContext} from 'preact';
import type {Palette, Theme} from './theme';

export interface Choices {
  theme: Theme;
  palette: Palette;
  hidden: ReadonlySet<string>;
  /** While true, figures are drawn wherever they are and tables show more rows: the page is being printed. */
  printing: boolean;
}

export const ChoicesContext = createContext<Choices>({theme: 'light', palette: 'standard', hidden: new Set(), printing: false});
