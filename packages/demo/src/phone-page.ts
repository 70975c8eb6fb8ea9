import { html } from '@gateway/api';
import type { Page } from './page.ts';

/** The guest's phone: pays the newest QR. Below it are the switches for provider faults and unusual payments. */
export const phonePage: Page = {
  name: 'phone',
  scripts: ['phone', 'text', 'dom', 'message', 'gateway', 'screen', 'store', 'stream-slot', 'display-client', 'provider-faults'],
  main: ({ texts }) => html`<main id="main">
  <section class="handset" aria-label="${texts.phone}">
    <p id="idle" class="hint">${texts.phoneIdle}</p>
    <div id="bill" hidden>
      <div class="pane-head">
        <h2 id="order-title"></h2>
        <span id="display-status" class="chip"></span>
      </div>
      <p class="quiet">${texts.youPay}</p>
      <p id="amount" class="amount"></p>
      <p id="provider" class="quiet"></p>
      <p id="over" class="warning" hidden>${texts.phoneOver}</p>
      <div id="pay">
        <h3 id="pay-title">${texts.payWith}</h3>
        <ul id="apps" class="apps"></ul>
      </div>
    </div>
  </section>
  <section class="provider-faults" aria-labelledby="provider-faults-title">
    <h2 id="provider-faults-title">${texts.providerFaults}</h2>
    <p class="quiet">${texts.providerFaultsLead}</p>
    <div id="providers" class="providers"></div>
    <h3>${texts.unusualPayments}</h3>
    <div class="payer-actions">
      <button type="button" id="pay-late" disabled><b>${texts.payLate}</b><span>${texts.payLateWhy}</span></button>
      <button type="button" id="pay-twice" disabled><b>${texts.payTwice}</b><span>${texts.payTwiceWhy}</span></button>
    </div>
  </section>
</main>
<p id="message" class="message" role="status"></p>`,
};
