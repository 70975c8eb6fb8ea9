import { rmSync } from 'node:fs';
import path from 'node:path';
import { demoKeys } from '@gateway/shared/runtime';
import { type Addresses, chooseAddresses } from './addresses.ts';
import { hostDatabases } from './host-databases.ts';
import { prepareDatabases } from './prepare.ts';
import { openLogFile } from './processes/log-file.ts';
import { createProcessGroup, type ProcessGroup } from './processes/process-group.ts';
import { startService } from './processes/service.ts';
import { commandVariables, operatorName, operatorPassword, serviceEnvironments } from './processes/service-environment.ts';
import { type Programs, type ServiceKind, serviceKinds } from './processes/service-kinds.ts';
import { startWatchdog, type Watchdog } from './processes/start-watchdog.ts';
import { openSecrets } from './secrets.ts';
import { type DataDir, openDataDir } from './servers/data-dir.ts';
import { type DataServers, openDataServers, secondsSince } from './servers/data-servers.ts';
import type { StackConfig } from './stack-config.ts';
import { type StackFile, writeStackFile } from './stack-file.ts';

export interface StackOptions {
  config: StackConfig;
  /** The environment of `npm start`. The services get a part of it. */
  environment: NodeJS.ProcessEnv;
  programs: Programs;
  /** The root of the checkout. */
  root: string;
  print: (message: string) => void;
  /** Stops a start that is in progress. */
  abort: AbortSignal;
}

export interface Stack {
  addresses: Addresses;
  /** The demo keys that exist, by host. One whose database is a shop's has none. */
  demoKeys: Partial<Record<keyof typeof demoKeys, string>>;
  operator: StackFile['operator'];
  /** This start generated the password, so it must be shown. */
  isOperatorPasswordNew: boolean;
  /** Stops api, worker, notifier and simulator, then the servers. No process is left when this resolves. */
  stop(): Promise<void>;
}

/** Starts all services on this machine. After a failure everything that was started is stopped before this throws. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = openDataDir(options.config.DATA_DIR);
  const stackFile = dataDir.path('stack.json');
  rmSync(stackFile, { force: true }); // left by a killed stack: its addresses are no longer valid
  let contents: (() => StackFile) | null = null;
  const updateStackFile = () => {
    try {
      if (contents) writeStackFile(stackFile, contents());
    } catch (error) {
      options.print(`${stackFile} could not be written: ${(error as Error).message}`); // a full disk must not stop the stack
    }
  };
  const processGroup = createProcessGroup({ print: options.print, onChange: updateStackFile });
  const stop = async () => {
    await processGroup.stop();
    rmSync(stackFile, { force: true });
    dataDir.unlock();
  };
  const stopNow = () => void processGroup.stop();
  options.abort.addEventListener('abort', stopNow);
  try {
    const { secrets, generated } = openSecrets(dataDir.path('secrets.json'));
    const addresses = await chooseAddresses(options.config);
    const watchdog = startWatchdog();
    const dataServers = await openDataServers({
      ...options,
      dataDir,
      redisCacheDir: path.join(options.root, '.cache/redis'),
      secrets,
      processGroup,
      watchdog,
    });
    const operator = { url: `${addresses.apiUrl}/operator`, user: operatorName, password: operatorPassword(options.config, secrets) };
    const hostsDir = path.resolve(options.root, options.environment.HOSTS_DIR || 'hosts');
    const { environment } = options;
    const environmentOf = await serviceEnvironments({ ...options, addresses, dataServers, secrets });
    const ofCommands = commandVariables(environmentOf('api', 0));
    contents = () => stackFileContents({ hostsDir, environment, addresses, dataServers, operator, processGroup, ofCommands });
    updateStackFile();
    const keys = await prepare(dataServers, options);
    await startServices({ ...options, dataDir, environmentOf, processGroup, watchdog, onReload: updateStackFile });
    return {
      addresses,
      demoKeys: keys,
      operator,
      isOperatorPasswordNew: generated.has('operatorPassword') && !options.config.OPERATOR_PASSWORD,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    options.abort.removeEventListener('abort', stopNow);
  }
}

/** @returns the demo keys that exist, by host. One whose database is a shop's has none */
async function prepare(dataServers: DataServers, { print }: StackOptions): Promise<Stack['demoKeys']> {
  const startedAt = performance.now();
  const hostsWithDemoKey = await prepareDatabases(dataServers, print);
  print(`databases   pos, erp (${secondsSince(startedAt)})`);
  return Object.fromEntries(hostsWithDemoKey.map((host) => [host, demoKeys[host]]));
}

interface ServicesOptions extends StackOptions {
  dataDir: DataDir;
  environmentOf: Awaited<ReturnType<typeof serviceEnvironments>>;
  processGroup: ProcessGroup;
  watchdog: Watchdog;
  /** A service has read the host folders again. */
  onReload: () => void;
}

async function startServices(options: ServicesOptions): Promise<void> {
  const { config, programs, root, print, dataDir, environmentOf, processGroup, watchdog, onReload } = options;
  const counts: Record<ServiceKind, number> = {
    simulator: 1,
    notifier: config.NOTIFIER_PROCESSES,
    worker: config.WORKER_PROCESSES,
    api: config.API_PROCESSES,
  };
  const instances = serviceKinds.flatMap((kind) => Array.from({ length: counts[kind] }, (_, n) => ({ kind, n })));
  await Promise.all(
    instances.map(async ({ kind, n }) => {
      const name = counts[kind] > 1 ? `${kind}-${n + 1}` : kind;
      const log = openLogFile(dataDir.path('logs', `${name}.log`));
      const startedAt = performance.now();
      const onStderr = (text: string) => print(text.trimEnd().replace(/^/gm, `[${name}] `));
      const service = { name, program: programs[kind], root, environment: environmentOf(kind, n), log, onStderr, onReload, watchdog };
      const { pid } = await processGroup.add(kind, name, (abort) => startService({ ...service, abort }));
      print(`${name.padEnd(11)} process ${pid} (${secondsSince(startedAt)})`);
    }),
  );
}

function stackFileContents({
  hostsDir,
  environment,
  addresses,
  dataServers,
  operator,
  processGroup,
  ofCommands,
}: {
  hostsDir: string;
  environment: NodeJS.ProcessEnv;
  addresses: Addresses;
  dataServers: DataServers;
  operator: StackFile['operator'];
  processGroup: ProcessGroup;
  ofCommands: StackFile['environment'];
}): StackFile {
  const { apiUrl, simulatorUrl, metricsUrls } = addresses;
  return {
    api: apiUrl,
    simulator: simulatorUrl,
    redis: dataServers.redis,
    control: dataServers.databases.control,
    databases: hostDatabases(hostsDir, dataServers.databases, environment),
    hosts_dir: hostsDir,
    environment: ofCommands,
    operator,
    metrics: metricsUrls,
    pids: {
      api: processGroup.pids('api'),
      worker: processGroup.pids('worker'),
      notifier: processGroup.pids('notifier'),
      simulator: processGroup.pids('simulator'),
      redis: processGroup.pids('redis'),
      postgres: processGroup.pids('postgres'),
    },
  };
}
