// `npm run pictures`: the README's pictures, taken anew by the browser test of the pages. Needs Chromium and libwebp's tools:
// apt-get install chromium webp
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const kept = path.join(root, 'docs/pictures');
const taken = mkdtempSync(path.join(os.tmpdir(), 'pictures-'));
const frameMs = 1_600;

const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  'packages/demo/test/flow',
];
run(process.execPath, jest, { PICTURES: taken });
const names = readdirSync(taken).sort();
const frames = names.filter((name) => name.startsWith('flow-'));
if (frames.length === 0) throw new Error('the test took no pictures: is there a Chromium?');
for (const name of names.filter((each) => !frames.includes(each)))
  run('cwebp', ['-quiet', '-near_lossless', '60', path.join(taken, name), '-o', path.join(kept, name.replace('.png', '.webp'))]);
run('img2webp', [
  '-loop',
  '0',
  '-d',
  String(frameMs),
  '-lossy',
  '-q',
  '80',
  ...frames.map((name) => path.join(taken, name)),
  '-o',
  path.join(kept, 'flow.webp'),
]);
rmSync(taken, { recursive: true });

function run(command, args, environment = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } });
  if (status !== 0) throw new Error(`${command} failed${error ? `: ${error.message}` : ''}`);
}
