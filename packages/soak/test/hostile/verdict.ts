import type { HostileRequest } from './requests.ts';
import type { Answer } from './send.ts';

const isRefusal = (status: number): boolean => status >= 400 && status < 500;

/** What is wrong with an answer; null: nothing. */
export function faultOf(
  { rights, method, path }: HostileRequest,
  { status, headers, text }: Answer,
  secrets: readonly string[],
): string | null {
  if (status === null) return null; // the connection was ended, which tells the caller nothing
  const isBusy = status === 503 && ((rights === 'own' && headers['retry-after']) || path === '/health/ready');
  if (status >= 500 && !isBusy) return `answered ${status}`;
  if (secrets.some((secret) => text.includes(secret))) return 'shows what only the victim may see';
  if (rights !== 'none' || isRefusal(status) || method === 'OPTIONS') return null;
  const signsIn = path.startsWith('/operator') && /\/operator\?to=|action="[^"]*\/sign-in"|again=1/.test(text + headers.location);
  return signsIn ? null : `let in with ${status}`;
}

/** The same for an answer to bytes that are no proper request. */
export function faultOfRaw(statuses: readonly number[]): string | null {
  const wrong = statuses.find((status) => !isRefusal(status));
  return wrong === undefined ? null : `answered ${wrong}`;
}
