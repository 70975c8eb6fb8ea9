import type { Language } from './texts.ts';

type Words = Readonly<Record<Language, string>>;

/** Why a provider was skipped or gave no QR. The reasons of providers are many, and new ones come: one without words is shown as it is. */
const routeReasons: Readonly<Record<string, Words>> = {
  timeout: { en: 'no answer in time', id: 'tidak menjawab tepat waktu' },
  connection: { en: 'no connection', id: 'tidak tersambung' },
};

export function nameOfReason(code: string | null, lang: Language): string {
  if (code === null) return '–';
  return routeReasons[code]?.[lang] ?? code.replaceAll('_', ' ');
}
