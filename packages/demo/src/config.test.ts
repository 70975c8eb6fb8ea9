import { EnvironmentError } from '@gateway/shared/runtime';
import { readSimulatorUrl } from './config.ts';

const SIMULATOR_URL = 'http://127.0.0.1:3010';

describe('the demo’s routes', () => {
  it.each([{}, { SIMULATOR_URL }, { SIMULATOR_URL, LOCAL_STACK: '0' }, { LOCAL_STACK: '1' }])('are closed with %j', (variables) => {
    expect(readSimulatorUrl(variables)).toBeNull();
  });

  it('are open when the local stack says where its simulator is', () => {
    expect(readSimulatorUrl({ LOCAL_STACK: '1', SIMULATOR_URL })).toBe(SIMULATOR_URL);
  });

  it('need a simulator address that can be called', () => {
    expect(() => readSimulatorUrl({ LOCAL_STACK: '1', SIMULATOR_URL: 'simulator' })).toThrow(EnvironmentError);
  });
});
