import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** How many milliseconds the clock of a process is wrong, by its process id. */
export type ClockSteps = Readonly<Record<string, number>>;

const readEveryMs = 100;

/** Sets the clocks of processes that called `stepClock` with this file. A process that is not named has the machine's time. */
export function setClocks(file: string, steps: ClockSteps): void {
  writeFileSync(`${file}.new`, JSON.stringify(steps));
  renameSync(`${file}.new`, file);
}

/** Runs in a process of the product, before its program: `Date` follows the steps in the file. Timers do not, as with a real clock that is set. */
export function stepClock(file: string): void {
  const MachineDate = Date;
  let offsetMs = 0;
  setInterval(() => {
    offsetMs = (JSON.parse(readFileSync(file, 'utf8')) as ClockSteps)[process.pid] ?? 0;
  }, readEveryMs).unref();
  globalThis.Date = new Proxy(MachineDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [MachineDate.now() + offsetMs] : args, newTarget),
    get: (target, name, receiver) => (name === 'now' ? () => MachineDate.now() + offsetMs : Reflect.get(target, name, receiver)),
  });
}

/** Runs in a process of the product, before its program: servers on these local ports are reached through the port that stands beside. */
export function reachThrough(ports: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(process.env))
    process.env[name] = value?.replace(/127\.0\.0\.1:(\d+)/g, (address, port) => (ports[port] ? `127.0.0.1:${ports[port]}` : address));
}
