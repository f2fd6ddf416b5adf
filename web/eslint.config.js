import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {ignores: ['node_modules/**']},
  js.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {parserOptions: {project: './tsconfig.json', tsconfigRootDir: new URL('.', import.meta.url).pathname}},
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true}],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      // The only ways for a string to become markup.
      'no-restricted-properties': ['error', {property: 'innerHTML'}, {property: 'outerHTML'}, {property: 'insertAdjacentHTML'}],
      'no-restricted-syntax': ['error', {selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Strings of a report are text.'}],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {files: ['vite.config.ts'], extends: [tseslint.configs.recommended]},
  {
    files: ['test/**/*.mjs', 'eslint.config.js'],
    languageOptions: {globals: Object.fromEntries(['process', 'console', 'URL', 'document', 'window', 'getComputedStyle', 'performance', 'PerformanceObserver', 'fetch', 'Image'].map((name) => [name, 'readonly']))},
    rules: {'no-console': 'off'},
  },
);
