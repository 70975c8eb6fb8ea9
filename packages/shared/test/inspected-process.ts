// A program of process.test.ts: a process of ours that says, for each message, whether its inspector is open.
import { url } from 'node:inspector';
import { startProcess } from '../src/runtime/process.ts';

await startProcess(async () => {
  process.on('message', () => setTimeout(() => process.send?.({ inspector: url() ?? null }), 200)); // the time that Node takes to open it
  process.send?.({ ready: true });
});
