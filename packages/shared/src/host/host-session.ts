import pg from 'pg';
import { begin } from '../postgres/index.ts';
import type { HostFolder } from './host-folder.ts';

/** The statement that sets the host's time zone, search path and settings for one transaction. */
export interface HostSession {
  text: string;
  values: string[];
}

export interface StatementLimits {
  lockTimeoutMs?: number;
  statementTimeoutMs?: number;
}

export interface SessionOf {
  /** The settings as a statement of its own, for a transaction that has begun. */
  settings(tenant: string): HostSession;
  /**
   * Begins a transaction with the settings, in one message to the server.
   * @param limits how long each statement of the transaction waits for a lock, and runs, in milliseconds; default: as the connection does
   */
  begin(tenant: string, limits?: StatementLimits): string;
}

/** The time zone makes `:now`, dates and the host's triggers agree on local time. The search path is used as host.yaml has it. */
export function sessionOf({ timezone, searchPath, set }: Pick<HostFolder, 'timezone' | 'searchPath' | 'set'>): SessionOf {
  const own = Object.entries(set);
  const zoneAndPath = [['TimeZone', timezone], ...(searchPath ? [['search_path', searchPath.map(quoted).join(', ')]] : [])];
  const settings = [...zoneAndPath, ...own] as [string, string][];
  const text = `select ${settings.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, true)`).join(', ')}`;
  const path = searchPath ? `; set local search_path to ${searchPath.map(quoted).join(', ')}` : '';
  const beginning = `${begin.text}; set local timezone to ${pg.escapeLiteral(timezone)}${path}`;
  return {
    settings: (tenant) => ({ text, values: settings.flatMap(([name, value]) => [name, valueFor(value, tenant)]) }),
    begin: (tenant, { lockTimeoutMs, statementTimeoutMs } = {}) => {
      const limits = setLimit('lock_timeout', lockTimeoutMs) + setLimit('statement_timeout', statementTimeoutMs);
      const setOwn = own.map(
        ([name, value]) => `set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(valueFor(value, tenant))}, true)`,
      );
      return beginning + limits + (setOwn.length > 0 ? `; select ${setOwn.join(', ')}` : '');
    },
  };
}

const setLimit = (name: string, ms: number | undefined): string => (ms === undefined ? '' : `; set local ${name} to ${ms}`);

const valueFor = (value: string, tenant: string): string => (value === ':tenant' ? tenant : value);

const quoted = (schema: string): string => `"${schema.replaceAll('"', '""')}"`;
