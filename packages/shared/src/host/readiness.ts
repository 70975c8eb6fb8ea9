import type { HostState } from './host-entry.ts';

/** For a process's readiness: undefined when every host serves, else which is out, and why. */
export function readinessOf(states: readonly HostState[]): { ok: false; why: string } | undefined {
  const unavailable = states.filter(({ ready }) => !ready);
  return unavailable.length === 0 ? undefined : { ok: false, why: unavailable.map(({ id, why }) => `${id}: ${why.join('; ')}`).join('\n') };
}
