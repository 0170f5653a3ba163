// Suites run from source: the export condition `tributary-source` leads every @tributary/* import to its `src/index.ts`.
import { fileURLToPath } from 'node:url';

const swcrc = fileURLToPath(new URL('.swcrc', import.meta.url));

const base = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['tributary-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { swcrc: true, configFile: swcrc, sourceMaps: 'inline', jsc: { rewriteRelativeImportExtensions: false } },
    ],
  },
  modulePathIgnorePatterns: ['/dist/', '/\\.tributary/'],
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/e2e'],
};

export default {
  projects: [
    { ...base, displayName: 'unit', testRegex: '(?<!\\.it)\\.spec\\.ts$' },
    {
      ...base,
      displayName: 'integration',
      testRegex: '\\.it\\.spec\\.ts$',
      globalSetup: '<rootDir>/libs/testing/src/global-setup.mjs',
      globalTeardown: '<rootDir>/libs/testing/src/global-teardown.mjs',
      setupFilesAfterEnv: ['<rootDir>/libs/testing/src/patience.mjs'],
    },
    {
      ...base,
      displayName: 'e2e',
      testRegex: '\\.e2e\\.ts$',
      // Starts the built product by its own launcher, as a user does, and waits for what a user waits for.
      setupFilesAfterEnv: ['<rootDir>/e2e/src/patience.mjs'],
    },
  ],
};
