import type { HostState } from './host-entry.ts';
import type { Hosts } from './hosts.ts';

/** For the readiness of a process: undefined when every host is ready, else one line per unavailable host with the reason. */
export function readinessOf(states: readonly HostState[]): { ok: false; why: string } | undefined {
  const unavailable = states.filter(({ ready }) => !ready);
  return unavailable.length === 0 ? undefined : { ok: false, why: unavailable.map(({ id, why }) => `${id}: ${why.join('; ')}`).join('\n') };
}

/**
 * For the traffic of a process: undefined while it can answer the tills of at least one host. When it can answer none, the hosts are
 * checked again at once, so that the next question finds a database that is back.
 */
export function servingOf(hosts: Pick<Hosts, 'states' | 'recheck'>): { ok: false; why: string } | undefined {
  const states = hosts.states();
  if (states.some(({ ready }) => ready)) return undefined;
  void hosts.recheck();
  return readinessOf(states) ?? { ok: false, why: 'no host is configured' };
}
