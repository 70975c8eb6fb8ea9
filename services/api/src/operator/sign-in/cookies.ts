import type { CookieOptions, Request, Response } from 'express';

/** A cookie of the console. Scripts cannot read it, and other sites' requests do not carry it. */
export interface Cookie {
  of(req: Request): string | null;
  set(res: Response, value: string, maxAgeMs: number): void;
  clear(res: Response): void;
}

/**
 * @param isSecure whether browsers send it over HTTPS only. A name that begins with `__Host-` cannot be set by a neighbouring subdomain, and
 *   browsers accept it with `Secure` only
 * @param sameSite `lax` for what must survive a redirect from another site
 */
export function createCookie(name: string, { isSecure, sameSite = 'strict' }: { isSecure: boolean; sameSite?: 'strict' | 'lax' }): Cookie {
  const fullName = isSecure ? `__Host-${name}` : name;
  const options: CookieOptions = { httpOnly: true, secure: isSecure, sameSite, path: '/' };
  return {
    of: (req) => valueIn(req.headers.cookie ?? '', fullName),
    set: (res, value, maxAge) => void res.cookie(fullName, value, { ...options, maxAge }),
    clear: (res) => void res.clearCookie(fullName, options),
  };
}

function valueIn(header: string, name: string): string | null {
  const found = header.split(';').find((pair) => pair.trim().startsWith(`${name}=`));
  return found ? found.trim().slice(name.length + 1) : null;
}
