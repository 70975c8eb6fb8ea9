import { byId, element } from './dom.ts';
import { request } from './gateway.ts';
import { runAndReport, showMessage } from './message.ts';
import { text } from './text.ts';

export const providerNames = { midtrans: 'Midtrans', xendit: 'Xendit' };
type Provider = keyof typeof providerNames;
type ProviderCondition = 'normal' | 'slow' | 'down';

/** The part of the simulator's state of one provider that the switches show. */
interface ProviderState {
  faults: { fault: string }[];
  travel: { drop: number };
}

const faults = {
  slow: { operation: 'any', fault: 'slow', times: null, delay_ms: 3_000 },
  down: { operation: 'any', fault: 'refuse', times: null },
};
const messages = { normal: 'providerNormal', slow: 'providerSlow', down: 'providerDown' } as const;
const control = (path: string) => `/simulator/control/${path}`;

/** Adds the switches of both providers to the page, and keeps them as the simulator's state is. */
export function showProviderFaults(): void {
  for (const provider of Object.keys(providerNames) as Provider[]) byId('providers').append(panel(provider));
  const refresh = () => void runAndReport(showProviderStates);
  refresh();
  window.addEventListener('focus', refresh); // the switches may have been changed in another window
}

function panel(provider: Provider): HTMLElement {
  const choices = (['normal', 'slow', 'down'] as const).map((condition) => {
    const input = element('input', { type: 'radio', name: `condition-${provider}`, value: condition, checked: condition === 'normal' });
    input.addEventListener('change', () => runAndReport(() => setCondition(provider, condition)));
    return element('label', {}, input, element('span', {}, text(condition)));
  });
  const dropsWebhooks = element('input', { type: 'checkbox', id: `drops-webhooks-${provider}` });
  dropsWebhooks.addEventListener('change', () => runAndReport(() => setWebhookLoss(provider, dropsWebhooks.checked)));
  return element(
    'fieldset',
    { 'data-provider': provider },
    element('legend', {}, providerNames[provider]),
    element('div', { class: 'segments' }, ...choices),
    element('label', { class: 'check' }, dropsWebhooks, text('dropsWebhooks')),
  );
}

async function setCondition(provider: Provider, condition: ProviderCondition): Promise<void> {
  await request('DELETE', control(`${provider}/faults`));
  if (condition !== 'normal') await request('POST', control(`${provider}/faults`), faults[condition]);
  showMessage(text(messages[condition], { provider: providerNames[provider] }));
}

async function setWebhookLoss(provider: Provider, isDropped: boolean): Promise<void> {
  await request('POST', control(`${provider}/webhooks`), { drop: isDropped ? 1 : 0 });
  showMessage(isDropped ? text('webhooksDropped') : text('providerNormal', { provider: providerNames[provider] }));
}

async function showProviderStates(): Promise<void> {
  const { providers } = await request<{ providers: Record<Provider, ProviderState> }>('GET', control(''));
  for (const [provider, { faults: activeFaults, travel }] of Object.entries(providers)) {
    const hasFault = (fault: string) => activeFaults.some((rule) => rule.fault === fault);
    const condition: ProviderCondition = hasFault('refuse') ? 'down' : hasFault('slow') ? 'slow' : 'normal';
    const input = document.querySelector<HTMLInputElement>(`input[name="condition-${provider}"][value="${condition}"]`);
    if (input) input.checked = true;
    byId(`drops-webhooks-${provider}`, HTMLInputElement).checked = travel.drop > 0;
  }
}
