import { opsCommands } from '@gateway/ops/commands';
import { runCommand } from '@gateway/ops/test/run-command';
import { eventually } from '@gateway/testing/eventually';

export interface Finding {
  state: 'broken' | 'waiting';
  rule: string;
  about: string;
}

/**
 * What waits with a deadline of its own that is minutes away. A process that dies between the start of an attempt and the answer of the
 * provider leaves an attempt whose absence is proven after 20 minutes. A webhook about a refund waits for its slot in the account's budget.
 */
const waitsForMinutes: readonly string[] = ['attempt_unresolved', 'unfinished_webhook'];

/** What the audit of databases, hosts and providers finds, once nothing waits that should end now. Empty: every invariant holds. */
export async function settledFindings({ dataDir }: { dataDir: string }, withinMs = 60_000): Promise<Finding[]> {
  let findings: Finding[] = [];
  await eventually(async () => {
    const { out } = await runCommand(opsCommands, ['audit', '--json'], { DATA_DIR: dataDir });
    const all = (JSON.parse(out) as { findings: Finding[] }).findings;
    findings = all.filter(({ state, rule }) => state === 'broken' || !waitsForMinutes.includes(rule));
    return findings.every(({ state }) => state === 'broken');
  }, withinMs).catch(() => {});
  return findings;
}
