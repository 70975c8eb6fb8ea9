import { EnvironmentError, readConfig } from './config.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from './simulator.ts';

const print = (message: string): void => void process.stdout.write(`simulator: ${message}\n`);
const maxShutdownMs = 900; // the process promises to exit within a second

try {
  const config = readConfig(process.env);
  const simulator = await startSimulator({ ...config, log: print });
  print(`Midtrans and Xendit at ${simulator.url} (own ports: ${simulator.urls.midtrans}, ${simulator.urls.xendit})`);
  logNotificationUrls(config);
  exitOnSignal(simulator);
  process.send?.({ ready: true, port: simulator.port, ports: simulator.ports, pid: process.pid });
} catch (error) {
  process.stderr.write(`simulator: ${describeError(error)}\n`);
  process.exit(1);
}

function logNotificationUrls({ midtrans, xendit }: SimulatorOptions): void {
  if (!midtrans?.[0]?.notificationUrl) print('MIDTRANS_NOTIFICATION_URL is not set: Midtrans sends no webhooks');
  if (!xendit?.[0]?.notificationUrl) print('XENDIT_NOTIFICATION_URL is not set: Xendit sends no webhooks');
}

/** Stops the simulator on SIGTERM or SIGINT, and when the IPC channel to the parent process closes. Further signals are ignored. */
function exitOnSignal(simulator: Simulator): void {
  let isShuttingDown = false;
  const shutDown = async (): Promise<void> => {
    if (isShuttingDown) return;
    isShuttingDown = true;
    setTimeout(() => process.exit(0), maxShutdownMs);
    await simulator.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void shutDown());
  if (process.connected) process.once('disconnect', () => void shutDown());
}

function describeError(error: unknown): string {
  if (error instanceof EnvironmentError) return error.message;
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') return `port ${port} is taken; set SIMULATOR_PORT to another one, or to 0 for a free one`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
