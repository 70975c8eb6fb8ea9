import { serverUrls } from './server-urls.ts';

/**
 * What deploy/demo.env and the demo keys publish: each reader of the repository knows them. A process that is no local stack refuses each of
 * them. A test compares this list with deploy/demo.env.
 */
const demoVariables: Readonly<Record<string, string>> = {
  LINK_SIGNING_KEY: 'this-key-is-public-and-for-demos-only',
  MIDTRANS_SERVER_KEY: 'SB-Mid-server-demo',
  XENDIT_SECRET_KEY: 'xnd_development_demo',
  XENDIT_CALLBACK_TOKEN: 'demo-callback-token',
  PUBLIC_URL: 'http://127.0.0.1:3000',
  SIMULATOR_URL: 'http://simulator:3010',
  MIDTRANS_BASE_URL: 'http://simulator:3010/midtrans',
  XENDIT_BASE_URL: 'http://simulator:3010/xendit',
};
const demoSecrets = ['LINK_SIGNING_KEY', 'MIDTRANS_SERVER_KEY', 'XENDIT_SECRET_KEY', 'XENDIT_CALLBACK_TOKEN'].map(
  (name) => demoVariables[name] as string,
);
const demoPassword = 'demo'; // of PostgreSQL and of Redis

/** The client keys of the demo, by host. */
export const demoKeys = { pos: 'sk_test_pos_demo', erp: 'sk_test_erp_demo', till: 'sk_test_till_demo' } as const;

/** The names of variables whose value, or whose password in a URL, is the demo's. A demo secret is found in any variable. */
export function demoVariablesIn(config: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(config)
    .filter(([name, value]) => {
      const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
      return text === demoVariables[name] || demoSecrets.some((secret) => text.includes(secret)) || hasDemoPassword(text);
    })
    .map(([name]) => name);
}

const hasDemoPassword = (text: string): boolean => /^(postgres|redis)[a-z+]*:/.test(text) && serverUrls(text)[0]?.password === demoPassword;
