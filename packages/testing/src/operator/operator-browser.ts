/** What the console answered. */
export interface ConsoleAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** A browser without JavaScript: it keeps cookies, does not follow redirects, and sends forms with the token that their page has. */
export interface OperatorBrowser {
  readonly cookies: Map<string, string>;
  get(path: string, headers?: Record<string, string>): Promise<ConsoleAnswer>;
  /** Sends a form. The token is that of the page that was read last. */
  post(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<ConsoleAnswer>;
  put(path: string): Promise<ConsoleAnswer>;
  signIn(username: string, password: string, headers?: Record<string, string>): Promise<ConsoleAnswer>;
}

/** @param url of the api, without `/operator` */
export function anOperatorBrowser(url: string): OperatorBrowser {
  const cookies = new Map<string, string>();
  let csrf = '';

  async function request(path: string, { headers = {}, ...init }: RequestInit & { headers?: Record<string, string> }) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init, headers: { ...(cookie ? { cookie } : {}), ...headers } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value && !/Expires=Thu, 01 Jan 1970/.test(line)) cookies.set(name, value);
      else cookies.delete(name);
    }
    const text = await response.text();
    csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? csrf;
    return { status: response.status, headers: response.headers, text };
  }

  const send = (method: string, path: string, fields: Record<string, string>, headers: Record<string, string>) =>
    request(path, {
      method,
      body: new URLSearchParams({ csrf, ...fields }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
    });

  const browser: OperatorBrowser = {
    cookies,
    get: (path, headers = {}) => request(path, { headers }),
    post: (path, fields = {}, headers = {}) => send('POST', path, fields, headers),
    put: (path) => send('PUT', path, {}, {}),
    signIn: async (username, password, headers = {}) => {
      await browser.get('/operator/sign-in', headers);
      return browser.post('/operator/sign-in', { username, password }, headers);
    },
  };
  return browser;
}
