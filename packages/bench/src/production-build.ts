import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const built = ['services/api', 'services/worker', 'services/notifier', 'packages/bench'];

/** `dist/` as a shop runs it. @throws when it cannot be built */
export function buildForProduction(): void {
  const { status } = spawnSync(path.join(root, 'node_modules/.bin/tsc'), ['-b', ...built], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('the production build failed: run `npm run build`');
}
