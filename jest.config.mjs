export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/testing/strip-types.mjs' },
  testMatch: ['<rootDir>/{packages,services,scripts}/**/*.test.{ts,mjs}'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/\\.(cache|data|tools)/'],
  globalSetup: '<rootDir>/testing/global-setup.ts',
  globalTeardown: '<rootDir>/testing/global-teardown.ts',
  maxWorkers: 2,
  testTimeout: 20_000,
  watchman: false,
};
