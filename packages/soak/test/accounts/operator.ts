import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import type { TestStack } from '@gateway/testing/stack/test-stack';
import type { CommandOutput } from '../../../ops/test/run-command.ts';
import type { Typed } from './operator-program.ts';

/** An operator who types one command after the other, in a process of their own. */
export interface Operator {
  /** Runs `npm run ops -- …` with an object on its standard input. @throws what it prints when its exit code is not 0 */
  ops(line: string, input?: unknown): Promise<void>;
  close(): void;
}

/** It ends with this process, whose end closes the channel between the two. @param environment of the commands */
export function startOperator(environment: NodeJS.ProcessEnv): Operator {
  const child = fork(path.join(import.meta.dirname, 'operator-program.ts'), { execArgv: ['--conditions=source'], detached: true });
  return {
    ops: async (line, input = '') => {
      const typed: Typed = { line, input, environment };
      child.send(typed);
      const [{ code, err }] = (await once(child, 'message')) as [CommandOutput];
      if (code !== 0) throw new Error(`${line}: ${err}`);
    },
    close: () => void child.kill('SIGKILL'),
  };
}

/** The accounts of an outlet have this id. */
const accountOf = (outlet: string) => outlet.toLowerCase();

/** Adds outlets to the POS. */
export async function openOutlets({ pos }: Pick<TestStack, 'pos'>, outlets: readonly string[]): Promise<void> {
  await pos.query(
    `insert into pos.outlets (merchant_id, code, name) select o.merchant_id, added, added from unnest($1::text[]) added, pos.outlets o where o.code = 'JKT-01'`,
    [outlets],
  );
}

/** Adds both accounts of an outlet, and has the store use them. */
export async function addAccounts(stack: TestStack, { ops }: Operator, outlet: string): Promise<void> {
  const id = accountOf(outlet);
  const notification = (provider: string) => ({ notification_url: `${stack.api}/webhooks/${provider}/${id}` });
  await stack.simulator.openAccount('midtrans', id, `SB-Mid-server-${id}`, notification('midtrans'));
  await stack.simulator.openAccount('xendit', id, `xnd_development_${id}`, notification('xendit'));
  await ops(`accounts add midtrans/${id}`, { server_key: `SB-Mid-server-${id}` });
  await ops(`accounts add xendit/${id}`, { secret_key: `xnd_development_${id}`, callback_token: `xnd_development_${id}-token` });
  await ops(`stores set ${outlet} --accounts midtrans=${id},xendit=${id}`);
}

/**
 * Presses at this outlet until four payments in a row have a QR of its own account: the jobs are shared among the workers, so each of them
 * knows it then. @returns after how many milliseconds the first of the four was pressed
 */
export async function untilUsed(stack: TestStack, outlet: string): Promise<number> {
  const setAt = performance.now();
  let firstAt = setAt;
  for (let inRow = 0; inRow < 4; ) {
    const askedAt = performance.now();
    const { status, body } = await stack.till().create(await anOrder(stack.pos, { outlet }));
    if (status === 201) await stack.simulator.pay(body.transaction_id); // an open QR is asked about every three seconds
    const { rows } = await stack.pos.query('select account from gateway.attempts where payment_id = $1', [body.payment_id]);
    inRow = rows.every(({ account }) => account === accountOf(outlet)) ? inRow + 1 : 0;
    if (inRow === 0 && askedAt - setAt > 30_000) throw new Error(`${outlet} has no QR of its own account after 30 s`);
    if (inRow === 1) firstAt = askedAt;
    await delay(50);
  }
  return firstAt - setAt;
}
