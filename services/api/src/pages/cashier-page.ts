import { html } from '../operator/html.ts';
import type { Page } from './page.ts';

/** Picks an order, shows its QR, and what becomes of it. */
export const cashierPage: Page = {
  name: 'cashier',
  scripts: [
    'cashier',
    'say',
    'dom',
    'message',
    'gateway',
    'screen',
    'line',
    'display-client',
    'orders',
    'payment-pane',
    'countdown',
    'history',
    'refund-dialog',
  ],
  main: ({ say }) => html`<main id="main">
  <section class="list" aria-labelledby="orders-title">
    <div class="list-head">
      <h2 id="orders-title">${say.orders}</h2>
      <button type="button" id="new-order">${say.newOrder}</button>
      <label>${say.validFor}
        <select id="valid-for"><option value="900">${say.minutes15}</option><option value="60">${say.minutes1}</option></select>
      </label>
    </div>
    <ul id="orders" class="orders"></ul>
    <p id="no-orders" class="quiet" hidden>${say.noOrders}</p>
  </section>
  <section class="pane" aria-label="${say.cashier}">
    <p id="pick-order" class="hint">${say.pickOrder}</p>
    <div id="payment" tabindex="-1" hidden>
      <div class="pane-head">
        <h2 id="order-title"></h2>
        <span id="standing" class="chip"></span>
      </div>
      <div class="pane-body">
        <div id="qr" class="qr"></div>
        <div class="facts">
          <p id="amount" class="amount"></p>
          <p id="dishes" class="quiet"></p>
          <div id="countdown" class="countdown"><p id="time-left" role="timer"></p><div id="time-bar" class="time-bar"></div></div>
          <p id="needs-review" class="warning" hidden>${say.needsReview}</p>
          <div class="actions">
            <button type="button" id="again" class="primary" hidden>${say.tryAgain}</button>
            <button type="button" id="check" hidden>${say.checkNow}</button>
            <button type="button" id="cancel" hidden>${say.cancel}</button>
            <button type="button" id="refund" hidden>${say.refund}</button>
          </div>
        </div>
      </div>
      <section id="history" aria-labelledby="timeline-title" hidden>
        <h3 id="timeline-title">${say.timeline}</h3>
        <ol id="timeline" class="timeline"></ol>
      </section>
    </div>
  </section>
</main>
<p id="message" class="message" role="status"></p>
<dialog id="refund-dialog" aria-labelledby="refund-title">
  <form method="dialog">
    <h2 id="refund-title"></h2>
    <label>${say.refundAmount} <input id="refund-amount" type="number" min="1" step="1" required></label>
    <label>${say.refundReason} <input id="refund-reason" type="text" maxlength="200" required></label>
    <div class="actions">
      <button class="primary" value="refund">${say.refundSend}</button>
      <button value="" formnovalidate>${say.close}</button>
    </div>
  </form>
</dialog>`,
};
