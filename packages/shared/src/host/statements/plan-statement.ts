import type pg from 'pg';
import type { HostStatement } from '../host-statement.ts';

/** One node of a plan. */
export interface PlanNode {
  /** `ModifyTable`, `LockRows`, `Seq Scan` … */
  type: string;
  /** `Insert`, `Update`, `Delete` or `Merge` for a `ModifyTable`, else null. */
  operation: string | null;
  /** `schema.name` as PostgreSQL reports it; null when the node reads or writes no relation itself. */
  relation: string | null;
  /** The `on conflict` action of an insert: `UPDATE` or `NOTHING`. */
  onConflict: string | null;
  /** Whether the node returns rows. */
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

let planCount = 0; // a prepared statement keeps its name until the connection ends, also after a rollback

/**
 * Plans a statement for any values, without running it. Finds what parsing does not: missing grants on tables, and a `for update`
 * in a place where it is not allowed. Must run in a transaction.
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
