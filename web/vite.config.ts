// Builds one HTML file: script and style inside, and a Content-Security-Policy that runs this script alone and loads nothing.
import {createHash} from 'node:crypto';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {defineConfig, type Plugin} from 'vite';

const PLACEHOLDER = '@basewise-report@';

function policy(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'", // Vega sets style attributes
    'img-src data: blob:', // pictures that the page itself makes to export figures
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Licences of the packages that the bundle contains, each text once, as a comment of the page. */
function licences(modules: string[]): string {
  const packages = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll('\\', '/'))?.[0] ?? []));
  const byText = new Map<string, string[]>();
  for (const folder of [...packages].sort()) {
    const about = JSON.parse(readFileSync(resolve(folder, 'package.json'), 'utf8')) as {name: string; version: string; license: string};
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
    const text = file === undefined ? about.license : readFileSync(resolve(folder, file), 'utf8').trim();
    byText.set(text, [...(byText.get(text) ?? []), `${about.name} ${about.version}`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.join(', ')}\n\n${text}`);
  return `<!--\nThis page contains\n\n${parts.join('\n\n').replaceAll('--', '- -').replaceAll('>', ')')}\n-->`;
}

/** Puts the bundle and the style sheet into the page. A function as replacement: `$` in the bundle means nothing. */
function singleFile(): Plugin {
  return {
    name: 'single-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') throw new Error('no index.html in the bundle');
      let script = '';
      let style = '';
      let modules: string[] = [];
      for (const [name, part] of Object.entries(bundle)) {
        if (name === 'index.html') continue;
        if (part.type === 'chunk') {
          script += part.code;
          modules = [...modules, ...Object.keys(part.modules)];
        } else if (name.endsWith('.css')) {
          style += String(part.source);
        } else {
          throw new Error(`the page would need a second file: ${name}`);
        }
        Reflect.deleteProperty(bundle, name);
      }
      script = script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--').trim();
      const html = String(page.source)
        .replace(/\s*<script type="module"[^>]*><\/script>/, '')
        .replace(/\s*<link rel="stylesheet"[^>]*>/, '')
        .replace('<!-- policy -->', () => `<meta http-equiv="Content-Security-Policy" content="${policy(script)}">`)
        .replace('<!-- style -->', () => `<style>${style.trim()}</style>`)
        .replace('</html>', () => `</html>\n${licences(modules)}`)
        .replace('<!-- script -->', () => `<script>${script}</script>`);
      if (html.split(PLACEHOLDER).length !== 2) throw new Error(`${PLACEHOLDER} must stand once in the page`);
      page.source = html;
    },
  };
}

/** `npm run dev` shows a report: BASEWISE_REPORT=FILE, else the example. */
function exampleReport(): Plugin {
  return {
    name: 'example-report',
    apply: 'serve',
    transformIndexHtml(html) {
      const file = process.env.BASEWISE_REPORT ?? resolve(import.meta.dirname, 'test/example.report.json');
      if (!existsSync(file)) throw new Error(`${file} is missing: npm run example`);
      return html.replace(PLACEHOLDER, () => readFileSync(file, 'utf8').replaceAll('<', '\\u003c'));
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  esbuild: {jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none'},
  build: {
    target: 'es2021',
    outDir: process.env.BASEWISE_WEB_OUT ?? '../build/web/page',
    emptyOutDir: true,
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    rollupOptions: {output: {format: 'iife', inlineDynamicImports: true}},
  },
  plugins: [singleFile(), exampleReport()],
});
