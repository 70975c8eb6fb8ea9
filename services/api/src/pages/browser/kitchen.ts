import { button, byId, element } from './dom.ts';
import { tell } from './message.ts';
import { clockTime, say } from './say.ts';
import { openScreen, storeId } from './screen.ts';
import { chime, offerSound } from './sound.ts';
import { createTickets, type Dish, type Ticket } from './tickets.ts';

const tickets = createTickets(storeId, localStorage);
const board = byId('tickets');
const doneList = byId('done-tickets');
const shownDone = 20;
const ageEveryMs = 10_000;

/** Draws and sounds once for all the tickets that came together: after a lost connection they may be two hundred. */
let isDue = false;
let newest: Ticket | null = null;
function drawSoon(ticket: Ticket | null = null): void {
  newest = ticket ?? newest;
  if (isDue) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    draw();
    if (newest) announce(newest);
    newest = null;
  });
}

function announce({ orderNumber }: Ticket): void {
  chime();
  tell(say('newTicket', { number: orderNumber }));
}

/** Cards that stay are left as they are: what has the focus keeps it. */
function draw(): void {
  const all = tickets.all();
  const open = all.filter(({ doneAt }) => doneAt === null);
  const done = all.filter(({ doneAt }) => doneAt !== null).sort((a, b) => (b.doneAt ?? '').localeCompare(a.doneAt ?? ''));
  showIn(board, open, openCard);
  showIn(doneList, done.slice(0, shownDone), doneCard);
  byId('none').hidden = open.length > 0;
  byId('done').hidden = done.length === 0;
  byId('done-count').textContent = say('doneBefore', { count: done.length });
  byId('count').textContent = String(open.length);
  age();
}

function showIn(list: HTMLElement, shown: Ticket[], card: (ticket: Ticket) => HTMLElement): void {
  const present = new Map([...list.children].map((child) => [child.id, child]));
  const wanted = shown.map((ticket) => present.get(ticket.eventId) ?? card(ticket));
  const stay = new Set<Element>(wanted);
  for (const child of present.values()) if (!stay.has(child)) child.remove();
  for (const [n, child] of wanted.entries()) if (list.children[n] !== child) list.insertBefore(child, list.children[n] ?? null);
}

function openCard({ eventId, seq, orderNumber, paidAt, release, dishes }: Ticket): HTMLElement {
  return element(
    'li',
    { id: eventId, class: 'ticket', 'data-seq': seq, 'data-order': orderNumber },
    element(
      'header',
      {},
      element('h2', {}, orderNumber),
      release > 1 ? element('span', { class: 'again' }, say('paidAgain')) : null,
      element('time', { datetime: paidAt, title: clockTime(paidAt) }),
    ),
    element('ul', { class: 'dishes' }, ...dishes.map(dishLine)),
    button(say('done'), { class: 'primary', 'aria-label': say('doneOf', { number: orderNumber }) }, () => markDone(eventId)),
  );
}

const dishLine = ({ name, quantity }: Dish) => element('li', { class: 'dish' }, element('b', {}, `${Number(quantity)} ×`), ' ', name);

function doneCard({ eventId, orderNumber, doneAt }: Ticket): HTMLElement {
  return element(
    'li',
    { id: eventId, class: 'done-ticket' },
    element('span', {}, `${orderNumber} · ${clockTime(doneAt ?? '')}`),
    button(say('bringBack'), { 'aria-label': say('bringBackOf', { number: orderNumber }) }, () => {
      tickets.mark(eventId, null);
      draw();
    }),
  );
}

/** The focus goes on to the next ticket, so that a whole board can be worked off with one key. */
function markDone(eventId: string): void {
  const card = byId(eventId);
  const next = card.nextElementSibling ?? card.previousElementSibling;
  tickets.mark(eventId, new Date().toISOString());
  draw();
  next?.querySelector('button')?.focus();
}

function age(): void {
  for (const time of board.querySelectorAll('time')) {
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(time.dateTime)) / 60_000));
    time.textContent = minutes === 0 ? say('justNow') : say('minutesAgo', { count: minutes });
    time.closest<HTMLElement>('.ticket')?.style.setProperty('--age', String(Math.min(1, minutes / 20)));
  }
}

offerSound();
draw();
setInterval(age, ageEveryMs);
tickets.onChange(() => drawSoon());
void openScreen({
  storage: localStorage,
  onSnapshot: ({ orders }) => {
    for (const order of orders) tickets.take(order);
    drawSoon();
  },
  onEvent: (event) => {
    const ticket = tickets.take(event);
    if (ticket) drawSoon(ticket);
  },
});
