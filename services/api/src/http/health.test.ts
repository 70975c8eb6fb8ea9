import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api?.close());

describe('health on the public port', () => {
  it.each(['live', 'serving', 'ready'])('/health/%s is one word, without a name of a host, an order or a version', async (word) => {
    const answer = await fetch(`${api.url}/health/${word}`);
    expect([answer.status, await answer.text()]).toEqual([200, word]);
  });
});
