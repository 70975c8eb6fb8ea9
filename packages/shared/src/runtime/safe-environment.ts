import { demoVariablesIn } from './demo-values.ts';
import { EnvironmentError, environment } from './environment.ts';
import { serverUrls } from './server-urls.ts';

/** Variables of servers that may be reached without TLS in live mode, by name: `CONTROL_DATABASE_URL,REDIS_URL`. */
export const allowPlaintext = environment.list('');

/** The variables of every process and command that decide what is refused. */
interface SafetyVariables {
  /** A process of `npm start` or of the demo's containers: its values are public. */
  LOCAL_STACK: boolean;
  ALLOW_PLAINTEXT: readonly string[];
}

/** How real money moves. */
interface LiveUse {
  /** The variables that say `live`. A local stack must have none of them. */
  liveModes: readonly string[];
  /** Whether a provider account in live mode is used. Default: when a variable says so. */
  isLive?: boolean;
  /** Addresses that must be HTTPS in live mode, by the variable that they come from. */
  httpsOnly?: Readonly<Record<string, string | undefined>>;
}

/**
 * Refuses a configuration with which money or secrets are not safe: the demo's public values outside a local stack; and in live mode
 * addresses without HTTPS, and a PostgreSQL or Redis on another machine without TLS.
 * @param config the variables that were read
 * @returns which servers must be reached by TLS, by the name of the variable or file that holds their URL: in live mode all but the allowed ones
 * @throws EnvironmentError that names every variable
 */
export function requireSafeEnvironment(
  config: SafetyVariables & Readonly<Record<string, unknown>>,
  { liveModes, isLive = liveModes.length > 0, httpsOnly = {} }: LiveUse,
): (name: string) => boolean {
  const { LOCAL_STACK: isLocalStack, ALLOW_PLAINTEXT: allowPlaintext } = config;
  const needsTls = (name: string): boolean => isLive && !isLocalStack && !allowPlaintext.includes(name);
  const problems = isLocalStack
    ? liveModes.map((name) => `${name}: must not be live when LOCAL_STACK=1`)
    : demoVariablesIn(config).map((name) => `${name}: is public, it is the demo's in deploy/demo.env: use a value of your own`);
  if (isLive && !isLocalStack) {
    problems.push(
      ...Object.entries(httpsOnly).flatMap(([name, url]) =>
        url === undefined || url.startsWith('https://') ? [] : [`${name}: must begin with https:// in live mode`],
      ),
      ...plaintextServers(config)
        .filter((name) => needsTls(servedBy(name)))
        .map(
          (name) =>
            `${name}: ${adviceFor(name)}, or name ${servedBy(name)} in ALLOW_PLAINTEXT: in live mode no server on another machine is used without TLS`,
        ),
    );
  }
  if (problems.length > 0) throw new EnvironmentError(problems);
  return needsTls;
}

const adviceFor = (name: string): string => (name === 'REDIS_URL' ? 'begin it with rediss:// or rediss+' : 'add sslmode=verify-full');

/** A database is named by the variable with which it is served: `POS_DATABASE_URL` stands for `POS_MIGRATE_URL` too. */
const servedBy = (name: string): string => name.replace(/_MIGRATE_URL$/, '_DATABASE_URL');

/** The variables of databases and Redis on another machine whose URL does not demand TLS with a verified certificate. */
function plaintextServers(config: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(config).flatMap(([name, url]) => {
    if (typeof url !== 'string' || !(name === 'REDIS_URL' || /_(DATABASE|MIGRATE)_URL$/.test(name))) return [];
    return isEncrypted(url) ? [] : [name];
  });
}

/** Whether no other machine on the network can read what is sent to the servers of this URL. */
export const isEncrypted = (text: string): boolean =>
  serverUrls(text).every(
    (url) => url.protocol.startsWith('rediss') || url.searchParams.get('sslmode') === 'verify-full' || isOnThisMachine(url),
  );

/** Whether what is sent there does not leave this machine: a loopback address, or a Unix socket. */
export function isOnThisMachine({ hostname, searchParams }: URL): boolean {
  if (/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) return !searchParams.has('host') || searchParams.get('host') === hostname;
  return hostname === '' && (searchParams.get('host') ?? '/').startsWith('/');
}
