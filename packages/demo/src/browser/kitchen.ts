import { button, byId, element } from './dom.ts';
import { showMessage } from './message.ts';
import { startScreen } from './screen.ts';
import { chime, setUpSound } from './sound.ts';
import { storeId } from './store.ts';
import { clockTime, text } from './text.ts';
import { createTickets, type Dish, type Ticket } from './tickets.ts';

const tickets = createTickets(storeId, localStorage);
const board = byId('tickets');
const doneList = byId('done-tickets');
const maxDoneShown = 20;
const updateAgesEveryMs = 10_000;

let isScheduled = false;
let newest: Ticket | null = null;

/** Draws and chimes once for all tickets that arrive together. After a lost connection there may be two hundred. */
function scheduleDraw(ticket: Ticket | null = null): void {
  newest = ticket ?? newest;
  if (isScheduled) return;
  isScheduled = true;
  setTimeout(() => {
    isScheduled = false;
    draw();
    if (newest) announce(newest);
    newest = null;
  });
}

function announce({ orderNumber }: Ticket): void {
  chime();
  showMessage(text('newTicket', { number: orderNumber }));
}

/** Draws both lists. A card that stays is not replaced, so the focus stays on it. */
function draw(): void {
  const all = tickets.all();
  const open = all.filter(({ doneAt }) => doneAt === null);
  const done = all.filter(({ doneAt }) => doneAt !== null).sort((a, b) => (b.doneAt ?? '').localeCompare(a.doneAt ?? ''));
  showIn(board, open, openCard);
  showIn(doneList, done.slice(0, maxDoneShown), doneCard);
  byId('none').hidden = open.length > 0;
  byId('done').hidden = done.length === 0;
  byId('done-count').textContent = text('doneBefore', { count: done.length });
  byId('count').textContent = String(open.length);
  updateAges();
}

function showIn(list: HTMLElement, shown: Ticket[], card: (ticket: Ticket) => HTMLElement): void {
  const present = new Map([...list.children].map((child) => [child.id, child]));
  const wanted = shown.map((ticket) => present.get(ticket.eventId) ?? card(ticket));
  const stay = new Set<Element>(wanted);
  for (const child of present.values()) if (!stay.has(child)) child.remove();
  for (const [n, child] of wanted.entries()) if (list.children[n] !== child) list.insertBefore(child, list.children[n] ?? null);
}

const orderTypes: Record<string, string> = { dine_in: text('dineIn'), take_away: text('takeAway'), delivery: text('delivery') };

/** Where the dishes go: the table, and how the order is eaten. A host's own word is shown as it is. */
const placeOf = ({ table, orderType }: Ticket): string =>
  [table && text('tableOf', { number: table }), orderType && (orderTypes[orderType] ?? orderType)].filter(Boolean).join(' · ');

function openCard(ticket: Ticket): HTMLElement {
  const { eventId, seq, orderNumber, paidAt, release, dishes } = ticket;
  const place = placeOf(ticket);
  return element(
    'li',
    { id: eventId, class: 'ticket', 'data-seq': seq, 'data-order': orderNumber },
    element(
      'header',
      {},
      element('h2', {}, orderNumber),
      release > 1 ? element('span', { class: 'again' }, text('paidAgain')) : null,
      element('time', { datetime: paidAt, title: clockTime(paidAt) }),
    ),
    place ? element('p', { class: 'place' }, place) : null,
    element('ul', { class: 'dishes' }, ...dishes.map(dishLine)),
    button(text('done'), { class: 'primary', 'aria-label': text('doneOf', { number: orderNumber }) }, () => markDone(eventId)),
  );
}

const dishLine = ({ name, quantity, note }: Dish) =>
  element(
    'li',
    { class: 'dish' },
    element('b', {}, `${Number(quantity)} ×`),
    ' ',
    name,
    note ? element('small', { class: 'note' }, note) : null,
  );

function doneCard({ eventId, orderNumber, doneAt }: Ticket): HTMLElement {
  return element(
    'li',
    { id: eventId, class: 'done-ticket' },
    element('span', {}, `${orderNumber} · ${clockTime(doneAt ?? '')}`),
    button(text('bringBack'), { 'aria-label': text('bringBackOf', { number: orderNumber }) }, () => {
      tickets.mark(eventId, null);
      draw();
    }),
  );
}

/** Moves the focus to the next ticket, so that the cook can finish all tickets with one key. */
function markDone(eventId: string): void {
  const card = byId(eventId);
  const next = card.nextElementSibling ?? card.previousElementSibling;
  tickets.mark(eventId, new Date().toISOString());
  draw();
  next?.querySelector('button')?.focus();
}

function updateAges(): void {
  for (const time of board.querySelectorAll('time')) {
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(time.dateTime)) / 60_000));
    time.textContent = minutes === 0 ? text('justNow') : text('minutesAgo', { count: minutes });
    time.closest<HTMLElement>('.ticket')?.style.setProperty('--age', String(Math.min(1, minutes / 20)));
  }
}

setUpSound();
draw();
setInterval(updateAges, updateAgesEveryMs);
tickets.onChange(() => scheduleDraw());
void startScreen({
  storage: localStorage,
  onSnapshot: ({ orders }) => {
    for (const order of orders) tickets.add(order);
    scheduleDraw();
  },
  onEvent: (event) => {
    const ticket = tickets.add(event);
    if (ticket) scheduleDraw(ticket);
  },
});
