import type { StoreEvent, StoreSnapshot } from '@gateway/display-client';
import { button, byId, element } from './dom.ts';
import { cancelPayment, checkPayment, findPayment, makePayable, type Payment, request } from './gateway.ts';
import { runAndReport, showMessage } from './message.ts';
import { providerNames, showProviderFaults } from './provider-faults.ts';
import { startScreen } from './screen.ts';
import { rupiah, text } from './text.ts';

const apps = { gopay: 'GoPay', dana: 'DANA', ovo: 'OVO', shopeepay: 'ShopeePay', bca: 'BCA mobile' };
type App = keyof typeof apps;

/** The payment whose QR this phone has scanned: the newest of the store. */
let scanned: Payment | null = null;

function show(payment: Payment): void {
  scanned = payment;
  const isPaid = payment.paid_at !== null;
  const isOver = !isPaid && payment.qr_string === null;
  byId('idle').hidden = true;
  byId('bill').hidden = false;
  byId('bill').dataset.status = isPaid ? 'paid' : isOver ? 'over' : 'open';
  byId('order-title').textContent = text('order', { number: payment.order_number });
  byId('amount').textContent = rupiah(payment.amount);
  const chip = byId('display-status');
  chip.textContent = text(payment.status);
  chip.dataset.status = payment.status;
  byId('over').hidden = !isOver || payment.transaction_id === null;
  byId('pay-title').textContent = text(isOver ? 'payAfterExpiry' : 'payWith');
  byId('pay').hidden = isPaid || payment.transaction_id === null;
  for (const buttonId of ['pay-late', 'pay-twice']) byId(buttonId, HTMLButtonElement).disabled = payment.qr_string === null;
  void showProvider(payment);
}

/** Shows which provider made the QR. The api does not name it, so the simulator's charges are asked. */
async function showProvider({ payment_id, transaction_id }: Payment): Promise<void> {
  const label = byId('provider');
  if (!transaction_id) return label.replaceChildren();
  const { charges } = await request<{ charges: { provider: keyof typeof providerNames }[] }>(
    'GET',
    `/simulator/control/charges?reference=${transaction_id}`,
  ).catch(() => ({ charges: [] }));
  const [charge] = charges;
  if (scanned?.payment_id === payment_id) label.textContent = charge ? text('shownBy', { provider: providerNames[charge.provider] }) : '';
}

const payWith = ({ payment_id }: Payment, issuer: App) => request('POST', `/simulator/payments/${payment_id}/pay`, { issuer });

const refresh = async (paymentId: string) => show(await findPayment(paymentId));

for (const [issuer, name] of Object.entries(apps) as [App, string][]) {
  byId('apps').append(
    element(
      'li',
      {},
      button(name, { class: 'app', 'data-app': issuer, 'aria-label': text('payWithApp', { app: name }) }, () =>
        runAndReport(async () => {
          if (!scanned) return;
          await payWith(scanned, issuer);
          showMessage(text('sent', { app: name }));
        }),
      ),
    ),
  );
}

let isBusy = false;

/** Runs the steps of an unusual payment on a press. Presses are ignored while one is in progress. */
function onAction(id: string, doneText: string, steps: (payment: Payment) => Promise<unknown>): void {
  byId(id).addEventListener('click', () =>
    runAndReport(async () => {
      if (!scanned || isBusy) return;
      isBusy = true;
      showMessage(text('working'));
      await steps(scanned).finally(() => {
        isBusy = false;
      });
      showMessage(doneText);
    }),
  );
}

onAction('pay-late', text('payLateDone'), async (payment) => {
  await request('POST', `/simulator/control/charges/${payment.transaction_id}/expire`, {});
  await checkPayment(payment.payment_id); // the gateway closes the payment even if the webhook is dropped
  await payWith(payment, 'dana');
});

onAction('pay-twice', text('payTwiceDone'), async (first) => {
  await cancelPayment(first.payment_id);
  const second = await makePayable(first.order_id, 900);
  await payWith(second, 'gopay');
  await payWith(first, 'dana');
});

function showNewest({ payments }: StoreSnapshot): void {
  const newest = (payments as unknown as Payment[])
    .filter(({ qr_string }) => qr_string)
    .sort((a, b) => b.created_at.localeCompare(a.created_at))[0];
  if (newest) show(newest);
}

async function onEvent({ type, payment_id }: StoreEvent): Promise<void> {
  if (type === 'payment.pending' || payment_id === scanned?.payment_id) await runAndReport(() => refresh(payment_id));
}

void startScreen({
  onSnapshot: showNewest,
  onEvent,
  onLive: () => void (scanned && runAndReport(() => refresh(scanned?.payment_id ?? ''))),
});
showProviderFaults();
