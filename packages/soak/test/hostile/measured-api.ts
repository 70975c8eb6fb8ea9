// The program of the api, which prints on SIGUSR2 how much memory it needs: V8 keeps what it once had, so the garbage is collected first.
import v8 from 'node:v8';
import vm from 'node:vm';

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc') as () => void;
let count = 0;
process.on('SIGUSR2', () => {
  collectGarbage();
  process.stderr.write(`memory ${++count} ${JSON.stringify(process.memoryUsage())}\n`);
});
await import('@gateway/api/src/main.ts');
