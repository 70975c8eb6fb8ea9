import type { Payment } from '@gateway/shared/payment';
import type { Database, Queryable } from '@gateway/shared/postgres';
import { attempts, paymentRecord, providerCalls, refunds } from '@gateway/shared/store';
import { type Html, html } from '../../http/html.ts';
import { card, duration, table, time } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';
import { operationName } from './call-steps.ts';
import { callEvidence, type Evidence, resultOf, sizeOf, webhookEvidence } from './evidence.ts';
import { rowsEvidence } from './payment-page.ts';
import { callsKeyOf, factsOf, type PaymentReader, readPayment } from './read-payment.ts';

export type LocalView = (payment: Payment) => View;

const ofPage = 100;

/**
 * GET /operator/payments/{payment_id}/calls: every call that is kept, newest first. Null: there is no such payment.
 * @param localView the view with the clocks of the payment's stores
 */
export const callsPage = (localView: LocalView, reader: PaymentReader, id: string, before: string): Promise<string | null> =>
  readPayment(reader, id, async ({ pool }, payment) => {
    const beforeId = /^\d{1,15}$/.test(before) ? Number(before) : null;
    return listPage(localView(payment), payment, await providerCalls.page(pool, await callsKey(pool, payment), beforeId, ofPage));
  });

const callsKey = async (db: Queryable, payment: Payment): Promise<ReturnType<typeof callsKeyOf>> =>
  callsKeyOf(payment, ...(await Promise.all([attempts.ofPayment(db, payment.id), refunds.ofPayment(db, payment.id)])));

function listPage(view: View, payment: Payment, calls: readonly providerCalls.RecordedCall[]): string {
  const { texts, href } = view;
  const at = `/payments/${payment.id}`;
  const rows = table<providerCalls.RecordedCall>(
    texts.allCalls,
    [
      { title: texts.time, cell: ({ startedAt }) => time(view, startedAt, { withMs: true }) },
      { title: texts.call, cell: (call) => html`<a href="${href(`${at}/evidence/call-${call.id}`)}">${operationName(view, call)}</a>` },
      { title: texts.provider, cell: ({ provider, account }) => `${provider} / ${account}` },
      { title: texts.callAnswer, cell: (call) => resultOf(view, call) },
      { title: texts.callTook, cell: ({ durationMs }) => duration(view, durationMs), isNumber: true },
    ],
    calls,
    texts.noCallsKept,
  );
  const last = calls.at(-1);
  const older =
    calls.length === ofPage && last ? html`<p><a href="${href(`${at}/calls?before=${last.id}`)}">${texts.older}</a></p>` : html``;
  return pageOf(view, payment, card(texts.allCalls, html`${rows}${older}`, { lead: texts.evidenceKept }));
}

/** GET /operator/payments/{payment_id}/evidence/{name}: one call, one webhook, or the rows. Null: the payment has none of this name. */
export const evidencePage = (view: View, reader: PaymentReader, id: string, name: string): Promise<string | null> =>
  readPayment(reader, id, async (db, payment) => {
    const evidence = await evidenceNamed(view, db, payment, name);
    return evidence && onePage(view, payment, evidence);
  });

async function evidenceNamed(view: View, db: Database, payment: Payment, name: string): Promise<Evidence | null> {
  if (name === 'rows') return rowsEvidence(view, await factsOf(db, payment));
  const [, kind, no] = /^(call|webhook)-(\d{1,15})$/.exec(name) ?? [];
  const key = await callsKey(db.pool, payment);
  if (kind === 'call') {
    const call = await providerCalls.find(db.pool, key, Number(no));
    return call && callEvidence(view, call);
  }
  const webhooks = kind === 'webhook' ? await paymentRecord.webhooksOf(db.pool, key.references) : [];
  const webhook = webhooks.find((each) => each.id === Number(no));
  return webhook ? webhookEvidence(view, webhook) : null;
}

const mostBytes = 85_000;

function onePage(view: View, payment: Payment, { name, text }: Evidence): string {
  const shown = cut(text);
  const note = shown === text ? html`` : html`<p class="notice" data-state="wait">${view.texts.evidenceCut}</p>`;
  return pageOf(view, payment, card(name, html`${note}<pre tabindex="0">${shown}</pre>`, { lead: view.texts.evidenceKept }));
}

/** A webhook may have 64 KiB, of which each character may take six bytes on a page. */
const cut = (text: string): string => (sizeOf(text) <= mostBytes ? text : cut(text.slice(0, Math.floor(text.length * 0.8))));

function pageOf(view: View, payment: Payment, body: Html): string {
  const back = html`<p><a href="${view.href(`/payments/${payment.id}`)}">${view.texts.backToPayment}</a></p>`;
  const title = fillIn(view.texts.evidenceOf, { order: payment.orderNumber });
  return shell(view, { title, place: '/payments', body: html`${back}${body}` });
}
