import { en } from './en.ts';
import { id } from './id.ts';

export const languages = ['en', 'id'] as const;
export type Language = (typeof languages)[number];

/** What the pages say. `{braces}` are filled in when it is said. */
export type Texts = Record<keyof typeof en, string>;

export const texts: Record<Language, Texts> = { en, id };
