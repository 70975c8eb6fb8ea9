import type { Words } from '../words/words.ts';

const lang = document.documentElement.lang === 'id' ? 'id' : 'en';
const words: Words = lang === 'id' ? (await import('../words/id.ts')).id : (await import('../words/en.ts')).en;

/** In the language of the page. */
export function say(name: keyof Words, values: Record<string, string | number> = {}): string {
  return words[name].replace(/\{(\w+)\}/g, (_, key: string) => String(values[key]));
}

export const isWord = (name: string): name is keyof Words => name in words;

const money = new Intl.NumberFormat('id-ID', { style: 'currency', currency: 'IDR', maximumFractionDigits: 0 });
const hours = new Intl.DateTimeFormat(lang === 'id' ? 'id-ID' : 'en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'Asia/Jakarta', // where the demo's outlets are: what the clock on their wall shows, and the gateway's sentences say
});

/** As it is written in Indonesia, whatever the language: `Rp 55.000`. */
export const rupiah = (amount: number): string => money.format(amount);

export const clockTime = (at: Date | string): string => hours.format(new Date(at));
