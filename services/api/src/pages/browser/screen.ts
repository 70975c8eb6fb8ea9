import { type DisplayOptions, type DisplayState, followStore } from '@gateway/display-client';
import { byId, element } from './dom.ts';
import { ask } from './gateway.ts';
import { clockTime, say } from './say.ts';

const stores = { 'JKT-01': 'Senayan, Jakarta', 'BDG-01': 'Dago, Bandung' };

const asked = new URLSearchParams(location.search);
const wanted = asked.get('store') ?? '';

/** The store this page is about. */
export const storeId = wanted in stores ? wanted : 'JKT-01';

if (window.self !== window.top) document.documentElement.classList.add('framed');

/** Follows the store, and says at the top of the page how well it hears. */
export function openScreen(options: Pick<DisplayOptions, 'onEvent' | 'onSnapshot'> & { storage?: Storage; onLive?: () => void }): void {
  offerStores();
  const follow = () =>
    followStore({
      url: location.origin,
      storeId,
      token: async () => (await ask<{ token: string }>('POST', `/stores/${storeId}/stream-token`)).token,
      onEvent: options.onEvent,
      onSnapshot: options.onSnapshot,
      ...(options.storage ? { storage: options.storage } : {}),
      onState: (state) => {
        showState(state);
        if (state.name === 'live') options.onLive?.();
      },
    });
  let display = follow();
  if (options.storage) return; // it must hear everything, also while nobody looks
  // A browser opens six connections to one server, and each screen takes one: a page that nobody sees gives its own back.
  document.addEventListener('visibilitychange', () => {
    display.close();
    if (!document.hidden) display = follow();
  });
}

function showState(state: DisplayState): void {
  const pill = byId('state');
  pill.dataset.state = state.name;
  pill.textContent = say(state.name, state.name === 'offline' ? { time: clockTime(state.since) } : {});
}

function offerStores(): void {
  const select = byId('store', HTMLSelectElement);
  for (const [id, place] of Object.entries(stores))
    select.append(element('option', { value: id, selected: id === storeId }, `${id} · ${place}`));
  select.addEventListener('change', () => location.assign(`?${withParameter('store', select.value)}`));
  const language = byId('language', HTMLAnchorElement);
  language.search = withParameter('lang', new URLSearchParams(language.search).get('lang') ?? 'en');
}

function withParameter(name: string, value: string): string {
  const parameters = new URLSearchParams(name === 'store' ? { lang: document.documentElement.lang } : location.search);
  parameters.set(name, value);
  return parameters.toString();
}
