import type pg from 'pg';
import type { HostStatement } from './host-statement.ts';

/** One step of a plan. */
export interface PlanNode {
  /** `ModifyTable`, `LockRows`, `Seq Scan` … */
  type: string;
  /** `Insert`, `Update`, `Delete`, `Merge`, for a ModifyTable. */
  operation: string | null;
  /** `schema.name`, quoted where it must be; null when the step has none of its own. */
  relation: string | null;
  /** What an insert does with a row that is there: `UPDATE` or `NOTHING`. */
  onConflict: string | null;
  /** Whether its rows are handed on. */
  returns: boolean;
}

interface ExplainNode {
  'Node Type': string;
  Operation?: string;
  Schema?: string;
  'Relation Name'?: string;
  'Conflict Resolution'?: string;
  Output?: string[];
  Plans?: ExplainNode[];
}

let planCount = 0; // a name is taken until the connection ends: a rollback does not give it back

/**
 * Plans a statement without running it, for any values at all. Finds what parsing does not: missing grants on tables, and a
 * `for update` that cannot stand where it stands. Needs a transaction, which it leaves as it was.
 */
export async function planNodesOf(client: pg.Client, { text, parameters }: HostStatement): Promise<PlanNode[]> {
  const nulls = parameters.length > 0 ? `(${parameters.map(() => 'null').join(', ')})` : '';
  await client.query('set local plan_cache_mode = force_generic_plan');
  const name = `gateway_plan_${++planCount}`;
  await client.query(`prepare ${name} as ${text}`);
  const { rows } = await client.query<{ 'QUERY PLAN': { Plan: ExplainNode }[] }>(`explain (verbose, format json) execute ${name}${nulls}`);
  return (rows[0]?.['QUERY PLAN'] ?? []).flatMap(({ Plan }) => nodesOf(Plan));
}

function nodesOf(node: ExplainNode): PlanNode[] {
  const { 'Node Type': type, Operation: operation, Schema: schema, 'Relation Name': name, Plans: below = [] } = node;
  const self: PlanNode = {
    type,
    operation: operation ?? null,
    relation: schema && name ? `${schema}.${name}` : null,
    onConflict: node['Conflict Resolution'] ?? null,
    returns: (node.Output ?? []).length > 0,
  };
  return [self, ...below.flatMap(nodesOf)];
}
