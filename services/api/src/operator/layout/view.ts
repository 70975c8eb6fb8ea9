import type { OperatorRole } from '@gateway/shared/runtime';
import type { Request, Response } from 'express';
import { csrfOf, operatorOf } from '../sign-in/authenticate-operator.ts';
import type { Operator } from '../sign-in/sessions.ts';
import { type Language, languages, type Texts, texts } from '../texts/texts.ts';

/** How a page refers to other places of this installation. */
export interface Links {
  /** The address of a path below `/operator`, with what a proxy publishes the api below. */
  href(path: string): string;
  /** The address of a file of the look. */
  asset(name: string): string;
}

/** What every template needs. */
export interface Locale extends Links {
  texts: Texts;
  lang: Language;
  /** The address of this page in the other language. */
  otherLanguageHref: string;
}

/** Where something happened. */
export interface Place {
  host?: string | null | undefined;
  storeId?: string | null | undefined;
}

/** What the templates of a page need for a person who is signed in. */
export interface View extends Locale {
  operator: Operator;
  /** For the forms. */
  csrf: string;
  /** The path below `/operator`, with its query. */
  path: string;
  now: Date;
  /** The zone of the times that belong to no place of their own: `Asia/Jakarta`. */
  timeZone: string;
  /** The zone of a store that has one of its own, else that of its host, else `timeZone`. */
  zoneOf(place: Place): string;
  /** What the action that led to this page did; null: none did. */
  notice: { text: string; state: 'good' | 'bad' } | null;
}

const languageCookie = 'operator_language';
const oneYearMs = 31_536_000_000;

/** The language of `?lang=`, which is remembered; else the remembered one, else the one that the browser prefers, else English. */
export function localeOf(req: Request, res: Response, links: Links): Locale {
  const asked = languages.find((each) => each === req.query.lang);
  if (asked) res.cookie(languageCookie, asked, { sameSite: 'strict', path: '/', maxAge: oneYearMs });
  const remembered = new RegExp(`(?:^|;\\s?)${languageCookie}=(en|id)(?:;|$)`).exec(req.headers.cookie ?? '')?.[1] as Language | undefined;
  const lang = asked ?? remembered ?? (req.acceptsLanguages([...languages]) === 'id' ? 'id' : 'en');
  res.setHeader('Content-Language', lang);
  return { ...links, lang, texts: texts[lang], otherLanguageHref: links.href(withLanguage(req.url, lang === 'en' ? 'id' : 'en')) };
}

export const viewOf = (
  req: Request,
  res: Response,
  { links, ...given }: { links: Links } & Pick<View, 'now' | 'timeZone' | 'zoneOf'>,
): View => ({
  ...localeOf(req, res, links),
  ...given,
  operator: operatorOf(res),
  csrf: csrfOf(res),
  path: req.url,
  notice: null,
});

/** The name of a role in the person's language. */
export const roleName = (texts: Texts, role: OperatorRole): string => texts[role];

function withLanguage(url: string, lang: Language): string {
  const { pathname, searchParams } = new URL(url, 'http://page');
  searchParams.set('lang', lang);
  return `${pathname}?${searchParams}`;
}
