import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { checkoutDir } from './checkout.ts';

const projects = ['services/api', 'services/worker', 'services/notifier', 'packages/bench'];

/** Builds `dist/`, which a shop runs. @throws when the build fails */
export function buildForProduction(): void {
  const { status } = spawnSync(path.join(checkoutDir, 'node_modules/.bin/tsc'), ['-b', ...projects], {
    cwd: checkoutDir,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the production build failed: run `npm run build`');
}
