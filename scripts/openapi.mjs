// npm run openapi -- types: writes the types of packages/client from the OpenAPI document. A test fails while they differ.
// npm run openapi -- breaking: lists the changes since the last release that break clients; exit code 1 when there are any.
// npm run openapi -- release: stores the present document as that of the release, for the next comparison.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { clientTypes, documentOf } from '../packages/client/test/client-types.ts';
import { breakingChanges } from './openapi/breaking-changes.mjs';

const root = path.resolve(import.meta.dirname, '..');
const released = path.join(root, 'docs/openapi-release.json');

const commands = {
  types: async () => writeFileSync(path.join(root, 'packages/client/src/generated/api.ts'), await clientTypes()),
  release: () => writeFileSync(released, `${JSON.stringify(documentOf())}\n`),
  breaking: () => {
    const changes = breakingChanges(JSON.parse(readFileSync(released, 'utf8')), documentOf());
    for (const change of changes) console.error(change);
    console.log(`${changes.length} breaking changes since the last release`);
    process.exitCode = changes.length > 0 ? 1 : 0;
  },
};

const command = commands[process.argv[2]];
if (!command) {
  console.error(`usage: npm run openapi -- ${Object.keys(commands).join(' | ')}`);
  process.exit(1);
}
await command();
