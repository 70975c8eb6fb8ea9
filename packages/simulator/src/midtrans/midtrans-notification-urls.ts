import type { IncomingHttpHeaders } from 'node:http';
import type { MidtransAccount } from '../accounts.ts';
import type { SwitchSettings } from '../switches.ts';

/** Where the webhooks of a charge are sent: to the account's URL, which request headers replace or extend. Source: providers.md 2.9. */
export function notificationUrls(headers: IncomingHttpHeaders, account: MidtransAccount, switches: SwitchSettings): readonly string[] {
  const own = account.notificationUrl === null ? [] : [account.notificationUrl];
  const listed = (name: string): string[] =>
    String(headers[name] ?? '')
      .split(',')
      .map((url) => url.trim())
      .filter(isWebUrl);
  const override = listed('x-override-notification');
  if (override.length > 0) return override.slice(0, switches.midtrans_max_notification_urls);
  return [...own, ...listed('x-append-notification').slice(0, switches.midtrans_max_notification_urls)];
}

const isWebUrl = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
