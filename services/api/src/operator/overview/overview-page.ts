import { type Html, html } from '../../http/html.ts';
import {
  age,
  card,
  chip,
  codeOf,
  count,
  duration,
  money,
  nothing,
  paymentLink,
  statusChip,
  type Tile,
  table,
  tiles,
  time,
} from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';
import { slowMs } from '../payment-page/why-it-waited.ts';
import type { AccountHealth, BreakerState } from '../provider-health.ts';
import { fillIn } from '../texts/texts.ts';
import { attentionOf, isLate, lateMs, totalOf } from './attention.ts';
import { latencyChart, summaryOf } from './latency-chart.ts';
import type { OverviewFacts } from './read-overview.ts';

/** "Is it well, and what needs me": the part that the live module replaces is `#live`. */
export const overviewPage = (view: View, facts: OverviewFacts): string =>
  shell(view, {
    title: view.texts.overview,
    lead: html`<span id="live-state" hidden data-live="${view.href('/live')}">${view.texts.live}</span>`,
    place: '/',
    modules: ['live.js'],
    body: html`<div id="live" class="live">${overviewBody(view, facts)}</div>`,
  });

export const overviewBody = (view: View, facts: OverviewFacts): Html =>
  html`${verdict(view, facts)}${tiles(tilesOf(view, facts))}
<div class="columns three">${providers(view, facts)}${discrepancies(view, facts)}${hosts(view, facts)}</div>
${troubled(view, facts)}`;

function verdict(view: View, facts: OverviewFacts): Html {
  const attention = attentionOf(view, facts);
  if (attention.length === 0) return html`<p class="verdict" data-state="good">${view.texts.nothingNeedsYou}</p>`;
  const isBad = attention.some(({ state }) => state === 'bad');
  return html`<section class="verdict-box" data-state="${isBad ? 'bad' : 'wait'}" aria-label="${view.texts.needsYou}">
<p class="verdict" data-state="${isBad ? 'bad' : 'wait'}">${view.texts.needsYou}</p>
<ul>${attention.map(({ text, href, state }) => html`<li data-state="${state}">${href ? html`<a href="${href}">${text}</a>` : text}</li>\n`)}</ul>
</section>`;
}

function tilesOf(view: View, facts: OverviewFacts): Tile[] {
  const { texts, href, now } = view;
  const total = totalOf(facts);
  const since = (at: Date | null) => (at ? fillIn(texts.oldest, { age: age(view, at) }) : texts.nothingWaits);
  const state = (at: Date | null, ms: number) => (isLate(at, now, ms) ? ('bad' as const) : undefined);
  const lag = total.oldestUnpublished ? age(view, total.oldestUnpublished) : duration(view, 0);
  return [
    { label: texts.waitingQrs, value: many(view, total.openQrs), note: texts.waitingQrsNote, href: href('/payments?status=pending') },
    {
      label: texts.webhooksToVerify,
      value: many(view, total.webhooks),
      note: since(total.oldestWebhook),
      state: state(total.oldestWebhook, lateMs.webhook),
      href: href('/parked'),
    },
    {
      label: texts.relayLag,
      value: lag,
      note: fillIn(texts.eventsWait, { count: many(view, total.unpublished) }),
      state: state(total.oldestUnpublished, lateMs.relay),
    },
    {
      label: texts.deliveries,
      value: many(view, total.deliveries),
      note: total.failingSince ? fillIn(texts.failingFor, { age: age(view, total.failingSince) }) : texts.allDelivered,
      state: total.failingSince ? 'wait' : undefined,
      href: href('/webhooks'),
    },
    { label: texts.refunds, value: many(view, total.refunds), note: since(total.oldestRefund), href: href('/refunds') },
    {
      label: texts.hostWrites,
      value: many(view, total.hostWrites),
      note: since(total.oldestHostWrite),
      state: state(total.oldestHostWrite, lateMs.hostWrite),
      href: href('/parked'),
    },
  ];
}

const many = (view: View, value: number): string => (value >= 1_000 ? `${count(view, 1_000)}+` : count(view, value));

const accountsShown = 4; // a chain has hundreds: the page of accounts has them all

/** The accounts that are in trouble, then the busiest ones. */
function providers(view: View, facts: OverviewFacts): Html {
  const minutesOf = ({ provider, account }: AccountHealth) =>
    facts.databases.flatMap(({ minutes }) => minutes.filter((each) => each.provider === provider && each.account === account));
  const all = facts.accounts.map((account) => ({ account, minutes: minutesOf(account) }));
  const callsOf = (minutes: ReturnType<typeof minutesOf>) => minutes.reduce((sum, { calls }) => sum + calls, 0);
  const rank = ({ account, minutes }: (typeof all)[number]) => (isTroubled(account) ? 1e9 : 0) + callsOf(minutes);
  const shown = all.toSorted((a, b) => rank(b) - rank(a)).slice(0, accountsShown);
  const more = all.length - shown.length;
  return card(
    view.texts.providers,
    html`<ul class="accounts">${shown.map(({ account, minutes }) => {
      return html`<li><div class="account-head"><b>${account.provider} <span class="quiet">${account.account === 'default' ? '' : account.account}</span></b>${stateOf(view, account)}</div>
${latencyChart(view, minutes)}<p class="quiet">${minutes.length > 0 ? summaryOf(view, minutes) : nothing}</p></li>\n`;
    })}</ul>${more > 0 ? html`<p><a href="${view.href('/accounts')}">${fillIn(view.texts.moreAccounts, { count: count(view, more) })}</a></p>` : ''}`,
    { lead: view.texts.providersLead },
  );
}

