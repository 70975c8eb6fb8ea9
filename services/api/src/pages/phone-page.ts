import { html } from '../operator/html.ts';
import type { Page } from './page.ts';

/** A guest who pays, and what may befall the payment. */
export const phonePage: Page = {
  name: 'phone',
  scripts: ['phone', 'say', 'dom', 'message', 'gateway', 'screen', 'line', 'display-client', 'weather'],
  main: ({ say }) => html`<main id="main">
  <section class="handset" aria-label="${say.phone}">
    <p id="idle" class="hint">${say.phoneIdle}</p>
    <div id="bill" hidden>
      <div class="pane-head">
        <h2 id="order-title"></h2>
        <span id="standing" class="chip"></span>
      </div>
      <p class="quiet">${say.youPay}</p>
      <p id="amount" class="amount"></p>
      <p id="provider" class="quiet"></p>
      <p id="over" class="warning" hidden>${say.phoneOver}</p>
      <div id="pay">
        <h3 id="pay-title">${say.payWith}</h3>
        <ul id="apps" class="apps"></ul>
      </div>
    </div>
  </section>
  <section class="weather" aria-labelledby="weather-title">
    <h2 id="weather-title">${say.weather}</h2>
    <p class="quiet">${say.weatherLead}</p>
    <div id="providers" class="providers"></div>
    <h3>${say.guestTricks}</h3>
    <div class="tricks">
      <button type="button" id="pay-late" disabled><b>${say.payLate}</b><span>${say.payLateWhy}</span></button>
      <button type="button" id="pay-twice" disabled><b>${say.payTwice}</b><span>${say.payTwiceWhy}</span></button>
    </div>
  </section>
</main>
<p id="message" class="message" role="status"></p>`,
};
