import pg from 'pg';

/** What pg reads from the description of the columns. */
interface Columns {
  fields: unknown;
  _parsers: unknown;
  _prebuiltEmptyResultObject: unknown;
}

/** pg's connection, as its queries use it. */
interface WireConnection {
  describe(message: object): void;
}

/** pg's `Query`, with what its public types leave out. */
interface NamedQuery extends pg.Submittable {
  name: string;
  types?: unknown;
  readonly _result: Columns & { _types: unknown };
  _accumulateRows: boolean;
  callback: QueryCallback | undefined;
  hasBeenParsed(connection: WireConnection): boolean;
  prepare(connection: WireConnection): void;
  handleReadyForQuery(connection: WireConnection): void;
}

/** A config with a name, its values, parsers of other types than the client's, and another time limit. */
export interface NamedConfig extends pg.QueryConfig {
  name: string;
  query_timeout?: number;
}

type QueryCallback = (error: Error | null | undefined, result?: pg.QueryResult) => void;

const PgQuery = pg.Query as unknown as new (...args: unknown[]) => NamedQuery;

const isFunction = (value: unknown): boolean => typeof value === 'function';

/** What one connection has described. */
interface Described {
  statements: Map<string, { types: unknown; columns: Columns }>;
  /** The same connection, which asks for no description. */
  undescribed: WireConnection;
}

const describedBy = new WeakMap<WireConnection, Described>();

function describedOn(connection: WireConnection): Described {
  const known = describedBy.get(connection);
  if (known) return known;
  const described = { statements: new Map(), undescribed: Object.create(connection, { describe: { value: () => {} } }) as WireConnection };
  describedBy.set(connection, described);
  return described;
}

/**
 * A statement with a name, whose columns the server describes once for each connection. pg asks for them at every execution, and for the
 * forty columns of a payment, writing and reading them costs more than the row. The server never changes the columns of a prepared statement:
 * it refuses to execute it when they would differ because a table was altered. Only for a session of its own: a pooler may prepare the same
 * name once more in another session.
 */
export class DescribedQuery extends PgQuery {
  /** The limit of this statement, milliseconds. The client reads it here; default: the client's. */
  readonly query_timeout: number | undefined;

  /** @param rest the values, unless they are in the config, and a callback, as `pg.Client.query` takes them */
  constructor(config: NamedConfig, ...rest: unknown[]) {
    const values = config.values ?? rest.find(Array.isArray);
    super(config.text, values, rest.find(isFunction)); // of a config, pg would make a copy by its property descriptors
    this.name = config.name;
    this.types = config.types;
    if (config.types) this._result._types = config.types;
    this.query_timeout = config.query_timeout;
  }

  override prepare(connection: WireConnection): void {
    const { statements, undescribed } = describedOn(connection);
    const known = statements.get(this.name);
    if (!known || known.types !== this.types || !this.hasBeenParsed(connection)) {
      super.prepare(connection);
      return;
    }
    Object.assign(this._result, known.columns);
    this._accumulateRows = true;
    super.prepare(undescribed);
  }

  /** The statement has succeeded. */
  override handleReadyForQuery(connection: WireConnection): void {
    const { statements } = describedOn(connection);
    const { fields, _parsers, _prebuiltEmptyResultObject } = this._result;
    if (!statements.has(this.name))
      statements.set(this.name, { types: this.types, columns: { fields, _parsers, _prebuiltEmptyResultObject } });
    super.handleReadyForQuery(connection);
  }
}
