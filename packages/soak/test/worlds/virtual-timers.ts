import { currentTask, nextStepOf, runAs, type Task } from './tasks.ts';

type Callback = (...args: unknown[]) => unknown;

/** What `setTimeout` returns to a task. */
class VirtualTimer {
  step: object | null = null;
  readonly task: Task;

  constructor(task: Task) {
    this.task = task;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/**
 * While it is installed, the timers that a task starts run on the virtual time of its world, and end with its process. All other code of
 * this process keeps real timers. @returns what puts the real ones back
 */
export function installVirtualTimers(): () => void {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, timeout: AbortSignal.timeout };
  const start = (task: Task, work: Callback, ms: number, args: unknown[], isRepeated: boolean): VirtualTimer => {
    const timer = new VirtualTimer(task);
    const plan = (): void => {
      const options = { owner: task.process, isWeak: isRepeated };
      timer.step = task.world.time.after(
        ms,
        `${nextStepOf(task)} timer`,
        () =>
          runAs(task, () => {
            if (isRepeated) plan();
            work(...args);
          }),
        options,
      );
    };
    plan();
    return timer;
  };
  const starter = (realStart: Callback, isRepeated: boolean) =>
    function virtual(work: Callback, ms = 0, ...args: unknown[]): unknown {
      const task = currentTask();
      return task ? start(task, work, ms, args, isRepeated) : realStart(work, ms, ...args);
    };
  const stopper = (realStop: Callback) =>
    function stop(timer: unknown): void {
      if (timer instanceof VirtualTimer) timer.task.world.time.cancel(timer.step);
      else realStop(timer);
    };
  Object.assign(globalThis, {
    setTimeout: starter(real.setTimeout as Callback, false),
    setInterval: starter(real.setInterval as Callback, true),
    clearTimeout: stopper(real.clearTimeout as Callback),
    clearInterval: stopper(real.clearInterval as Callback),
  });
  AbortSignal.timeout = (ms) => {
    const task = currentTask();
    if (!task) return real.timeout.call(AbortSignal, ms);
    const limit = new AbortController();
    const abort = () => runAs(task, () => limit.abort(new DOMException('The operation timed out', 'TimeoutError')));
    task.world.time.after(ms, `${nextStepOf(task)} time limit`, abort, { owner: task.process, isWeak: true });
    return limit.signal;
  };
  return () => {
    const { timeout, ...timers } = real;
    Object.assign(globalThis, timers);
    AbortSignal.timeout = timeout;
  };
}
