import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { checkoutDir } from '@gateway/testing/checkout';
import { eventually } from '@gateway/testing/eventually';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';

// Runs the small tills of examples/till, which docs/your-till-by-api.md explains, against a whole stack.
const folder = path.join(checkoutDir, 'examples/till');
const tills = [
  { file: 'till.php', program: 'php', args: ['till.php'] },
  { file: 'till.py', program: 'python3', args: ['till.py'] },
  { file: 'till.mjs', program: 'node', args: ['till.mjs'] },
  { file: 'Till.cs', program: 'dotnet', args: ['run', 'Till.cs'] },
];

const isOnPath = (program: string): boolean =>
  (process.env.PATH ?? '').split(':').some((dir) => dir !== '' && existsSync(path.join(dir, program)));

let stack: TestStack;
const running: ChildProcess[] = [];
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await stack?.stop();
});

describe.each(tills)('the till in $file', ({ file, program, args }) => {
  it('has at most 60 lines', () => {
    expect(readFileSync(path.join(folder, file), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });

  const isRunnable = isOnPath(program);
  if (!isRunnable) process.stderr.write(`SKIPPED, ${program} is not on the PATH: examples/till/${file}\n`);
  (isRunnable ? it : it.skip)(
    'goes from nothing to a paid order and a ticket in the kitchen',
    async () => {
      const orderId = `${program}-1`;
      const environment = { PATH: process.env.PATH, HOME: process.env.HOME, GATEWAY_URL: stack.api, GATEWAY_API_KEY: 'sk_test_till_demo' };
      const child = spawn(program, [...args, 'DPS-01', orderId], { cwd: folder, env: environment });
      running.push(child);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
      const ended = new Promise((resolve) => child.on('close', resolve));
      const paymentId = await eventually(() => /pay_[0-9a-z]{26}/.exec(output)?.[0], 60_000);
      const { body: payment } = await stack.till('sk_test_till_demo').get(paymentId);
      await stack.simulator.pay(payment.transaction_id, { issuer: 'dana' });
      await ended;
      expect(output).toMatch(
        new RegExp(
          `Rp 55000\\nshow this QR to the guest: http\\S+\\npaid with dana, receipt \\S+\\nKITCHEN {2}${orderId} {2}table 7\\n2 x Nasi goreng {2}tidak pedas\\n$`,
        ),
      );
    },
    90_000,
  );
});
