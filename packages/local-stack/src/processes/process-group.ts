import { type Startable, type Supervised, supervise } from './supervise.ts';

/** Everything that runs, by kind. */
export interface ProcessGroup {
  /** @returns what it is once it serves; rejects when its first start fails, or the house is being stopped. */
  add<Running extends Startable>(kind: string, name: string, start: (abort: AbortSignal) => Promise<Running>): Promise<Running>;
  pids(kind: string): number[];
  /** Kind by kind, the last one added first; those of one kind together. */
  stop(): Promise<void>;
}

/** `changed` is called when any process begins or ends, until the house is stopped. */
export function createProcessGroup({ print, onChange }: { print: (message: string) => void; onChange: () => void }): ProcessGroup {
  const kinds = new Map<string, Supervised[]>();
  let stopping: Promise<void> | null = null;

  async function stopAll(): Promise<void> {
    for (const members of [...kinds.values()].reverse()) await Promise.all(members.map((member) => member.stop()));
  }

  return {
    add: async (kind, name, start) => {
      if (stopping !== null) throw new Error('the process group is stopping');
      const member = supervise({ name, start, print, onChange: () => (stopping === null ? onChange() : undefined) });
      kinds.set(kind, [...(kinds.get(kind) ?? []), member]);
      return member.ready;
    },
    pids: (kind) => (kinds.get(kind) ?? []).flatMap((member) => member.current()?.pid ?? []),
    stop: () => {
      stopping ??= stopAll();
      return stopping;
    },
  };
}
