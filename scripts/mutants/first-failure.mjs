/** A Jest reporter that ends the run at the first failed test: one is enough to notice a mutant, and the rest costs minutes. */
export default class FirstFailure {
  onTestCaseResult(_, { status, fullName, failureMessages }) {
    if (status === 'failed')
      this.#end({ test: fullName, message: failureMessages.join('\n'), isAssertion: failureMessages.some(isAssertion) });
  }

  /** A file that could not be loaded has no test cases. */
  onTestFileResult(_, { testExecError, failureMessage }) {
    if (testExecError) this.#end({ test: null, message: failureMessage ?? testExecError.message, isAssertion: false });
  }

  #end(failure) {
    process.stdout.write(`${JSON.stringify(failure)}\n`, () => process.exit(1));
  }
}

/** True for a failed expectation: the messages of its matchers begin so. */
const isAssertion = (message) => /^\w*(?:Error)?: expect\(/.test(message);
