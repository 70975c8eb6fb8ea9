import { rmSync } from 'node:fs';
import path from 'node:path';
import { type Addresses, chooseAddresses } from './addresses.ts';
import { type DataDir, openDataDir } from './data-dir.ts';
import { createHouse, type House } from './house.ts';
import { openLogFile } from './log-file.ts';
import { prepareDatabases } from './prepare.ts';
import { type Programs, type Role, roles } from './roles.ts';
import { openSecrets, type Secrets } from './secrets.ts';
import { startService } from './service.ts';
import { operatorName, operatorPassword, serviceEnvironments } from './service-environment.ts';
import type { StackConfig } from './stack-config.ts';
import { type StackFile, writeStackFile } from './stack-file.ts';
import { startWarden, type Warden } from './start-warden.ts';
import { openStores, type Stores, since } from './stores.ts';

export interface StackOptions {
  config: StackConfig;
  /** What `npm start` was given, of which the services get a part. */
  environment: NodeJS.ProcessEnv;
  programs: Programs;
  /** The checkout. */
  root: string;
  say: (sentence: string) => void;
  /** Stops a start that is under way. */
  abort: AbortSignal;
}

export interface Stack {
  addresses: Addresses;
  operator: StackFile['operator'];
  /** The password was made up by this start, so nobody has seen it yet. */
  operatorIsNew: boolean;
  /** Api, worker, notifier, simulator, then the servers: nothing is left when this resolves. */
  stop(): Promise<void>;
}

/** The whole house on one machine. What fails half-way is stopped before this throws. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = openDataDir(options.config.DATA_DIR);
  const stackFile = dataDir.path('stack.json');
  rmSync(stackFile, { force: true }); // of a stack that was killed: these addresses lead nowhere
  let describe: (() => StackFile) | null = null;
  const changed = () => {
    try {
      if (describe) writeStackFile(stackFile, describe());
    } catch (error) {
      options.say(`${stackFile} could not be written: ${(error as Error).message}`); // nothing dies of a full disk
    }
  };
  const house = createHouse({ say: options.say, changed });
  const stop = async () => {
    await house.stop();
    rmSync(stackFile, { force: true });
    dataDir.unlock();
  };
  const stopNow = () => void house.stop();
  options.abort.addEventListener('abort', stopNow);
  try {
    const { secrets, made } = openSecrets(dataDir.path('secrets.json'));
    const addresses = await chooseAddresses(options.config);
    const warden = startWarden();
    const stores = await openStores({
      ...options,
      dataDir,
      redisCacheDir: path.join(options.root, '.cache/redis'),
      secrets,
      house,
      warden,
    });
    const operator = { url: `${addresses.apiUrl}/operator`, user: operatorName, password: operatorPassword(options.config, secrets) };
    describe = () => describeStack({ addresses, stores, operator, house });
    changed();
    await prepare(stores, options);
    await startServices({ ...options, dataDir, addresses, stores, secrets, house, warden });
    return { addresses, operator, operatorIsNew: made.has('operatorPassword') && !options.config.OPERATOR_PASSWORD, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    options.abort.removeEventListener('abort', stopNow);
  }
}

async function prepare(stores: Stores, { say }: StackOptions): Promise<void> {
  const began = performance.now();
  await prepareDatabases(stores);
  say(`databases   pos, erp (${since(began)})`);
}

interface ServicesOptions extends StackOptions {
  dataDir: DataDir;
  addresses: Addresses;
  stores: Stores;
  secrets: Secrets;
  house: House;
  warden: Warden;
}

async function startServices(options: ServicesOptions): Promise<void> {
  const { config, programs, root, say, dataDir, house, warden } = options;
  const environmentOf = await serviceEnvironments({ ...options, given: options.environment });
  const counts: Record<Role, number> = {
    simulator: 1,
    notifier: config.NOTIFIER_PROCESSES,
    worker: config.WORKER_PROCESSES,
    api: config.API_PROCESSES,
  };
  const each = roles.flatMap((role) => Array.from({ length: counts[role] }, (_, n) => ({ role, n })));
  await Promise.all(
    each.map(async ({ role, n }) => {
      const name = counts[role] > 1 ? `${role}-${n + 1}` : role;
      const log = openLogFile(dataDir.path('logs', `${name}.log`));
      const began = performance.now();
      const onComplaint = (text: string) => say(text.trimEnd().replace(/^/gm, `[${name}] `));
      const service = { name, program: programs[role], root, environment: environmentOf(role, n), log, onComplaint, warden };
      const { pid } = await house.add(role, name, (abort) => startService({ ...service, abort }));
      say(`${name.padEnd(11)} process ${pid} (${since(began)})`);
    }),
  );
}

function describeStack({
  addresses,
  stores,
  operator,
  house,
}: {
  addresses: Addresses;
  stores: Stores;
  operator: StackFile['operator'];
  house: House;
}): StackFile {
  const { apiUrl, simulatorUrl, metricsUrls } = addresses;
  const { pos, erp } = stores.databases;
  return {
    api: apiUrl,
    simulator: simulatorUrl,
    redis: stores.redis,
    databases: { pos, erp },
    operator,
    metrics: metricsUrls,
    pids: {
      api: house.pids('api'),
      worker: house.pids('worker'),
      notifier: house.pids('notifier'),
      simulator: house.pids('simulator'),
      redis: house.pids('redis'),
      postgres: house.pids('postgres'),
    },
  };
}
