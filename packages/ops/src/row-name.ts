import { WrongUsage } from './cannot-do.ts';

/** A row as a person names it. Numbers are given out by each database: the host's name makes them one of a kind. */
export interface RowName {
  host: string;
  id: number;
}

export const nameOf = ({ host, id }: RowName): string => `${host}-${id}`;

/** @param what `a discrepancy`, for who wrote something else. @throws WrongUsage */
export function rowNamed(name: string, what: string): RowName {
  const [, host, id] = /^([a-z][a-z0-9]{1,9})-(\d{1,15})$/.exec(name) ?? [];
  if (!host || !id) throw new WrongUsage(`${JSON.stringify(name)} is no id of ${what}: they look like pos-12`);
  return { host, id: Number(id) };
}
