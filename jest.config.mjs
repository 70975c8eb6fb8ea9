import './packages/testing/src/jest/load-sources.mjs'; // for global-setup.ts

export default {
  testEnvironment: 'node',
  testRunner: '<rootDir>/packages/testing/src/jest/run-natively.mjs',
  transform: {},
  testMatch: ['<rootDir>/{packages,services,scripts}/**/*.test.{ts,mjs}'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/\\.(cache|data|tools)/'],
  globalSetup: '<rootDir>/packages/testing/src/jest/global-setup.ts',
  globalTeardown: '<rootDir>/packages/testing/src/jest/global-teardown.ts',
  testSequencer: '<rootDir>/packages/testing/src/jest/process-tests-first.mjs',
  maxWorkers: 3, // on two cores: many tests wait, for a process or a provider's time limit
  testTimeout: 60_000, // a test takes seconds alone, and much longer beside others on a busy machine
  watchman: false,
};
