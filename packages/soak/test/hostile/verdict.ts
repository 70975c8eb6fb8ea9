import type { HostileRequest } from './requests.ts';
import type { Answer, RawAnswer } from './send.ts';

const isRefusal = (status: number): boolean => status >= 400 && status < 500;

const never = 'was neither answered nor ended';

/** What is wrong with an answer; null: nothing. */
export function faultOf(
  { rights, method, path }: HostileRequest,
  { status, headers, text, isSilent }: Answer,
  secrets: readonly string[],
): string | null {
  if (isSilent) return never;
  if (status === null) return null; // the connection was ended, which tells the caller nothing
  const isBusy = rights === 'own' && status === 503 && headers['retry-after'] !== undefined;
  if (status >= 500 && !isBusy) return `answered ${status}`;
  if (secrets.some((secret) => text.includes(secret))) return 'shows what only the victim may see';
  if (rights !== 'none' || isRefusal(status) || method === 'OPTIONS') return null;
  const signsIn = path.startsWith('/operator') && /\/operator\?to=|action="[^"]*\/sign-in"|again=1/.test(text + headers.location);
  return signsIn ? null : `let in with ${status}`;
}

/** The same for an answer to bytes that are no proper request. */
export function faultOfRaw({ statuses, isSilent }: RawAnswer): string | null {
  if (isSilent) return never;
  const wrong = statuses.find((status) => !isRefusal(status));
  return wrong === undefined ? null : `answered ${wrong}`;
}
