import { readConfig, WrongEnvironment } from './config.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from './simulator.ts';

const say = (sentence: string): void => void process.stdout.write(`simulator: ${sentence}\n`);
const longestGoodbyeMs = 900;

try {
  const config = readConfig(process.env);
  const simulator = await startSimulator({ ...config, log: say });
  say(`Midtrans and Xendit at ${simulator.url} (own ports: ${simulator.urls.midtrans}, ${simulator.urls.xendit})`);
  sayWhereNewsGoes(config);
  leaveWhenTold(simulator);
  process.send?.({ ready: true, port: simulator.port, ports: simulator.ports, pid: process.pid });
} catch (error) {
  process.stderr.write(`simulator: ${whatWentWrong(error)}\n`);
  process.exit(1);
}

function sayWhereNewsGoes({ midtrans, xendit }: SimulatorOptions): void {
  if (!midtrans?.[0]?.notificationUrl) say('MIDTRANS_NOTIFICATION_URL is not set: Midtrans sends no webhooks');
  if (!xendit?.[0]?.notificationUrl) say('XENDIT_NOTIFICATION_URL is not set: Xendit sends no webhooks');
}

/** On a signal, or when the parent that started us with an IPC channel is gone. A second signal changes nothing. */
function leaveWhenTold(simulator: Simulator): void {
  let leaving = false;
  const leave = async (): Promise<void> => {
    if (leaving) return;
    leaving = true;
    setTimeout(() => process.exit(0), longestGoodbyeMs);
    await simulator.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void leave());
  if (process.connected) process.once('disconnect', () => void leave());
}

function whatWentWrong(error: unknown): string {
  if (error instanceof WrongEnvironment) return error.message;
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') return `port ${port} is taken; set SIMULATOR_PORT to another one, or to 0 for a free one`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
