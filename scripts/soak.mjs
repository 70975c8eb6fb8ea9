// node scripts/pm.mjs scripts/soak.mjs NAME [--option value …]: runs the test file NAME at full length.
// An option becomes an environment variable of the test: `--payments 5000` is SOAK_PAYMENTS=5000.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const [name, ...args] = process.argv.slice(2);
const { tokens } = parseArgs({ args, strict: false, tokens: true });
const variables = Object.fromEntries(
  tokens.flatMap(({ kind, name: option }, index) => {
    if (kind !== 'option') return [];
    const value = tokens[index].value ?? (tokens[index + 1]?.kind === 'positional' ? tokens[index + 1].value : '1');
    return [[`SOAK_${option.toUpperCase().replaceAll('-', '_')}`, value]];
  }),
);

const { status, signal } = spawnSync(
  process.execPath,
  ['node_modules/jest/bin/jest.js', '--runInBand', '--verbose', `/test/${name}\\.test\\.ts$`],
  { cwd: path.resolve(import.meta.dirname, '..'), env: { ...process.env, SERVERS_ON_DISK: '1', ...variables }, stdio: 'inherit' },
);
if (signal) process.kill(process.pid, signal);
process.exit(status ?? 1);
