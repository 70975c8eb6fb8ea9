/** A Jest reporter that ends the run at the first failed test: one is enough to notice a mutant, and the rest costs minutes. */
export default class FirstFailure {
  onTestCaseResult(_, { status, fullName, failureMessages, failureDetails }) {
    if (status === 'failed')
      this.#end({ test: fullName, message: failureMessages.join('\n'), isAssertion: failureDetails.some(isAssertion) });
  }

  /** A file that could not be loaded has no test cases. */
  onTestFileResult(_, { testExecError, failureMessage }) {
    if (testExecError) this.#end({ test: null, message: failureMessage ?? testExecError.message, isAssertion: false });
  }

  #end(failure) {
    process.stdout.write(`${JSON.stringify(failure)}\n`, () => process.exit(1));
  }
}

/** True for an error of `expect`: every matcher leaves its result there. */
const isAssertion = (error) => error?.matcherResult !== undefined;
