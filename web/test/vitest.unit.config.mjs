import {defineConfig} from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  esbuild: {jsx: 'automatic', jsxImportSource: 'preact'},
  test: {include: ['src/**/*_test.ts'], reporters: ['default', new URL('gtest_reporter.mjs', import.meta.url).pathname]},
});
