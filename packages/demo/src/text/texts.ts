import { en, type Texts } from './en.ts';
import { id } from './id.ts';

export const languages = ['en', 'id'] as const;
export type Language = (typeof languages)[number];

export const texts: Record<Language, Texts> = { en, id };
