import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const only = (sourceTag, ...allowed) => ({
  sourceTag: `layer:${sourceTag}`,
  onlyDependOnLibsWithTags: allowed.map((tag) => `layer:${tag}`),
});

/** Who may import whom. There is no rule for `*`: a project without a layer may import nothing. */
const layers = [
  only('contracts'),
  only('connector-kit', 'contracts', 'testing'),
  only('connectors', 'connector-kit', 'contracts', 'testing'),
  only('kafka', 'contracts', 'testing'),
  only('telemetry', 'contracts', 'testing'),
  only('adapter', 'contracts', 'testing'),
  only('runtime', 'kafka', 'telemetry', 'contracts', 'testing'),
  only('testing', 'contracts', 'connector-kit', 'adapter', 'kafka'),
  only('app', 'connectors', 'connector-kit', 'runtime', 'kafka', 'telemetry', 'adapter', 'contracts', 'testing'),
  only('e2e', 'testing', 'kafka', 'adapter', 'contracts'),
  only('simulator', 'runtime', 'telemetry', 'contracts', 'testing'),
];

const tested = ['contracts', 'connector-kit', 'embedded', 'kafka', 'postgres'];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '.tributary/**', '**/fixtures/**'] },
  ...tseslint.configs.recommended,
  { plugins: { '@nx': nx } },
  {
    files: ['**/*.ts', '**/*.mts'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          depConstraints: layers,
          allow: [],
          banTransitiveDependencies: false,
          enforceBuildableLibDependency: false,
          // Specs use the testing library, which itself stands on these; that no source but a spec does so is ruled below.
          ignoredCircularDependencies: tested.map((name) => [`@tributary/${name}`, '@tributary/testing']),
        },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 300, skipBlankLines: false }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true, IIFEs: true }],
      'no-console': 'error',
    },
  },
  {
    // Suites are tables of sentences: a describe block may be long, and only they may use the testing library.
    files: ['**/*.spec.ts', 'libs/testing/**', 'e2e/**'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    files: ['libs/!(testing)/src/**/*.ts', 'apps/*/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: [{ name: '@tributary/testing', message: 'Only specs may import the testing library.' }] },
      ],
    },
  },
  {
    // The launcher's output is its interface.
    files: ['apps/cli/**/*.ts', 'libs/testing/**/*.ts', 'e2e/**'],
    rules: { 'no-console': 'off' },
  },
  prettier,
);
