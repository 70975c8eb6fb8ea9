import { startProcess } from '@gateway/shared/runtime';
import { startApi } from './start-api.ts';

await startProcess(() => startApi());
