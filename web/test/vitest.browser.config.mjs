import {defineConfig} from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/browser/*_test.mjs'],
    // One browser at a time: a page that paints in a second when it is alone must not wait for another.
    fileParallelism: false,
    // Seconds on an idle machine; much else may run beside it.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    reporters: ['default', new URL('gtest_reporter.mjs', import.meta.url).pathname],
  },
});
