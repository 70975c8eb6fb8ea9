import type { Texts } from '../text/texts.ts';

const lang = document.documentElement.lang === 'id' ? 'id' : 'en';
const texts: Texts = lang === 'id' ? (await import('../text/id.ts')).id : (await import('../text/en.ts')).en;

/** In the language of the page. */
export function text(name: keyof Texts, values: Record<string, string | number> = {}): string {
  return texts[name].replace(/\{(\w+)\}/g, (_, key: string) => String(values[key]));
}

export const isTextKey = (name: string): name is keyof Texts => name in texts;

const currencyFormat = new Intl.NumberFormat('id-ID', { style: 'currency', currency: 'IDR', maximumFractionDigits: 0 });
const timeFormat = new Intl.DateTimeFormat(lang === 'id' ? 'id-ID' : 'en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'Asia/Jakarta', // where the demo's outlets are: what the clock on their wall shows, and the gateway's sentences say
});

/** As it is written in Indonesia, whatever the language: `Rp 55.000`. */
export const rupiah = (amount: number): string => currencyFormat.format(amount);

export const clockTime = (at: Date | string): string => timeFormat.format(new Date(at));
