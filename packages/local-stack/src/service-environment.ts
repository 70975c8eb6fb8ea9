import { operatorEntry } from '@gateway/shared/runtime';
import type { Addresses } from './addresses.ts';
import type { Role } from './roles.ts';
import type { Secrets } from './secrets.ts';
import type { StackConfig } from './stack-config.ts';
import type { Stores } from './stores.ts';

/** What a process gets of the environment `npm start` was given; everything else stays outside. */
const passedOn = [
  /^(PATH|HOME|TMPDIR|TZ|LANG|LC_ALL)$/,
  /^(SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|NODE_OPTIONS)$/,
  /^(HTTP|HTTPS|NO)_PROXY$/i,
  /^(LOG_LEVEL|HOSTS_DIR|CORS_ORIGINS|PROVIDERS|PROVIDER_ACCOUNTS)$/,
  /^(MIDTRANS|XENDIT|SIMULATOR)_[A-Z_]+$/,
  /^[A-Z_]+_(MS|DATABASE_URL)$/,
];

export interface Surroundings {
  given: NodeJS.ProcessEnv;
  config: StackConfig;
  addresses: Addresses;
  stores: Stores;
  secrets: Secrets;
}

export const operatorName = 'operator';
export const operatorPassword = (config: StackConfig, secrets: Secrets): string => config.OPERATOR_PASSWORD ?? secrets.operatorPassword;

/** Role → the environment of its process number `n`, counted from 0. */
export async function serviceEnvironments({
  given,
  config,
  addresses,
  stores,
  secrets,
}: Surroundings): Promise<(role: Role, n: number) => NodeJS.ProcessEnv> {
  const { apiUrl, apiPort, simulatorUrl, simulatorPort, metricsPorts } = addresses;
  const base = Object.fromEntries(Object.entries(given).filter(([name]) => passedOn.some((pattern) => pattern.test(name))));
  const operator = await operatorEntry(operatorName, 'admin', operatorPassword(config, secrets));
  const providers = {
    MIDTRANS_MODE: config.MIDTRANS_MODE,
    MIDTRANS_BASE_URL: config.MIDTRANS_BASE_URL ?? `${simulatorUrl}/midtrans`,
    MIDTRANS_SERVER_KEY: config.MIDTRANS_SERVER_KEY ?? secrets.midtransServerKey,
    XENDIT_MODE: config.XENDIT_MODE,
    XENDIT_BASE_URL: config.XENDIT_BASE_URL ?? `${simulatorUrl}/xendit`,
    XENDIT_SECRET_KEY: config.XENDIT_SECRET_KEY ?? secrets.xenditSecretKey,
    XENDIT_CALLBACK_TOKEN: config.XENDIT_CALLBACK_TOKEN ?? secrets.xenditCallbackToken,
  };
  const service = {
    ...base,
    ...providers,
    LOCAL_STACK: '1',
    HOST: config.HOST,
    POS_DATABASE_URL: stores.databases.pos,
    ERP_DATABASE_URL: stores.databases.erp,
    CONTROL_DATABASE_URL: stores.databases.control,
    REDIS_URL: stores.redis,
    PUBLIC_URL: config.PUBLIC_URL ?? apiUrl,
    SIMULATOR_URL: simulatorUrl,
    LINK_SIGNING_KEY: secrets.linkSigningKey,
    OPERATOR_USERS: [config.OPERATOR_USERS, operator].filter(Boolean).join(','),
  };
  const metricsPort = (role: keyof typeof metricsPorts, n: number) => String(metricsPorts[role][n] ?? 0);
  return (role, n) => {
    switch (role) {
      case 'simulator':
        return {
          ...base,
          ...providers,
          ...(config.MIDTRANS_BASE_URL ? { MIDTRANS_SERVER_KEY: secrets.midtransServerKey } : {}), // a real key is not the simulator's
          ...(config.XENDIT_BASE_URL
            ? { XENDIT_SECRET_KEY: secrets.xenditSecretKey, XENDIT_CALLBACK_TOKEN: secrets.xenditCallbackToken }
            : {}),
          LOCAL_STACK: '1',
          SIMULATOR_PORT: String(simulatorPort),
          MIDTRANS_NOTIFICATION_URL: `${apiUrl}/webhooks/midtrans`,
          XENDIT_NOTIFICATION_URL: `${apiUrl}/webhooks/xendit`,
        };
      case 'api':
        return { ...service, API_PORT: String(apiPort), SHARE_PORT: '1', METRICS_PORT: metricsPort(role, n) };
      default:
        return { ...service, METRICS_PORT: metricsPort(role, n) };
    }
  };
}
