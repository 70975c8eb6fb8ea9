import type { consoleLists, webhookDeliveries } from '@gateway/shared/store';
import { type Html, html } from '../../http/html.ts';
import { actionLink } from '../actions/action-page.ts';
import { age, type Column, card, chip, count, duration, facts, table, time } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';
import { withoutPersonal } from '../payment-page/hide-personal.ts';
import { fillIn } from '../texts/texts.ts';

type Endpoint = consoleLists.ListedEndpoint;
type Delivery = webhookDeliveries.WebhookDelivery;

/** The ids of the clients whose key is valid; null: not known yet. Nothing is sent to the endpoints of other clients. */
type ActiveClients = ReadonlySet<string> | null;

/** The webhook endpoints of all keys. */
export function webhooksPage(view: View, rows: readonly Endpoint[], activeClients: ActiveClients): string {
  const { texts, href } = view;
  const columns: Column<Endpoint>[] = [
    {
      title: texts.endpoint,
      cell: (row) => html`<a href="${href(`/webhooks/${row.id}`)}">${addressOf(row)}</a><br><code>${row.id}</code>`,
    },
    { title: texts.host, cell: ({ host, tenant }) => html`${host}<br><span class="quiet">${tenant}</span>` },
    { title: texts.events, cell: ({ events }) => (events.includes('*') ? texts.all : events.join(', ')) },
    { title: texts.stores, cell: ({ storeIds }) => storeIds?.join(', ') ?? texts.all },
    { title: texts.status, cell: (row) => stateOf(view, row, activeClients) },
    { title: texts.storesWaiting, cell: ({ waiting }) => count(view, Number(waiting)), isNumber: true },
  ];
  return shell(view, {
    title: texts.webhooks,
    place: '/webhooks',
    body: html`<p class="actions">${actionLink(view, 'webhooks replay', {}, texts.replaySince)}</p>
${card(texts.endpoints, table(texts.endpoints, columns, rows, texts.noEndpoints), { lead: texts.endpointsLead })}`,
  });
}

/** One endpoint with its deliveries. */
export function endpointPage(
  view: View,
  { endpoint, deliveries }: { endpoint: Endpoint; deliveries: readonly Delivery[] },
  activeClients: ActiveClients,
): string {
  const { texts } = view;
  const columns: Column<Delivery>[] = [
    { title: texts.time, cell: ({ occurredAt, storeId }) => time(view, occurredAt, { of: { host: endpoint.host, storeId } }) },
    { title: texts.event, cell: ({ type, eventId }) => html`${type}<br><code>${eventId}</code>` },
    { title: texts.store, cell: ({ storeId, seq }) => `${storeId} · ${seq}` },
    { title: texts.status, cell: ({ state }) => chip(texts[`delivery_${state}`], deliveryState[state]) },
    { title: texts.tries, cell: ({ tries }) => tries, isNumber: true },
    {
      title: texts.answer,
      cell: ({ statusCode, error }) => statusCode ?? (error === null ? null : String(withoutPersonal(error, 'reason'))),
    },
    { title: texts.tookTime, cell: ({ durationMs }) => (durationMs === null ? null : duration(view, durationMs)), isNumber: true },
    { title: texts.nextTry, cell: ({ nextTryAt, storeId }) => time(view, nextTryAt, { of: { host: endpoint.host, storeId } }) },
  ];
  return shell(view, {
    title: addressOf(endpoint),
    lead: stateOf(view, endpoint, activeClients),
    place: '/webhooks',
    body: html`${card(
      texts.endpoint,
      facts([
        [texts.number, html`<code>${endpoint.id}</code>`],
        [texts.host, `${endpoint.host} · ${endpoint.tenant}`],
        [texts.events, endpoint.events.join(', ')],
        [texts.stores, endpoint.storeIds?.join(', ') ?? texts.all],
        [texts.reason, endpoint.disabledReason],
      ]),
    )}
${card(texts.deliveries, table(texts.deliveries, columns, deliveries, texts.none), { lead: texts.deliveriesLead })}`,
  });
}

const deliveryState = { pending: 'wait', retrying: 'wait', delivered: 'good', failed: 'bad' } as const;

function stateOf(view: View, { clientId, disabledAt, failingSince }: Endpoint, activeClients: ActiveClients): Html {
  const { texts } = view;
  if (activeClients && !activeClients.has(clientId)) return chip(texts.keyRevoked, 'quiet');
  if (disabledAt) return chip(texts.disabled, 'quiet');
  return failingSince ? chip(fillIn(texts.failingFor, { age: age(view, failingSince) }), 'bad') : chip(texts.healthy, 'good');
}

/** Without the query of the address, which may hold a secret of its owner. */
function addressOf({ url }: Endpoint): string {
  if (!URL.canParse(url)) return '–';
  const { host, pathname } = new URL(url);
  return host + pathname;
}
