import { hostIdPattern } from '@gateway/shared/runtime';
import { UsageError } from './command-error.ts';

/** A row as a person names it. Numbers are given out by each database: the host's name makes them one of a kind. */
export interface RowId {
  host: string;
  id: number;
}

export const formatRowId = ({ host, id }: RowId): string => `${host}-${id}`;

/** @param kind `a discrepancy`, for who wrote something else. @throws WrongUsage */
export function parseRowId(name: string, kind: string): RowId {
  const [, host = '', id] = /^(\w+)-(\d{1,15})$/.exec(name) ?? [];
  if (!hostIdPattern.test(host) || !id) throw new UsageError(`invalid ${kind} id ${JSON.stringify(name)}: expected a value like pos-12`);
  return { host, id: Number(id) };
}
