// Pictures of a page to look at: node screenshots.mjs PAGE.html|DOCUMENT.json FOLDER [--fold]. Light and dark, 1400 and 400 pixels wide.
import {mkdirSync, readFileSync} from 'node:fs';
import {basename, join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {drawAll, openBrowser, openPage, writePage} from './page.mjs';

const [source, folder] = process.argv.slice(2);
if (!source || !folder) throw new Error('screenshots.mjs PAGE.html|DOCUMENT.json FOLDER');
mkdirSync(folder, {recursive: true});
const name = basename(source).replace(/\..*$/, '');
const address = source.endsWith('.json') ? writePage(join(folder, `${name}.html`), JSON.parse(readFileSync(source, 'utf8'))) : pathToFileURL(resolve(source)).href;

const browser = await openBrowser();
try {
  for (const scheme of ['light', 'dark']) {
    for (const width of [1400, 400]) {
      const {page, said} = await openPage(browser.context, address, {width, height: width === 400 ? 860 : 900, scheme});
      const missing = await drawAll(page);
      await page.screenshot({path: join(folder, `${name}-${scheme}-${width}.png`), fullPage: true});
      const vega = await page.evaluate(() => window.basewiseReport?.messages ?? []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      console.log(scheme, width, 'not drawn:', missing, 'console:', said, 'vega:', vega, wide ? 'PAGE SCROLLS SIDEWAYS' : '');
      await page.close();
    }
  }
} finally {
  await browser.close();
}
