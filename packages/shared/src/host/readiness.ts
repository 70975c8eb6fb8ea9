import type { HostState } from './host-entry.ts';

/** For the readiness of a process: undefined when every host is ready, else one line per unavailable host with the reason. */
export function readinessOf(states: readonly HostState[]): { ok: false; why: string } | undefined {
  const unavailable = states.filter(({ ready }) => !ready);
  return unavailable.length === 0 ? undefined : { ok: false, why: unavailable.map(({ id, why }) => `${id}: ${why.join('; ')}`).join('\n') };
}
