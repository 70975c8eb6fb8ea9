import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildForProduction } from './production-build.ts';
import { forMachines, table } from './report.ts';
import { runBench } from './run-bench.ts';
import { startServers } from './servers.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const say = (sentence: string) => void process.stdout.write(`${sentence}\n`);

const { values } = parseArgs({
  options: {
    tills: { type: 'string', default: '16' },
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '2' }, // less than the 3 s after which the product asks a provider by itself
    profile: { type: 'string' },
  },
});

buildForProduction();
const servers = await startServers();
try {
  const { profile } = values;
  const logDir = path.join(servers.dir, 'logs');
  mkdirSync(logDir);
  const result = await runBench({
    build: 'dist',
    tills: Number(values.tills),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    redisUrl: servers.redisUrl,
    databases: {
      product: await servers.createDatabase('product'),
      equal: await servers.createDatabase('equal'),
      bare: await servers.createDatabase('bare'),
    },
    logDir,
    pids: servers.pids,
    ...(profile
      ? { nodeOptions: (program: string) => ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${program}.cpuprofile`] }
      : {}),
    say,
  });
  say(`\n${table(result)}`);
  mkdirSync(path.join(root, 'bench'), { recursive: true });
  writeFileSync(
    path.join(root, 'bench/latest.json'),
    `${JSON.stringify({ at: new Date(), node: process.version, ...forMachines(result) }, null, 2)}\n`,
  );
} finally {
  await servers.stop();
}
