import { en } from './en.ts';
import { id } from './id.ts';

export const languages = ['en', 'id'] as const;
export type Language = (typeof languages)[number];

/** All texts of the pages. A name in braces, such as `{time}`, is replaced by a value when the text is shown. */
export type Texts = Record<keyof typeof en, string>;

export const texts: Record<Language, Texts> = { en, id };
