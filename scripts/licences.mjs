// Fails when an installed package has a licence that is not listed here. Adding a licence is a decision: read it first.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const production = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'MIT OR Apache-2.0',
  '(MIT OR Apache-2.0)',
  'Unlicense',
];
const development = [
  ...production,
  'BlueOak-1.0.0',
  'CC-BY-4.0',
  '(MIT OR CC0-1.0)',
  'CC0-1.0',
  'Python-2.0',
  'PSF-2.0',
  '(BSD-2-Clause OR MIT OR Apache-2.0)',
  'MPL-2.0',
];

const findings = [...offenders(['--prod'], production), ...offenders(['--dev'], development)];
for (const line of new Set(findings)) console.error(line);
if (findings.length > 0) console.error('read these licences, then add them to scripts/licences.mjs or remove the package');
process.exit(findings.length > 0 ? 1 : 0);

function offenders(which, allowed) {
  const { stdout, status, stderr } = spawnSync(
    path.join(root, '.tools/node_modules/.bin/pnpm'),
    ['licenses', 'list', '-r', '--json', ...which],
    { cwd: root, encoding: 'utf8', maxBuffer: 1e8 },
  );
  if (status !== 0) return [`pnpm licenses list failed: ${stderr}`];
  const byLicence = stdout.trim().startsWith('{') ? JSON.parse(stdout) : {};
  return Object.entries(byLicence).flatMap(([licence, packages]) =>
    allowed.includes(licence) ? [] : packages.map(({ name }) => `${name}: ${licence} (${which[0]})`),
  );
}
