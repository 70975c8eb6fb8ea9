import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
let house; // a house of the same plan, with one line in each room

beforeAll(() => {
  house = mkdtempSync(path.join(tmpdir(), 'zones-'));
  const rules = JSON.parse(readFileSync(path.join(root, 'biome.json'), 'utf8'));
  writeFileSync(path.join(house, 'biome.json'), JSON.stringify({ ...rules, $schema: undefined, vcs: { enabled: false } }));
});
afterAll(() => rmSync(house, { recursive: true }));

function lint(file, from) {
  const full = path.join(house, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, `import { x } from '${from}';\n\nexport const y = x;\n`);
  const { stdout, stderr, status } = spawnSync(path.join(root, 'node_modules/.bin/biome'), ['lint', full], {
    cwd: house,
    encoding: 'utf8',
  });
  return { refused: status !== 0, words: (stdout + stderr).replace(/\s+/g, ' ') };
}

describe('an import in a forbidden direction', () => {
  it.each([
    ['services/api/src/probe.ts', '@gateway/worker', 'Services never import each other'],
    ['services/worker/src/probe.ts', '@gateway/simulator', 'What a shop runs does not contain'],
    ['packages/shared/src/payment/probe.ts', '../store/index.ts', 'payment and runtime import nothing of ours'],
    ['packages/shared/src/runtime/probe.ts', '../payment/index.ts', 'payment and runtime import nothing of ours'],
    ['packages/shared/src/provider/probe.ts', '../store/index.ts', 'the provider knows no tables'],
    ['packages/shared/src/provider/midtrans/probe.ts', '../../queue/index.ts', 'the provider knows no tables'],
    ['packages/shared/src/queue/probe.ts', '../store/index.ts', 'the queue carries ids'],
    ['packages/shared/src/store/probe.ts', '../host/index.ts', 'a table knows no provider'],
    ['packages/shared/src/host/probe.ts', '../store/index.ts', 'a host is SQL over a connection'],
    ['packages/simulator/src/probe.ts', '@gateway/shared/payment', 'The simulator imports nothing of ours'],
  ])('%s may not import %s, and is told why', (file, from, reason) => {
    const { refused, words } = lint(file, from);
    expect(words).toContain(reason);
    expect(refused).toBe(true);
  });

  it.each([
    ['services/api/src/probe.ts', '@gateway/shared/payment'],
    ['packages/shared/src/store/probe.ts', '../payment/index.ts'],
  ])('%s may import %s', (file, from) => {
    expect(lint(file, from).words).not.toContain('noRestrictedImports');
  });
});
