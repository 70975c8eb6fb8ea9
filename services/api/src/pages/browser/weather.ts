import { byId, element } from './dom.ts';
import { ask } from './gateway.ts';
import { attempt, tell } from './message.ts';
import { say } from './say.ts';

export const providerNames = { midtrans: 'Midtrans', xendit: 'Xendit' };
type Provider = keyof typeof providerNames;
type Sky = 'fine' | 'slow' | 'down';

/** A provider as the simulator has it now. */
interface Forecast {
  faults: { fault: string }[];
  travel: { drop: number };
}

const faults = {
  slow: { operation: 'any', fault: 'slow', times: null, delay_ms: 3_000 },
  down: { operation: 'any', fault: 'refuse', times: null },
};
const sentences = { fine: 'weatherFine', slow: 'weatherSlow', down: 'weatherDown' } as const;
const control = (path: string) => `/simulator/control/${path}`;

/** The switches for both providers, as the simulator has them now. */
export function offerWeather(): void {
  for (const provider of Object.keys(providerNames) as Provider[]) byId('providers').append(panel(provider));
  const refresh = () => void attempt(showForecast);
  refresh();
  window.addEventListener('focus', refresh); // somebody may have turned the same knobs elsewhere
}

function panel(provider: Provider): HTMLElement {
  const skies = (['fine', 'slow', 'down'] as const).map((sky) => {
    const input = element('input', { type: 'radio', name: `sky-${provider}`, value: sky, checked: sky === 'fine' });
    input.addEventListener('change', () => attempt(() => setSky(provider, sky)));
    return element('label', {}, input, element('span', {}, say(sky)));
  });
  const loses = element('input', { type: 'checkbox', id: `loses-${provider}` });
  loses.addEventListener('change', () => attempt(() => setNews(provider, loses.checked)));
  return element(
    'fieldset',
    { 'data-provider': provider },
    element('legend', {}, providerNames[provider]),
    element('div', { class: 'segments' }, ...skies),
    element('label', { class: 'check' }, loses, say('losesNews')),
  );
}

async function setSky(provider: Provider, sky: Sky): Promise<void> {
  await ask('DELETE', control(`${provider}/faults`));
  if (sky !== 'fine') await ask('POST', control(`${provider}/faults`), faults[sky]);
  tell(say(sentences[sky], { provider: providerNames[provider] }));
}

async function setNews(provider: Provider, isLost: boolean): Promise<void> {
  await ask('POST', control(`${provider}/webhooks`), { drop: isLost ? 1 : 0 });
  tell(isLost ? say('weatherLoses') : say('weatherFine', { provider: providerNames[provider] }));
}

async function showForecast(): Promise<void> {
  const { providers } = await ask<{ providers: Record<Provider, Forecast> }>('GET', control(''));
  for (const [provider, { faults: standing, travel }] of Object.entries(providers)) {
    const of = (fault: string) => standing.some((rule) => rule.fault === fault);
    const sky: Sky = of('refuse') ? 'down' : of('slow') ? 'slow' : 'fine';
    const input = document.querySelector<HTMLInputElement>(`input[name="sky-${provider}"][value="${sky}"]`);
    if (input) input.checked = true;
    byId(`loses-${provider}`, HTMLInputElement).checked = travel.drop > 0;
  }
}
