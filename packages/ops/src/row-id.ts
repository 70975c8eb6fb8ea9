import { hostIdPattern } from '@gateway/shared/runtime';
import { UsageError } from './command-error.ts';

/** The id of a row for an operator. Each database numbers its own rows, so the id begins with the host: `pos-12`. */
export interface RowId {
  host: string;
  id: number;
}

export const formatRowId = ({ host, id }: RowId): string => `${host}-${id}`;

/** @param kind names the row in the error: `discrepancy`. @throws UsageError */
export function parseRowId(name: string, kind: string): RowId {
  const [, host = '', id] = /^(\w+)-(\d{1,15})$/.exec(name) ?? [];
  if (!hostIdPattern.test(host) || !id) throw new UsageError(`invalid ${kind} id ${JSON.stringify(name)}: expected a value like pos-12`);
  return { host, id: Number(id) };
}
