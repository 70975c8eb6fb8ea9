import { type Startable, type Supervised, supervise } from './supervise.ts';

/** All supervised processes of a stack, by kind. */
export interface ProcessGroup {
  /** Starts a process. @returns it when it is ready; rejects when its first start fails, or the group is stopping */
  add<Running extends Startable>(kind: string, name: string, start: (abort: AbortSignal) => Promise<Running>): Promise<Running>;
  pids(kind: string): number[];
  /** Stops kind by kind, the one added last first. Processes of one kind stop together. */
  stop(): Promise<void>;
}

/** `onChange` is called when a process starts or exits, until the group stops. */
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
