/** One problem of a host, for its maintainer. */
export interface HostProblem {
  /** The path from the folder of the hosts: `pos/paid.sql`. */
  file: string;
  /** From 1; null when the problem concerns the whole file. `column` counts characters. */
  line: number | null;
  column: number | null;
  message: string;
  /** PostgreSQL's message, when PostgreSQL reported the problem. */
  postgres?: string;
  /** What to do about it. */
  advice?: string;
}

/** A place in a text. Both numbers start at 1, as in editors. */
export interface Place {
  line: number;
  column: number;
}

/** @param offset in UTF-16 units, as JavaScript counts. The column counts characters, as editors and PostgreSQL do. */
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
