import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';
import { anOperatorBrowser } from './operator-browser.ts';

/** An OpenID Connect provider in this process: the certified implementation `oidc-provider`. */
export interface IdentityProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Follows the browser from the console to the provider and back, as the person who signs in there. @returns where it comes back */
  signIn(address: string, account: string): Promise<URL>;
  stop(): Promise<void>;
}

/** @param accounts the claims of each person, by the name with which they sign in */
export async function startIdentityProvider(redirectUri: string, accounts: Readonly<Record<string, object>>): Promise<IdentityProvider> {
  const [clientId, clientSecret] = ['qris-gateway', 'a secret of tests, which is long enough'];
  let handle: ReturnType<Provider['callback']> | null = null;
  let signsIn = '';
  const server = createServer(async (req, res) => {
    if (!req.url?.startsWith('/login/')) return handle?.(req, res);
    await provider.interactionFinished(req, res, { login: { accountId: signsIn } }, { mergeWithLastSubmission: false });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, settingsOf({ clientId, clientSecret, redirectUri }, accounts));
  provider.on('server_error', () => {}); // the browser sees it
  handle = provider.callback();
  return {
    issuer,
    clientId,
    clientSecret,
    signIn: async (address, account) => {
      signsIn = account;
      const browser = anOperatorBrowser(issuer);
      for (let next = new URL(address); ; ) {
        if (next.origin !== issuer) return next;
        const { headers, status, text } = await browser.get(next.pathname + next.search);
        const location = headers.get('location');
        if (!location) throw new Error(`the identity provider answered ${status}: ${text.slice(0, 300)}`);
        next = new URL(location, issuer);
      }
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

interface Client {
  clientId: string;
  clientSecret: string;
  redirectUri: string;
}

/** No page asks for consent, and the ID token has the claims of the person. */
const settingsOf = ({ clientId, clientSecret, redirectUri }: Client, accounts: Readonly<Record<string, object>>): Configuration => ({
  clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
  claims: { openid: ['sub', 'email', 'email_verified', 'role'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['a key of tests'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_context, { uid }) => `/login/${uid}` },
  findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...accounts[id] }) }),
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({ clientId: oidc.client?.clientId ?? '', accountId: oidc.session?.accountId ?? '' });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
});
