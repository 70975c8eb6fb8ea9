import { type Startable, type Supervised, supervise } from './supervise.ts';

/** Everything that runs, by kind. */
export interface House {
  /** @returns what it is once it serves; rejects when its first start fails, or the house is being stopped. */
  add<Running extends Startable>(kind: string, name: string, start: (abort: AbortSignal) => Promise<Running>): Promise<Running>;
  pids(kind: string): number[];
  /** Kind by kind, the last one added first; those of one kind together. */
  stop(): Promise<void>;
}

/** `changed` is called when any process begins or ends, until the house is stopped. */
export function createHouse({ say, changed }: { say: (sentence: string) => void; changed: () => void }): House {
  const kinds = new Map<string, Supervised[]>();
  let stopped: Promise<void> | null = null;

  async function stopAll(): Promise<void> {
    for (const members of [...kinds.values()].reverse()) await Promise.all(members.map((member) => member.stop()));
  }

  return {
    add: async (kind, name, start) => {
      if (stopped !== null) throw new Error('the house is being stopped');
      const member = supervise({ name, start, say, changed: () => (stopped === null ? changed() : undefined) });
      kinds.set(kind, [...(kinds.get(kind) ?? []), member]);
      return member.ready;
    },
    pids: (kind) => (kinds.get(kind) ?? []).flatMap((member) => member.current()?.pid ?? []),
    stop: () => {
      stopped ??= stopAll();
      return stopped;
    },
  };
}
