import type { HostFolder } from './host-folder.ts';

/** The statement that sets the host's time zone, search path and settings for one transaction. */
export interface HostSession {
  text: string;
  values(tenant: string): string[];
}

/** The time zone makes `:now`, dates and the host's triggers agree on local time. The search path is used as host.yaml has it. */
export function sessionOf({ timezone, searchPath, set }: Pick<HostFolder, 'timezone' | 'searchPath' | 'set'>): HostSession {
  const settings: [string, string][] = [['TimeZone', timezone]];
  if (searchPath) settings.push(['search_path', searchPath.map(quoted).join(', ')]);
  settings.push(...Object.entries(set));
  const calls = settings.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, true)`);
  return {
    text: `select ${calls.join(', ')}`,
    values: (tenant) => settings.flatMap(([name, value]) => [name, value === ':tenant' ? tenant : value]),
  };
}

const quoted = (schema: string): string => `"${schema.replaceAll('"', '""')}"`;
