// Starts the page: reads the document beside this script and shows it.
import {render} from 'preact';
import {App} from './app';
import {parseDocument} from './document';
import {views} from './figure/figure';
import {messages} from './figure/render';
import {recall, resolveTheme} from './theme';
import './style.css';

declare global {
  interface Window {
    /** For notebooks and the developer's tools: the document, the Vega views of drawn figures, what Vega had to say. */
    basewiseReport?: {document: unknown; views: typeof views; messages: string[]};
  }
}

const root = document.getElementById('app');
const source = document.getElementById('report');
if (root !== null) {
  document.documentElement.dataset.theme = resolveTheme(recall('theme', ['auto', 'light', 'dark'], 'auto'));
  try {
    const report = parseDocument(source?.textContent ?? '');
    document.title = report.title;
    window.basewiseReport = {document: report, views, messages};
    render(<App document={report} />, root);
  } catch (error) {
    root.className = 'failure';
    root.textContent = error instanceof Error ? error.message : String(error);
  }
}
