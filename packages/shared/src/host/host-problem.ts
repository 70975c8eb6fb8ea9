/** What is wrong with a host, said so that whoever keeps it can mend it: where, what, and Postgres's own words when it was Postgres. */
export interface HostProblem {
  /** As it is found from where the hosts are: `pos/paid.sql`. */
  file: string;
  /** From 1; null when the whole file is meant. A column counts characters. */
  line: number | null;
  column: number | null;
  message: string;
  /** Postgres's own words, when it was Postgres that refused. */
  postgres?: string;
  /** What to do, where that can be said. */
  advice?: string;
}

/** A place in a text, as editors count: both from 1. */
export interface Place {
  line: number;
  column: number;
}

/** @param offset in UTF-16 units, as JavaScript counts; the column is in characters, as people and Postgres do. */
export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const lines = before.split(/\r\n|\r|\n/);
  return { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
}

/** `pos/paid.sql:3:10: column "reff" does not exist. Compare the statement with the host's tables.` */
export function formatProblem({ file, line, column, message, postgres, advice }: HostProblem): string {
  const where = [file, line, column].filter((part) => part !== null).join(':');
  return [`${where}: ${message}`, postgres && `Postgres says: ${postgres}`, advice].filter(Boolean).map(withoutFullStop).join('. ');
}

const withoutFullStop = (sentence: string | undefined): string | undefined => sentence?.replace(/\.$/, '');
