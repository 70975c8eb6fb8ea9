import { html } from '../operator/html.ts';
import type { Page } from './page.ts';

/** Tickets of what is paid and not cooked yet. */
export const kitchenPage: Page = {
  name: 'kitchen',
  scripts: ['kitchen', 'say', 'dom', 'message', 'gateway', 'screen', 'line', 'display-client', 'sound', 'tickets'],
  main: ({ say }) => html`<main id="main">
  <div class="list-head">
    <h2>${say.tickets} <span id="count" class="count">0</span></h2>
    <label class="check"><input type="checkbox" id="sound" role="switch">${say.sound}</label>
  </div>
  <p id="none" class="hint">${say.noTickets}</p>
  <ol id="tickets" class="tickets" aria-label="${say.tickets}"></ol>
  <details id="done" hidden>
    <summary id="done-count"></summary>
    <ol id="done-tickets" class="done"></ol>
  </details>
</main>
<p id="message" class="message" role="status"></p>`,
};
