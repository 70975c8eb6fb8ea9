const rule = (name) => `packages/shared/src/payment/${name}`;
const settling = (name) => `services/worker/src/settling/${name}`;
const withOwnTest = (name) => ({ file: `${name}.ts`, test: `${name}.test.ts` });

/** The pure files for which Stryker makes mutants. Each has a test of its own beside it that needs no server. */
export const generatedFiles = [
  ...['arriving-money', 'status-after', 'payment-lifecycle', 'rupiah'].map(rule),
  ...['plan-changes'].map(settling),
].map(withOwnTest);

/** Generated mutants that no test can notice, because the code behaves the same. */
const equivalents = [
  {
    file: `${rule('arriving-money')}.ts`,
    text: 'due !== null',
    replacement: 'true',
    equivalent: 'the comparison that follows is false for null; this one is for the reader and for the compiler',
  },
  {
    file: `${settling('plan-changes')}.ts`,
    text: "change.payment !== 'paid'",
    replacement: 'true',
    equivalent: 'only a paid charge makes a payment paid, and that case has returned before; the compiler needs the comparison',
  },
  {
    file: `${settling('plan-changes')}.ts`,
    text: "'paid'",
    replacement: '""',
    equivalent: 'only a paid charge makes a payment paid, and that case has returned before; the compiler needs the comparison',
  },
  ...['false', '""'].map((replacement) => ({
    file: `${settling('plan-changes')}.ts`,
    text: replacement === 'false' ? "state.due === 'unknown'" : "'unknown'",
    replacement,
    equivalent: 'no amount is below a text, so an unknown amount due is judged like the whole amount; the compiler needs the case',
  })),
];

export const explanationOf = ({ file, text, replacement }) =>
  equivalents.find((each) => each.file === file && each.text === text && each.replacement === replacement)?.equivalent;
