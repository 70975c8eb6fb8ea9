export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/packages/testing/src/jest/strip-types.mjs' },
  testMatch: ['<rootDir>/{packages,services,scripts}/**/*.test.{ts,mjs}'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/\\.(cache|data|tools)/'],
  globalSetup: '<rootDir>/packages/testing/src/jest/global-setup.ts',
  globalTeardown: '<rootDir>/packages/testing/src/jest/global-teardown.ts',
  testSequencer: '<rootDir>/packages/testing/src/jest/process-tests-first.mjs',
  maxWorkers: 3, // on two cores: many tests wait, for a process or a provider's time limit
  testTimeout: 30_000,
  watchman: false,
};
