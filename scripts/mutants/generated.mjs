const rule = (name) => `packages/shared/src/payment/${name}`;
const settling = (name) => `services/worker/src/settling/${name}`;
const withOwnTest = (name) => ({ file: `${name}.ts`, test: `${name}.test.ts` });

/** The pure files for which Stryker makes mutants. Each has a test of its own beside it that needs no server. */
export const generatedFiles = [
  ...['arriving-money', 'status-after', 'payment-lifecycle', 'rupiah'].map(rule),
  ...['plan-changes'].map(settling),
].map(withOwnTest);

/** Generated mutants that no test can notice, because the code behaves the same. */
const equivalents = [];

export const explanationOf = ({ file, text, replacement }) =>
  equivalents.find((each) => each.file === file && each.text === text && each.replacement === replacement)?.equivalent;
