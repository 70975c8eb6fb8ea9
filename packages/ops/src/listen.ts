import { main } from './cli.ts';
import { listenCommand } from './developer/listen-command.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
await main('listen', [listenCommand((line) => void process.stdout.write(`${line}\n`), stopping.signal)]);
