import { eventually } from '@gateway/testing/eventually';
import type { TestStack } from '@gateway/testing/stack/test-stack';
import type { Browser } from 'playwright-core';
import { describeInBrowser, hasBrowser, openBrowser } from '../../demo/test/browser.ts';
import { displayed, madeYesterday, paid, paidLate } from './console/past-payments.ts';
import { type Person, signedIn } from './console/person.ts';
import { note, report } from './console/report.ts';
import { approvalFrom, persons, startFilledStack } from './console/stack.ts';

/** `npm run soak:console -- --payments=100000`; in `npm test` a browser visits every page, and two persons refund a guest. */
const payments = Number(process.env.SOAK_PAYMENTS ?? 0);

let stack: TestStack;
let browser: Browser;
const open: Person[] = [];

/** A person who has just signed in. */
async function someone(who: { user: string; password: string } = stack.operator): Promise<Person> {
  const person = await signedIn(browser, stack.api, who);
  open.push(person);
  return person;
}

const clockIn = (at: Date): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Jakarta', dateStyle: 'short', timeStyle: 'short' }).format(at).replace(' ', 'T');
const minutesAgo = (minutes: number): string => clockIn(new Date(Date.now() - minutes * 60_000));
const midnight = (daysAgo: number): string => `${clockIn(new Date(Date.now() - daysAgo * 86_400_000)).slice(0, 10)}T00:00`;

const actionsOf = async (subject: string): Promise<{ action: string; actor: string; reason: string | null }[]> => {
  const { rows } = await stack.pos.query(
    `select action, actor, details->>'reason' as reason from gateway.audit where subject = $1 order by id`,
    [subject],
  );
  return rows;
};

const providersOf = async (outlet: string, total: number): Promise<string[]> => {
  const made = await displayed(stack, { outlet, total });
  const { rows } = await stack.pos.query<{ name: string }>(
    `select provider || '/' || account as name from gateway.attempts where payment_id = $1 order by no`,
    [made.id],
  );
  return rows.map(({ name }) => name);
};

const openAccount = (id: string) =>
  stack.simulator.openAccount('midtrans', id, `SB-Mid-server-${id}`, { notification_url: `${stack.api}/webhooks/midtrans/${id}` });

async function addAccount(person: Person, id: string, store: string): Promise<void> {
  await person.enter('Account', `midtrans/${id}`);
  await person.enter('For the store', store);
  await person.enter(/^Secrets/, JSON.stringify({ server_key: `SB-Mid-server-${id}` }));
  await person.enter('Reason', `the outlet ${store} opens`);
  await person.press('Add a provider account');
}

const openOutlet = (code: string) =>
  stack.pos.query(`insert into pos.outlets (merchant_id, code, name) select merchant_id, $1, $1 from pos.outlets where code = 'JKT-01'`, [
    code,
  ]);

