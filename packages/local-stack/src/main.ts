import path from 'node:path';
import { runStack } from './run-stack.ts';

const root = path.resolve(import.meta.dirname, '../../..');

await runStack({
  simulator: path.join(root, 'packages/simulator/src/main.ts'),
  notifier: path.join(root, 'services/notifier/src/main.ts'),
  worker: path.join(root, 'services/worker/src/main.ts'),
  api: path.join(root, 'packages/demo/src/main.ts'),
});
