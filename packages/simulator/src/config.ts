import { z } from 'zod';
import type { SimulatorOptions } from './simulator.ts';

const port = (fallback: number) => z.coerce.number('must be a port number').int().min(0).max(65_535).default(fallback);
const secret = z.string('is missing').regex(/^\S+$/, 'must not be empty or contain white space'); // the providers' SDKs refuse such keys too
const webUrl = z.url({ protocol: /^https?$/, error: 'must be a URL that starts with http:// or https://' }).optional();
const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

const schema = z
  .object({
    SIMULATOR_PORT: port(3010),
    SIMULATOR_MIDTRANS_PORT: port(0),
    SIMULATOR_XENDIT_PORT: port(0),
    HOST: z.string().default('127.0.0.1'),
    SIMULATOR_ALLOW_NON_LOOPBACK: z.enum(['0', '1'], 'must be 0 or 1').default('0'),
    MIDTRANS_SERVER_KEY: secret,
    XENDIT_SECRET_KEY: secret,
    XENDIT_CALLBACK_TOKEN: secret,
    MIDTRANS_NOTIFICATION_URL: webUrl,
    XENDIT_NOTIFICATION_URL: webUrl,
    MAX_CHARGES: z.coerce.number('must be a whole number').int().min(1).max(10_000_000).default(100_000),
    SIMULATOR_SPEED: z.coerce.number('must be a number').min(0).max(1_000_000).default(1),
    LATENCY_MS: z.coerce.number('must be milliseconds').min(0).max(600_000).default(0),
  })
  .refine(({ HOST, SIMULATOR_ALLOW_NON_LOOPBACK }) => loopback.test(HOST) || SIMULATOR_ALLOW_NON_LOOPBACK === '1', {
    path: ['HOST'],
    error:
      'must be a loopback address: anyone who reaches the simulator can pay and refund (in a container, set SIMULATOR_ALLOW_NON_LOOPBACK=1)',
    when: () => true, // checked even when other variables are invalid, so that one message names them all
  });

/** The environment is invalid. The message names every invalid variable and shows no value. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/** The options of a simulator process, from its environment. @throws EnvironmentError */
export function readConfig(environment: NodeJS.ProcessEnv): SimulatorOptions {
  const variables = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(variables);
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new EnvironmentError(`invalid environment:\n${problems.join('\n')}`);
  }
  const env = result.data;
  return {
    port: env.SIMULATOR_PORT,
    midtransPort: env.SIMULATOR_MIDTRANS_PORT,
    xenditPort: env.SIMULATOR_XENDIT_PORT,
    host: env.HOST,
    maxCharges: env.MAX_CHARGES,
    speed: env.SIMULATOR_SPEED,
    latencyMs: env.LATENCY_MS,
    midtrans: [{ serverKey: env.MIDTRANS_SERVER_KEY, notificationUrl: env.MIDTRANS_NOTIFICATION_URL }],
    xendit: [{ secretKey: env.XENDIT_SECRET_KEY, callbackToken: env.XENDIT_CALLBACK_TOKEN, notificationUrl: env.XENDIT_NOTIFICATION_URL }],
  };
}
