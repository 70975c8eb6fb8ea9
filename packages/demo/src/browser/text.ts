import type { Texts } from '../text/en.ts';

const lang = document.documentElement.lang === 'id' ? 'id' : 'en';
const texts: Texts = lang === 'id' ? (await import('../text/id.ts')).id : (await import('../text/en.ts')).en;

/** A text in the language of the page, with its values filled in. */
export function text(name: keyof Texts, values: Record<string, string | number> = {}): string {
  return texts[name].replace(/\{(\w+)\}/g, (_, key: string) => String(values[key]));
}

export const isTextKey = (name: string): name is keyof Texts => name in texts;

const currencyFormat = new Intl.NumberFormat('id-ID', { style: 'currency', currency: 'IDR', maximumFractionDigits: 0 });
const timeFormat = new Intl.DateTimeFormat(lang === 'id' ? 'id-ID' : 'en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'Asia/Jakarta', // the demo's outlets are there, and the timeline's sentences use the same zone
});

/** Whole rupiah in Indonesian notation in both languages: `Rp 55.000`. */
export const rupiah = (amount: number): string => currencyFormat.format(amount);

export const clockTime = (at: Date | string): string => timeFormat.format(new Date(at));
