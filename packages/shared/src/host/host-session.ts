import type { HostFolder } from './host-folder.ts';

/** The statement that sets the host's time zone, search path and settings for one transaction. */
export interface HostSession {
  text: string;
  values: string[];
}

/** @param lockTimeoutMs how long each statement of the transaction waits for a lock; default: as the connection does */
export type SessionFor = (tenant: string, lockTimeoutMs?: number) => HostSession;

/** The time zone makes `:now`, dates and the host's triggers agree on local time. The search path is used as host.yaml has it. */
export function sessionOf({ timezone, searchPath, set }: Pick<HostFolder, 'timezone' | 'searchPath' | 'set'>): SessionFor {
  const settings: [string, string][] = [['TimeZone', timezone]];
  if (searchPath) settings.push(['search_path', searchPath.map(quoted).join(', ')]);
  settings.push(...Object.entries(set));
  const text = textFor(settings.length);
  const textWithLockTimeout = textFor(settings.length + 1);
  return (tenant, lockTimeoutMs) => {
    const values = settings.flatMap(([name, value]) => [name, value === ':tenant' ? tenant : value]);
    if (lockTimeoutMs === undefined) return { text, values };
    return { text: textWithLockTimeout, values: [...values, 'lock_timeout', `${lockTimeoutMs}ms`] };
  };
}

const textFor = (count: number): string =>
  `select ${Array.from({ length: count }, (_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, true)`).join(', ')}`;

const quoted = (schema: string): string => `"${schema.replaceAll('"', '""')}"`;
