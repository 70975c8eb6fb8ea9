// node scripts/pm.mjs scripts/dependencies.mjs sbom|advisories
// sbom: prints the production packages with their versions, hashes and licences, in the format CycloneDX.
// advisories: asks the npm registry for known vulnerabilities in them. Exits with 1 when there is one, or when the registry does not answer.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const commands = {
  sbom: ['sbom', '--prod', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'],
  advisories: ['audit', '--prod'],
};
const args = commands[process.argv[2]];
if (!args) {
  console.error(`expected one of ${Object.keys(commands).join(', ')}`);
  process.exit(1);
}
const root = path.resolve(import.meta.dirname, '..');
const { status } = spawnSync(path.join(root, '.tools/node_modules/.bin/pnpm'), args, { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
