import { hostIdPattern } from '@gateway/shared/runtime';
import { z } from 'zod';
import { UsageError } from './command-error.ts';

/** The id of a row for an operator. Each database numbers its own rows, so the id begins with the host: `pos-12`. */
export interface RowId {
  host: string;
  id: number;
}

export const formatRowId = ({ host, id }: RowId): string => `${host}-${id}`;

function parse(name: string, kind: string): RowId {
  const [, host = '', id] = /^(\w+)-(\d{1,15})$/.exec(name) ?? [];
  if (!hostIdPattern.test(host) || !id)
    throw new UsageError({
      en: `invalid ${kind} id ${JSON.stringify(name)}: expected a value like pos-12`,
      id: `id ${JSON.stringify(name)} tidak dapat dipakai: seharusnya seperti pos-12`,
    });
  return { host, id: Number(id) };
}

/** `pos-12`. @param kind names the row in the error: `discrepancy` */
export const rowId = (kind: string) => z.string().transform((name) => parse(name, kind));
