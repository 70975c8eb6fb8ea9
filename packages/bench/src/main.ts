import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkoutDir } from './checkout.ts';
import { takeConsoleFigures, takeFigures, takeTwoWaysIn, takeWebhookFigures } from './figures.ts';
import { buildForProduction } from './production-build.ts';
import { benchJson, consoleText, figuresJson, figuresText, table, twoWaysInText, webhookText } from './report.ts';
import { runBench } from './run-bench.ts';
import { type Servers, startServers } from './servers.ts';

const print = (line: string) => void process.stdout.write(`${line}\n`);

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tills: { type: 'string', default: '16' },
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '2' }, // less than the 3 s after which the product polls the provider
    profile: { type: 'string' },
  },
});
const modes = { ratios, figures, hosts, webhooks, console: consolePages };
const mode = positionals[0] ?? 'ratios';
const run = Object.hasOwn(modes, mode) ? modes[mode as keyof typeof modes] : null;
if (!run) {
  process.stderr.write(`unknown mode "${mode}": expected ratios (the default), figures, hosts, webhooks or console\n`);
  process.exit(1);
}

buildForProduction();
const servers = await startServers();
try {
  const logDir = path.join(servers.dir, 'logs');
  mkdirSync(logDir);
  await run(servers, logDir);
} finally {
  await servers.stop();
}

async function ratios({ redisUrl, pids, createDatabase }: Servers, logDir: string): Promise<void> {
  const result = await runBench({
    build: 'dist',
    tills: Number(options.tills),
    rounds: Number(options.rounds),
    seconds: Number(options.seconds),
    redisUrl,
    databases: { product: await createDatabase('product'), equal: await createDatabase('equal'), bare: await createDatabase('bare') },
    logDir,
    pids,
    ...profiling(),
    print,
  });
  print(`\n${table(result)}`);
  save('latest.json', benchJson(result));
}

async function figures({ redisUrl, createDatabase }: Servers, logDir: string): Promise<void> {
  const result = await takeFigures({
    build: 'dist',
    redisUrl,
    databaseUrl: await createDatabase('product'),
    logDir,
    timed: 300,
    counted: { payments: 40, idleMs: 4_000 },
    relay: { slowSeconds: 15, fastSeconds: 5, burst: 5_000 },
    print,
  });
  print(`\n${figuresText(result)}`);
  save('figures.json', figuresJson(result));
}

/** One till whose orders are in a database, and one that sends them, in turns. */
async function hosts({ redisUrl, createDatabase }: Servers, logDir: string): Promise<void> {
  const databaseUrl = await createDatabase('product');
  print(`\n${twoWaysInText(await takeTwoWaysIn({ build: 'dist', redisUrl, databaseUrl, logDir, timed: 600 }))}`);
}

async function webhooks({ redisUrl, createDatabase, pids }: Servers, logDir: string): Promise<void> {
  const result = await takeWebhookFigures({
    build: 'dist',
    redisUrl,
    databaseUrl: await createDatabase('product'),
    logDir,
    pids,
    webhooks: { endpoints: 20, perSecond: 500, seconds: 10, rounds: Number(options.rounds) },
    ...profiling(),
    print,
  });
  print(`\n${webhookText(result)}`);
  save('webhooks.json', result);
}

async function consolePages({ redisUrl, createDatabase, pids }: Servers, logDir: string): Promise<void> {
  const result = await takeConsoleFigures({
    build: 'dist',
    redisUrl,
    databaseUrl: await createDatabase('product'),
    logDir,
    pids,
    console: { perSecond: 200, seconds: 10, rounds: Number(options.rounds) },
    ...profiling(),
    print,
  });
  print(`\n${consoleText(result)}`);
  save('console.json', result);
}

/** CPU profiles of the programs, into the folder of `--profile`. */
function profiling() {
  const { profile } = options;
  if (!profile) return {};
  return { nodeOptions: (program: string) => ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${program}.cpuprofile`] };
}

function save(file: string, result: object): void {
  mkdirSync(path.join(checkoutDir, 'bench'), { recursive: true });
  writeFileSync(
    path.join(checkoutDir, 'bench', file),
    `${JSON.stringify({ at: new Date(), node: process.version, ...result }, null, 2)}\n`,
  );
}