const isTroubled = ({ create, other, rejected }: AccountHealth): boolean =>
  rejected !== null || create.kind === 'open' || other.kind === 'open';

/** The worst thing that is known of an account, as a chip. */
export function stateOf(view: View, { create, other, rejected, isDisabled }: Omit<AccountHealth, 'mode' | 'provider' | 'account'>): Html {
  const { texts } = view;
  if (isDisabled) return chip(texts.disabled, 'quiet');
  if (rejected) return chip(fillIn(texts.keyRejectedChip, { reason: codeOf(view, rejected.reason) }), 'bad');
  const open = [create, other].find((breaker): breaker is Extract<BreakerState, { kind: 'open' }> => breaker.kind === 'open');
  if (open) return chip(fillIn(texts.breakerOpenSince, { age: open.since ? age(view, open.since) : '' }), 'bad');
  if (create.kind === 'unknown') return chip(texts.unknownRedisAway, 'wait');
  return chip(texts.healthy, 'good');
}

function discrepancies(view: View, facts: OverviewFacts): Html {
  const { texts, href } = view;
  const total = totalOf(facts);
  const older = total.discrepancies - total.discrepanciesOfDay - total.discrepanciesOfWeek;
  const bar = (label: string, value: number, state: string) =>
    html`<li><span>${label}</span><meter min="0" max="${Math.max(1, total.discrepancies)}" value="${value}" data-state="${state}">${value}</meter><b>${count(view, value)}</b></li>`;
  const body =
    total.discrepancies === 0
      ? html`<p class="empty">${texts.noDiscrepancies}</p>`
      : html`<ul class="bars">${bar(texts.youngerThanDay, total.discrepanciesOfDay, 'good')}${bar(texts.youngerThanWeek, total.discrepanciesOfWeek, 'wait')}${bar(texts.olderThanWeek, older, 'bad')}</ul>
<p><a href="${href('/discrepancies')}">${texts.showAll}</a></p>`;
  return card(texts.discrepancies, body, { lead: texts.discrepanciesLead });
}

const hosts = (view: View, facts: OverviewFacts): Html =>
  card(
    view.texts.hosts,
    html`<ul class="lines">${facts.hosts.map(
      ({ id, ready, why }) =>
        html`<li><b>${id}</b> ${chip(ready ? view.texts.ready : view.texts.unavailable, ready ? 'good' : 'bad')}${ready ? nothing : html`<p class="quiet">${why.join('; ')}</p>`}</li>`,
    )}<li><b>Redis</b> ${chip(facts.isRedisAway ? view.texts.unavailable : view.texts.ready, facts.isRedisAway ? 'bad' : 'good')}</li></ul>
<h3>${view.texts.lastAudit}</h3>
${lastAudit(view, facts)}`,
  );

/** When the daily audit last ran in each database, and what it found. */
function lastAudit(view: View, facts: OverviewFacts): Html {
  const { texts } = view;
  return html`<ul class="lines">${facts.databases.map(({ hosts: ids, audit }) => {
    if (!audit) return html`<li><b>${ids.join(', ')}</b> <span class="quiet">${texts.noAuditYet}</span></li>`;
    const { broken, waiting, finishedAt, isComplete } = audit;
    const found = broken > 0 ? chip(fillIn(texts.auditFindings, { count: broken }), 'bad') : chip(texts.auditClean, 'good');
    const open = waiting > 0 ? html` ${chip(fillIn(texts.auditWaiting, { count: waiting }), 'wait')}` : '';
    return html`<li><b>${ids.join(', ')}</b> ${found}${open}${isComplete ? '' : html` ${chip(texts.auditPart, 'wait')}`} <span class="quiet">${time(view, finishedAt, { of: { host: ids[0] } })}</span></li>`;
  })}</ul>`;
}

/** The list of payments begins its search for slow ones with the day before, where nothing else is entered. */
const slowSinceYesterday = `/payments?waited=${slowMs / 1_000}`;

function troubled(view: View, facts: OverviewFacts): Html {
  const { texts } = view;
  const rows = facts.databases.flatMap((database) => database.troubled).sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  return card(
    texts.troubled,
    html`${table(
      texts.troubled,
      [
        { title: texts.time, cell: (row) => time(view, row.createdAt, { of: row }) },
        { title: texts.order, cell: (row) => paymentLink(view, row.id, row.orderNumber) },
        { title: texts.store, cell: (row) => row.storeId },
        { title: texts.amount, cell: (row) => money(row.amount), isNumber: true },
        { title: texts.status, cell: (row) => statusChip(view, row.status as Parameters<typeof statusChip>[1]) },
        { title: texts.tillWaited, cell: (row) => (row.waitedMs === null ? texts.noQr : duration(view, row.waitedMs)), isNumber: true },
      ],
      rows,
      fillIn(texts.noneFailed, { slow: duration(view, slowMs) }),
    )}
<p class="actions"><a class="button" href="${view.href(slowSinceYesterday)}">${texts.slowSinceYesterday}</a></p>`,
  );
}
