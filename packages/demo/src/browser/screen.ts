import { type DisplayOptions, type DisplayState, followStore } from '@gateway/display-client';
import { byId, element } from './dom.ts';
import { request } from './gateway.ts';
import { storeId, stores } from './store.ts';
import { acquireStreamSlot } from './stream-slot.ts';
import { clockTime, text } from './text.ts';

if (window.self !== window.top) document.documentElement.classList.add('framed');

type Screen = Pick<DisplayOptions, 'onEvent' | 'onSnapshot'> & { onLive?: () => void };

/**
 * Follows the store, and shows at the top of the page whether it is up to date. With `storage` the page stays connected while it is
 * hidden, because it must receive every event.
 */
export async function startScreen({ storage, ...screen }: Screen & { storage?: Storage }): Promise<void> {
  showStores();
  for (;;) {
    const releaseSlot = await acquireStreamSlot(() => show('waiting', text('waiting')));
    const display = follow(screen, storage);
    if (storage) return;
    await until(() => document.hidden); // a hidden page gives its stream to a page that is seen
    display.close();
    releaseSlot();
    await until(() => !document.hidden);
  }
}

const follow = ({ onEvent, onSnapshot, onLive }: Screen, storage: Storage | undefined) =>
  followStore({
    url: location.origin,
    storeId,
    token: async () => (await request<{ token: string }>('POST', `/stores/${storeId}/stream-token`)).token,
    onEvent,
    onSnapshot,
    ...(storage ? { storage } : {}),
    onState: (state) => {
      show(state.name, text(state.name, state.name === 'offline' ? { time: clockTime(state.since) } : {}));
      if (state.name === 'live') onLive?.();
    },
  });

const until = (condition: () => boolean) =>
  new Promise<void>((done) => {
    const check = (): void => {
      if (!condition()) return;
      document.removeEventListener('visibilitychange', check);
      done();
    };
    document.addEventListener('visibilitychange', check);
    check();
  });

function show(state: DisplayState['name'] | 'waiting', sentence: string): void {
  const pill = byId('state');
  pill.dataset.state = state;
  pill.textContent = sentence;
}

function showStores(): void {
  const select = byId('store', HTMLSelectElement);
  for (const [id, placeName] of Object.entries(stores))
    select.append(element('option', { value: id, selected: id === storeId }, `${id} · ${placeName}`));
  select.addEventListener('change', () => location.assign(`?${withParameter('store', select.value)}`));
  const language = byId('language', HTMLAnchorElement);
  language.search = withParameter('lang', new URLSearchParams(language.search).get('lang') ?? 'en');
}

function withParameter(name: string, value: string): string {
  const parameters = new URLSearchParams(name === 'store' ? { lang: document.documentElement.lang } : location.search);
  parameters.set(name, value);
  return parameters.toString();
}
