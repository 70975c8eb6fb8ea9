// `npm run pictures`: regenerates the screenshots of the README and of docs/console.md with the browser tests of the demo and of the console.
// Needs Chromium and the tools of libwebp: apt-get install chromium webp
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const pictures = path.join(root, 'docs/pictures');
const screenshots = mkdtempSync(path.join(os.tmpdir(), 'pictures-'));
const frameMs = 1_600;

run(process.execPath, ['node_modules/jest/bin/jest.js', 'packages/demo/test/flow'], { PICTURES: screenshots });
run(process.execPath, ['node_modules/jest/bin/jest.js', 'packages/soak/test/console-pictures'], { PICTURES: screenshots });
const names = readdirSync(screenshots).sort();
const frames = names.filter((name) => name.startsWith('flow-'));
if (frames.length === 0) throw new Error('no screenshots taken: Chromium not found on the PATH');
for (const name of names.filter((each) => !frames.includes(each)))
  run('cwebp', ['-quiet', '-near_lossless', '60', path.join(screenshots, name), '-o', path.join(pictures, name.replace('.png', '.webp'))]);
run('img2webp', [
  '-loop',
  '0',
  '-d',
  String(frameMs),
  '-lossy',
  '-q',
  '80',
  ...frames.map((name) => path.join(screenshots, name)),
  '-o',
  path.join(pictures, 'flow.webp'),
]);
rmSync(screenshots, { recursive: true });

function run(command, args, environment = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } });
  if (status !== 0) throw new Error(`${command} failed${error ? `: ${error.message}` : ''}`);
}