(payments > 0 ? describeInBrowser : describe.skip)(
  `an operator of ${payments} payments, from the sign-in on, with five clicks at most`,
  () => {
    beforeAll(async () => {
      if (!hasBrowser) return;
      [stack, browser] = await Promise.all([startFilledStack(payments), openBrowser()]);
    }, 120_000 + payments);
    afterAll(async () => {
      console.log(report());
      await browser?.close();
      await stack?.stop();
    });
    afterEach(async () => {
      for (const person of open.splice(0)) await person.leave();
    });

    it('finds the money that is gone, as the guest says: paid late, by issuer, amount and time', async () => {
      const late = await paidLate(stack, await displayed(stack, { total: 55_000, outlet: 'JKT-01' }), 'gopay');
      const person = await someone();
      await person.press('Payments');
      await person.enter('Issuer', 'GoPay');
      await person.enter('Amount', '55.000');
      await person.enter(/^From/, minutesAgo(5));
      await person.enter(/^To/, minutesAgo(-1));
      await person.press('Filter');
      await person.press(late.orderNumber);
      expect(person.page.url()).toContain(late.id);
      await person.reads(/came late and was accepted/);
      note('the money is gone: paid late', person);
    });

    it('gives the rest of an overpayment back, and closes it', async () => {
      const made = await displayed(stack, { total: 40_000, outlet: 'JKT-01' });
      await paid(stack, made, { issuer: 'dana', amount: 45_000 });
      const person = await someone();
      await person.press(/^Open discrepancies/);
      await person.press(made.orderNumber, person.row(made.orderNumber));
      await person.enter('Amount', '5000');
      await person.enter('Reason', 'paid 5,000 too much');
      await person.press('Refund');
      await person.press('Close a discrepancy');
      await person.enter('Reason', 'the rest was refunded');
      await person.press('Close a discrepancy');
      await person.reads(/is closed/);
      const { rows } = await stack.pos.query(
        `select d.closed_by as "closedBy", r.amount_idr::integer as amount from gateway.discrepancies d join gateway.refunds r using (payment_id) where payment_id = $1`,
        [made.id],
      );
      expect(rows).toEqual([{ closedBy: 'operator', amount: 5_000 }]);
      note('close an overpayment, with its rest refunded', person);
    });

    it('refunds a guest in two people', async () => {
      const made = await displayed(stack, { total: approvalFrom + 10_000, outlet: 'BDG-01' });
      await paid(stack, made, { issuer: 'dana' });
      const asker = await someone(persons.asks);
      await asker.page.getByRole('searchbox').fill(made.orderNumber);
      await asker.press('Search');
      await asker.press(made.orderNumber);
      await asker.enter('Reason', 'the dish was cold');
      await asker.press('Refund');
      await asker.reads(/waits for the approval of another person/);
      expect((await stack.simulator.charges(made.reference))[0]?.refunds).toEqual([]);
      const approver = await someone(persons.approves);
      await approver.press(/^Refunds that wait for a second person/);
      await approver.enter('Reason', 'I asked the guest');
      await approver.press('Approve');
      await eventually(async () => (await stack.till().get(made.id)).body.status === 'refunded');
      const { rows } = await stack.pos.query<{ id: string }>('select id from gateway.refunds where payment_id = $1', [made.id]);
      expect(await actionsOf(rows[0]?.id ?? '')).toEqual([
        { action: 'open-refund', actor: persons.asks.user, reason: 'the dish was cold' },
        { action: 'approve-refund', actor: persons.approves.user, reason: 'I asked the guest' },
      ]);
      note('refund a guest in two people', asker, approver);
    });

    it('finds out why a till waited 6 s yesterday', async () => {
      await stack.simulator.fault('midtrans', { operation: 'create', fault: 'hang', times: 1 });
      const made = await displayed(stack, { total: 55_000, outlet: 'JKT-01' });
      await stack.simulator.clearFaults();
      await madeYesterday(stack, await paid(stack, made, { issuer: 'dana' }));
      const person = await someone();
      await person.press('Slow payments since yesterday');
      await person.press(made.orderNumber);
      await person.reads(/^midtrans gave no usable answer within 5\.\d s/);
      await person.reads(/^xendit made the QR/);
      note('why a till waited 6 s yesterday', person);
    });

    it('takes a provider out for one store, and puts it back', async () => {
      const person = await someone();
      await person.press('Stores');
      await person.press('Hold a provider', person.row('JKT-01'));
      await person.enter(/^Provider/, 'midtrans');
      await person.enter('Reason', 'their QRs cannot be scanned here');
      await person.press('Hold a provider');
      await eventually(async () => (await providersOf('JKT-01', 21_000)).join() === 'xendit/default'); // every process knows within 2 s
      expect(await providersOf('BDG-01', 21_000)).toEqual(['midtrans/default']);
      await person.press('Lift the hold on midtrans', person.row('JKT-01'));
      await person.enter('Reason', 'they can be scanned again');
      await person.press('Lift a hold');
      await eventually(async () => (await providersOf('JKT-01', 22_000)).join() === 'midtrans/default');
      expect((await actionsOf('midtrans/* store JKT-01')).map(({ action, actor }) => [action, actor])).toEqual([
        ['hold', 'operator'],
        ['release', 'operator'],
      ]);
      note('take a provider out for one store and back', person);
    });

    it('adds an outlet with its account, and proves it', async () => {
      await openOutlet('KTA-01');
      await openAccount('kta');
      const person = await someone();
      await person.press('Stores');
      await person.press('Add a provider account');
      await addAccount(person, 'kta', 'KTA-01');
      await person.press('Prove an account');
      await person.enter('Reason', 'before the outlet opens');
      await person.press('Prove an account');
      await person.reads(/midtrans\/kta works/);
      await eventually(async () => (await providersOf('KTA-01', 30_000)).join() === 'midtrans/kta');
      note('add an outlet with its account and prove it', person);
    });

    it('replays the webhooks that one account sent on one day', async () => {
      await openOutlet('RPL-01');
      await openAccount('rpl');
      const admin = await someone();
      await admin.press('Accounts');
      await admin.press('Add a provider account');
      await addAccount(admin, 'rpl', 'RPL-01');
      await eventually(async () => (await providersOf('RPL-01', 30_000)).join() === 'midtrans/rpl');
      for (const total of [31_000, 32_000, 33_000]) {
        const made = await paid(stack, await displayed(stack, { total, outlet: 'RPL-01' }), { issuer: 'dana' });
        await eventually(async () => (await inbox('rpl')).every(({ verdict }) => verdict !== null));
        await madeYesterday(stack, made);
      }
      const ofYesterday = (await inbox('rpl')).filter(({ day }) => day === midnight(1).slice(0, 10)).length;
      const [others, startedAt] = [await inbox('default'), new Date()];
      const person = await someone();
      await person.press('Accounts');
      await person.press('Replay webhooks', person.row('midtrans / rpl'));
      await person.enter(/^Or all received since/, midnight(1));
      await person.enter(/^Received before/, midnight(0));
      await person.enter('Reason', 'a mistake of ours was corrected');
      await person.press('Replay webhooks');
      await person.reads(`${ofYesterday} webhooks queued for replay`);
      const isReplayed = ({ processedAt }: Received) => processedAt !== null && processedAt > startedAt;
      await eventually(async () => (await inbox('rpl')).filter(isReplayed).length === ofYesterday); // verified with the provider anew
      expect(await inbox('default')).toEqual(others);
      note('replay a day’s webhooks of one account', person);
    });

    it('shows an auditor who changed what', async () => {
      const person = await someone();
      await person.press('Audit log');
      await person.enter('About', 'KTA-01');
      await person.press('Filter');
      await person.reads('the outlet KTA-01 opens');
      expect(await person.row('the outlet KTA-01 opens').textContent()).toMatch(/operator.*accounts.*midtrans.*kta/s);
      await person.press('Verify the audit log');
      await person.reads('as written');
      note('show an auditor who changed what', person);
    });
  },
);

interface Received {
  /** In Jakarta. */
  day: string;
  verdict: string | null;
  processedAt: Date | null;
}

/** The webhooks of an account of Midtrans that are about payments of the product. */
async function inbox(account: string): Promise<Received[]> {
  const { rows } = await stack.pos.query<Received>(
    `select to_char(received_at at time zone 'Asia/Jakarta', 'YYYY-MM-DD') as day, verdict, processed_at as "processedAt" from gateway.webhook_inbox
      where provider = 'midtrans' and account = $1 and received_at > now() - interval '2 days' order by id`,
    [account],
  );
  return rows;
}
