import { html } from '@gateway/api';
import type { Page } from './page.ts';

/** The kitchen's screen: tickets of orders that are paid and not cooked yet. */
export const kitchenPage: Page = {
  name: 'kitchen',
  scripts: ['kitchen', 'text', 'dom', 'message', 'gateway', 'screen', 'store', 'stream-slot', 'display-client', 'sound', 'tickets'],
  main: ({ texts }) => html`<main id="main">
  <div class="list-head">
    <h2>${texts.tickets} <span id="count" class="count">0</span></h2>
    <label class="check"><input type="checkbox" id="sound" role="switch">${texts.sound}</label>
  </div>
  <p id="none" class="hint">${texts.noTickets}</p>
  <ol id="tickets" class="tickets" aria-label="${texts.tickets}"></ol>
  <details id="done" hidden>
    <summary id="done-count"></summary>
    <ol id="done-tickets" class="done"></ol>
  </details>
</main>
<p id="message" class="message" role="status"></p>`,
};
