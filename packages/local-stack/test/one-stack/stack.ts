import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';

/** The stack of all tests in this folder. */
export let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
});

export const stopStack = async (): Promise<void> => stack?.stop();
