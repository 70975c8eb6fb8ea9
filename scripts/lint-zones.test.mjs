import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
let workspace; // a copy of the workspace layout, with one line in each folder

beforeAll(() => {
  workspace = mkdtempSync(path.join(tmpdir(), 'zones-'));
  const rules = JSON.parse(readFileSync(path.join(root, 'biome.json'), 'utf8'));
  writeFileSync(path.join(workspace, 'biome.json'), JSON.stringify({ ...rules, $schema: undefined, vcs: { enabled: false } }));
});
afterAll(() => rmSync(workspace, { recursive: true }));

function lint(file, from) {
  const full = path.join(workspace, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, `import { x } from '${from}';\n\nexport const y = x;\n`);
  const { stdout, stderr, status } = spawnSync(path.join(root, 'node_modules/.bin/biome'), ['lint', full], {
    cwd: workspace,
    encoding: 'utf8',
  });
  return { refused: status !== 0, output: (stdout + stderr).replace(/\s+/g, ' ') };
}

describe('an import in a forbidden direction', () => {
  it.each([
    ['services/api/src/probe.ts', '@gateway/worker', 'Services never import each other'],
    ['services/notifier/src/probe.ts', '@gateway/api', 'Services never import each other'],
    ['services/worker/src/probe.ts', '@gateway/simulator', 'Product code imports neither tooling'],
    ['services/worker/src/probe.ts', '@gateway/testing/eventually', 'Product code imports neither tooling'],
    ['packages/shared/src/payment/probe.ts', '../store/index.ts', 'payment imports nothing of ours'],
    ['packages/shared/src/runtime/probe.ts', '../payment/index.ts', 'runtime imports nothing of ours'],
    ['packages/shared/src/postgres/probe.ts', '../store/index.ts', 'postgres is a ground layer'],
    ['packages/shared/src/provider/probe.ts', '../store/index.ts', 'an adapter knows no tables'],
    ['packages/shared/src/provider/midtrans/probe.ts', '../../queue/index.ts', 'an adapter knows no tables'],
    ['packages/shared/src/queue/probe.ts', '../store/index.ts', 'the queue carries ids'],
    ['packages/shared/src/store/payments/probe.ts', '../../host/index.ts', 'a table knows no provider'],
    ['packages/shared/src/host/probe.ts', '../store/index.ts', 'a host is SQL on a connection'],
    ['packages/host-kit/src/probe.ts', '@gateway/testing/eventually', 'host-kit imports shared only'],
    ['packages/operations/src/verbs/probe.ts', '@gateway/ops/commands', 'operations imports shared only'],
    ['packages/ops/src/commands/probe.ts', '@gateway/worker', 'ops imports shared, host-kit and operations only'],
    ['packages/local-stack/src/probe.ts', '@gateway/api', 'imports none of them'],
    ['packages/demo/src/probe.ts', '@gateway/simulator', 'demo imports api, shared and display-client only'],
    ['packages/display-client/src/probe.ts', '@gateway/shared/payment', 'display-client imports nothing of ours'],
    ['packages/simulator/src/probe.ts', '@gateway/shared/payment', 'The simulator imports nothing of ours'],
  ])('%s may not import %s, and the message gives the reason', (file, from, reason) => {
    const { refused, output } = lint(file, from);
    expect(output).toContain(reason);
    expect(refused).toBe(true);
  });

  it.each([
    ['services/api/src/probe.ts', '@gateway/shared/payment'],
    ['packages/shared/src/store/payments/probe.ts', '../../postgres/index.ts'],
    ['packages/demo/src/probe.ts', '@gateway/api'],
    ['services/api/src/operator/probe.ts', '@gateway/operations'],
  ])('%s may import %s', (file, from) => {
    expect(lint(file, from).output).not.toContain('noRestrictedImports');
  });
});
