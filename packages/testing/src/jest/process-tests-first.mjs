import TestSequencer from '@jest/test-sequencer';

/**
 * Runs the test files that start processes (in a `test` folder) first. They take longest, so short files fill the gaps at the
 * end. Jest knows the durations only after a first run; in a clean checkout it would sort by file size.
 */
export default class ProcessTestsFirst extends TestSequencer {
  sort(tests) {
    const usual = super.sort(tests);
    const startsProcesses = ({ path }) => path.includes('/test/');
    return [...usual.filter(startsProcesses), ...usual.filter((test) => !startsProcesses(test))];
  }
}
