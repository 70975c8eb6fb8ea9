import type pg from 'pg';
import { hasSqlState, type Queryable, sqlState } from '../../postgres/index.ts';
import { composeStatement, type SqlPart, sqlPart } from './composed-statement.ts';
import { splitStatement } from './split-statement.ts';

const refusal = 'the host refused';

/** Whether a statement of ours failed because the host's part of it refused. */
export const isHostRefusal = (error: unknown): boolean =>
  hasSqlState(error, sqlState.invalidTextRepresentation) && (error as Error).message.includes(refusal);

/** What a host's statement must return: at least one row, or exactly one with a `host_payment_key`. Else it refused. */
export interface HostDemand {
  part: SqlPart;
  needsKey: boolean;
}

/** The step of the host's statement. Its row has the host's key of the payment. */
export const hostStep = 'gateway_host';

/**
 * Collects statements that write, and sends them as one `with` query: one message, one snapshot, one answer. A statement tells how many
 * rows it wrote and returns none. Steps see the tables as they were before, and no two may write the same row. When the host's statement
 * refuses, the query fails, and the transaction with it: its sender runs the statements one by one in a new transaction.
 */
export class OneStatement implements Queryable {
  readonly #parts: SqlPart[] = [];
  readonly #sent = Promise.withResolvers<number[]>();
  readonly #host: HostDemand | null;

  constructor(host: HostDemand | null) {
    this.#host = host;
    this.#sent.promise.catch(() => {}); // the caller that awaits a statement sees the error
  }

  query<Row extends pg.QueryResultRow = pg.QueryResultRow>({ name, text, values = [] }: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
    const counted = /\breturning\b/.test(text) ? text : `${text} returning 1 as one`;
    const index = this.#parts.push(sqlPart(name as string, counted, values)) - 1;
    const result = this.#sent.promise.then((counts) => ({ rowCount: counts[index], rows: [] as Row[] }) as unknown as pg.QueryResult<Row>);
    result.catch(() => {});
    return result;
  }

  /**
   * Sends all statements at once. Throws at once, and not by its promise, when they cannot be joined: the caller then sends no commit.
   * The promise rejects with PostgreSQL's error, also when the host's statement refused.
   * @returns the host's key of the payment; null without a statement that returns one
   */
  send(connection: Queryable): Promise<string | null> {
    const parts = [...(this.#host ? [this.#host.part] : []), ...this.#parts];
    const label = this.#host ? (this.#host.needsKey ? 'write with the key of the host' : 'write with the host') : 'write';
    const query = composeStatement(label, parts, (texts) => this.#textOf(texts));
    const answer = connection.query<Record<string, number> & { key?: string }>(query).then(({ rows }) => rows[0] ?? {});
    this.#sent.resolve(answer.then(Object.values<number>));
    return answer.then(({ key }) => (key as string | undefined) ?? null);
  }

  #textOf(texts: string[]): string {
    const steps: string[] = [];
    let isRecursive = false;
    const add = (name: string, text: string): string => {
      const split = splitStatement(text);
      if (typeof split === 'string') throw new Error(`${name} cannot be a step: ${split}`);
      isRecursive ||= split.isRecursive;
      if (split.steps) steps.push(split.steps);
      steps.push(`${name} as materialized (${split.main}\n)`);
      return name;
    };
    const host = this.#host ? add(hostStep, texts[0] as string) : null;
    const own = texts.slice(host ? 1 : 0).map((text, index) => add(`written_${index + 1}`, text));
    const counts = own.map((name) => `(select count(*)::integer from ${name}) as ${name}`);
    const demand = host ? [this.#demandOf(host)] : [];
    return `with ${isRecursive ? 'recursive ' : ''}${steps.join(',\n')}\nselect ${[...counts, ...demand].join(', ')}`;
  }

  /** Fails when the host's statement refused. The cast is what fails, because plain SQL has no other way to raise an error. */
  #demandOf(host: string): string {
    const isMet = this.#host?.needsKey ? 'count(*) = 1 and count(host_payment_key) = 1' : 'count(*) > 0';
    const taken = `(select case when ${isMet} then '0' else '${refusal}' end from ${host})::integer as taken`;
    return this.#host?.needsKey ? `${taken}, (select min(host_payment_key::text) from ${host}) as key` : taken;
  }
}
