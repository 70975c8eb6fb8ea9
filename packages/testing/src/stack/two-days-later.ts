import type { TestStack } from './test-stack.ts';

const twoDaysMs = 48 * 3_600_000;

/**
 * Lets two days pass for attempts that have not ended. The processes use the machine's clock, so only the simulator's clock advances,
 * and the rows are made two days older. A lookup that runs meanwhile has read its row as it was, and would set a deadline from that:
 * the new lease number makes its result superseded.
 */
export async function twoDaysLater({ simulator, pos }: Pick<TestStack, 'simulator' | 'pos'>): Promise<void> {
  await simulator.advance(twoDaysMs + 60_000);
  await pos.query(
    `update gateway.attempts set started_at = started_at - interval '2 days', resolve_at = now(), lease_no = lease_no + 1
      where status in ('sending', 'unknown')`,
  );
}
