import { html } from '@gateway/api';
import type { Page } from './page.ts';

/** The cashier's screen: open orders, the QR of the chosen one, its status and timeline, and refunds. */
export const cashierPage: Page = {
  name: 'cashier',
  scripts: [
    'cashier',
    'text',
    'dom',
    'message',
    'gateway',
    'screen',
    'store',
    'stream-slot',
    'display-client',
    'orders',
    'payment-pane',
    'countdown',
    'timeline',
    'refund-dialog',
  ],
  main: ({ texts }) => html`<main id="main">
  <section class="list" aria-labelledby="orders-title">
    <div class="list-head">
      <h2 id="orders-title">${texts.orders}</h2>
      <button type="button" id="new-order">${texts.newOrder}</button>
      <label>${texts.validFor}
        <select id="valid-for"><option value="900">${texts.minutes15}</option><option value="60">${texts.minutes1}</option></select>
      </label>
    </div>
    <ul id="orders" class="orders"></ul>
    <p id="no-orders" class="quiet" hidden>${texts.noOrders}</p>
  </section>
  <section class="pane" aria-label="${texts.cashier}">
    <p id="pick-order" class="hint">${texts.pickOrder}</p>
    <div id="payment" tabindex="-1" hidden>
      <div class="pane-head">
        <h2 id="order-title"></h2>
        <span id="display-status" class="chip"></span>
      </div>
      <div class="pane-body">
        <div id="qr" class="qr"></div>
        <div class="facts">
          <p id="amount" class="amount"></p>
          <p id="dishes" class="quiet"></p>
          <div id="countdown" class="countdown"><p id="time-left" role="timer"></p><div id="time-bar" class="time-bar"></div></div>
          <p id="needs-review" class="warning" hidden>${texts.needsReview}</p>
          <div class="actions">
            <button type="button" id="again" class="primary" hidden>${texts.tryAgain}</button>
            <button type="button" id="check" hidden>${texts.checkNow}</button>
            <button type="button" id="cancel" hidden>${texts.cancel}</button>
            <button type="button" id="refund" hidden>${texts.refund}</button>
          </div>
        </div>
      </div>
      <section id="timeline-section" aria-labelledby="timeline-title" hidden>
        <h3 id="timeline-title">${texts.timeline}</h3>
        <ol id="timeline" class="timeline"></ol>
      </section>
    </div>
  </section>
</main>
<p id="message" class="message" role="status"></p>
<dialog id="refund-dialog" aria-labelledby="refund-title">
  <form method="dialog">
    <h2 id="refund-title"></h2>
    <label>${texts.refundAmount} <input id="refund-amount" type="number" min="1" step="1" required></label>
    <label>${texts.refundReason} <input id="refund-reason" type="text" maxlength="200" required></label>
    <div class="actions">
      <button class="primary" value="refund">${texts.refundSend}</button>
      <button value="" formnovalidate>${texts.close}</button>
    </div>
  </form>
</dialog>`,
};
