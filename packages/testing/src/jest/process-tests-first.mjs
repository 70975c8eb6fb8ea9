import TestSequencer from '@jest/test-sequencer';

/**
 * Tests that start whole processes (in a `test` folder) take longest: they come first, and what fills the gaps at the end is short.
 * Jest would know by itself after a first run; a clean checkout has none, and there it goes by the size of files.
 */
export default class ProcessTestsFirst extends TestSequencer {
  sort(tests) {
    const usual = super.sort(tests);
    const startsProcesses = ({ path }) => path.includes('/test/');
    return [...usual.filter(startsProcesses), ...usual.filter((test) => !startsProcesses(test))];
  }
}
