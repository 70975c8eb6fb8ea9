import type { StoreEvent, StoreSnapshot } from '@gateway/display-client';
import { button, byId, element } from './dom.ts';
import { ask, cancelPayment, checkPayment, findPayment, makePayable, type Payment } from './gateway.ts';
import { attempt, tell } from './message.ts';
import { rupiah, say } from './say.ts';
import { openScreen } from './screen.ts';
import { offerWeather, providerNames } from './weather.ts';

const apps = { gopay: 'GoPay', dana: 'DANA', ovo: 'OVO', shopeepay: 'ShopeePay', bca: 'BCA mobile' };
type App = keyof typeof apps;

/** The QR this phone has scanned: the newest of the store. */
let scanned: Payment | null = null;

function show(payment: Payment): void {
  scanned = payment;
  const isPaid = payment.paid_at !== null;
  const isOver = !isPaid && payment.qr_string === null;
  byId('idle').hidden = true;
  byId('bill').hidden = false;
  byId('bill').dataset.status = isPaid ? 'paid' : isOver ? 'over' : 'open';
  byId('order-title').textContent = say('order', { number: payment.order_number });
  byId('amount').textContent = rupiah(payment.amount);
  const chip = byId('standing');
  chip.textContent = say(payment.status);
  chip.dataset.status = payment.status;
  byId('over').hidden = !isOver || payment.transaction_id === null;
  byId('pay-title').textContent = say(isOver ? 'paysLate' : 'payWith');
  byId('pay').hidden = isPaid || payment.transaction_id === null;
  for (const trick of ['pay-late', 'pay-twice']) byId(trick, HTMLButtonElement).disabled = payment.qr_string === null;
  void showProvider(payment);
}

/** The gateway names no provider; their own book does. */
async function showProvider({ payment_id, transaction_id }: Payment): Promise<void> {
  const line = byId('provider');
  if (!transaction_id) return line.replaceChildren();
  const { charges } = await ask<{ charges: { provider: keyof typeof providerNames }[] }>(
    'GET',
    `/simulator/control/charges?reference=${transaction_id}`,
  ).catch(() => ({ charges: [] }));
  const [charge] = charges;
  if (scanned?.payment_id === payment_id) line.textContent = charge ? say('shownBy', { provider: providerNames[charge.provider] }) : '';
}

const payWith = ({ payment_id }: Payment, issuer: App) => ask('POST', `/simulator/payments/${payment_id}/pay`, { issuer });

const look = async (paymentId: string) => show(await findPayment(paymentId));

for (const [issuer, name] of Object.entries(apps) as [App, string][]) {
  byId('apps').append(
    element(
      'li',
      {},
      button(name, { class: 'app', 'data-app': issuer, 'aria-label': say('payWithApp', { app: name }) }, () =>
        attempt(async () => {
          if (!scanned) return;
          await payWith(scanned, issuer);
          tell(say('sent', { app: name }));
        }),
      ),
    ),
  );
}

let isBusy = false;

/** A trick takes several steps: a press in the middle of one begins nothing. */
function trick(id: string, done: string, steps: (payment: Payment) => Promise<unknown>): void {
  byId(id).addEventListener('click', () =>
    attempt(async () => {
      if (!scanned || isBusy) return;
      isBusy = true;
      tell(say('working'));
      await steps(scanned).finally(() => {
        isBusy = false;
      });
      tell(done);
    }),
  );
}

trick('pay-late', say('payLateDone'), async (payment) => {
  await ask('POST', `/simulator/control/charges/${payment.transaction_id}/expire`, {});
  await checkPayment(payment.payment_id); // the gateway learns of it, whatever became of the webhook
  await payWith(payment, 'dana');
});

trick('pay-twice', say('payTwiceDone'), async (first) => {
  await cancelPayment(first.payment_id);
  const second = await makePayable(first.order_id, 900);
  await payWith(second, 'gopay');
  await payWith(first, 'dana');
});

function begin({ payments }: StoreSnapshot): void {
  const newest = (payments as unknown as Payment[])
    .filter(({ qr_string }) => qr_string)
    .sort((a, b) => b.created_at.localeCompare(a.created_at))[0];
  if (newest) show(newest);
}

async function hear({ type, payment_id }: StoreEvent): Promise<void> {
  if (type === 'payment.pending' || payment_id === scanned?.payment_id) await attempt(() => look(payment_id));
}

void openScreen({ onSnapshot: begin, onEvent: hear, onLive: () => void (scanned && attempt(() => look(scanned?.payment_id ?? ''))) });
offerWeather();
