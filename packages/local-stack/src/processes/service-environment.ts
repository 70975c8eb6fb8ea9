import path from 'node:path';
import { operatorEntry } from '@gateway/shared/runtime';
import type { Addresses } from '../addresses.ts';
import type { Secrets } from '../secrets.ts';
import type { DataServers } from '../servers/data-servers.ts';
import type { StackConfig } from '../stack-config.ts';
import type { ServiceKind } from './service-kinds.ts';

/** The variables that services get from the environment of `npm start`. All others are left out. */
const forwardedVariables = [
  /^(PATH|HOME|TMPDIR|TZ|LANG|LC_ALL)$/,
  /^(SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|NODE_OPTIONS)$/,
  /^(HTTP|HTTPS|NO)_PROXY$/i,
  /^(LOG_LEVEL|HOSTS_DIR|CORS_ORIGINS|TRUST_PROXY|PROVIDERS|PROVIDER_ACCOUNTS)$/,
  /^WEBHOOK_ALLOWED_NETWORKS$/,
  /^(MIDTRANS|XENDIT|SIMULATOR)_[A-Z_]+$/,
  /^[A-Z_]+_(MS|DATABASE_URL)$/,
  /^(TILL_ORDERS_DAYS|REFUND_APPROVAL_FROM)$/,
];

export interface ServiceContext {
  environment: NodeJS.ProcessEnv;
  config: StackConfig;
  addresses: Addresses;
  dataServers: DataServers;
  secrets: Secrets;
}

const variablesOfCommands =
  /^(LOCAL_STACK|MASTER_KEYS|PUBLIC_URL|REFUND_APPROVAL_FROM|PROVIDERS|PROVIDER_ACCOUNTS|(MIDTRANS|XENDIT)_[A-Z_]+)$/;

/** The variables of a service that `ops` needs, for `stack.json`. */
export const commandVariables = (service: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(service).flatMap(([name, value]) => (value && variablesOfCommands.test(name) ? [[name, value]] : [])));

export const operatorName = 'operator';
export const operatorPassword = (config: StackConfig, secrets: Secrets): string => config.OPERATOR_PASSWORD ?? secrets.operatorPassword;

/** Returns a function: kind → environment of its process number `n`, counted from 0. */
export async function serviceEnvironments({
  environment,
  config,
  addresses,
  dataServers,
  secrets,
}: ServiceContext): Promise<(kind: ServiceKind, n: number) => NodeJS.ProcessEnv> {
  const { apiUrl, apiPort, simulatorUrl, simulatorPort, metricsPorts } = addresses;
  const base = Object.fromEntries(Object.entries(environment).filter(([name]) => forwardedVariables.some((pattern) => pattern.test(name))));
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
    POS_DATABASE_URL: dataServers.serving.pos,
    ERP_DATABASE_URL: dataServers.serving.erp,
    TILL_DATABASE_URL: dataServers.serving.till,
    CONTROL_DATABASE_URL: dataServers.serving.control,
    REDIS_URL: dataServers.redis,
    PUBLIC_URL: config.PUBLIC_URL ?? apiUrl,
    SIMULATOR_URL: simulatorUrl,
    LINK_SIGNING_KEY: secrets.linkSigningKey,
    MASTER_KEYS: config.MASTER_KEYS ?? secrets.masterKeys,
    OPERATOR_USERS: [config.OPERATOR_USERS, operator].filter(Boolean).join(','),
  };
  const securityLog = path.join(config.DATA_DIR, 'logs', 'security.log');
  const metricsPort = (kind: keyof typeof metricsPorts, n: number) => String(metricsPorts[kind][n] ?? 0);
  return (kind, n) => {
    switch (kind) {
      case 'simulator':
        return {
          ...base,
          ...providers,
          ...(config.MIDTRANS_BASE_URL ? { MIDTRANS_SERVER_KEY: secrets.midtransServerKey } : {}), // the simulator does not get the key of a real provider
          ...(config.XENDIT_BASE_URL
            ? { XENDIT_SECRET_KEY: secrets.xenditSecretKey, XENDIT_CALLBACK_TOKEN: secrets.xenditCallbackToken }
            : {}),
          LOCAL_STACK: '1',
          SIMULATOR_PORT: String(simulatorPort),
          MIDTRANS_NOTIFICATION_URL: `${apiUrl}/webhooks/midtrans`,
          XENDIT_NOTIFICATION_URL: `${apiUrl}/webhooks/xendit`,
        };
      case 'api':
        return { ...service, API_PORT: String(apiPort), SHARE_PORT: '1', METRICS_PORT: metricsPort(kind, n), SECURITY_LOG: securityLog };
      default:
        return { ...service, METRICS_PORT: metricsPort(kind, n) };
    }
  };
}
