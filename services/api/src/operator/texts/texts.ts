import { en, type Texts } from './en.ts';
import { id } from './id.ts';

export type { Texts } from './en.ts';

export const languages = ['en', 'id'] as const;
export type Language = (typeof languages)[number];

export const texts: Record<Language, Texts> = { en, id };

/** Puts the values into the braces of a text. */
export const fillIn = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
