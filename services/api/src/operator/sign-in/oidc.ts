import { type OperatorRole, operatorRoles } from '@gateway/shared/runtime';
import * as openid from 'openid-client';

/** How persons of an organisation sign in. */
export interface OidcSettings {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** The claim of the ID token with the role, or with a list of roles. */
  roleClaim: string;
}

/** What a browser keeps while its person is at the provider. */
export interface OidcRequest {
  state: string;
  nonce: string;
  verifier: string;
  /** The page that the person wanted. */
  to: string;
}

/** A person whom the provider knows. */
export interface OidcPerson {
  name: string;
  /** Null: none of the roles of the claim is one of ours. */
  role: OperatorRole | null;
}

export interface Oidc {
  /** @returns where the browser goes, and what it must bring back */
  begin(to: string): Promise<{ address: URL; request: OidcRequest }>;
  /** @param answer the address with which the provider sent the browser back. @throws when the answer is not for this request, or is forged */
  finish(answer: URL, request: OidcRequest): Promise<OidcPerson>;
}

const timeoutSeconds = 5;
const longestName = 100;

/** @param redirectUri as it is registered at the provider */
export function createOidc({ issuer, clientId, clientSecret, roleClaim }: OidcSettings, redirectUri: string): Oidc {
  let discovered: Promise<openid.Configuration> | null = null;
  /** Reads the provider's addresses and keys once; again when that failed, so that the api starts without the provider. */
  const configuration = (): Promise<openid.Configuration> => {
    const isPlain = issuer.startsWith('http:'); // on this machine only: the environment is checked at the start
    discovered ??= openid
      .discovery(new URL(issuer), clientId, clientSecret, undefined, {
        timeout: timeoutSeconds,
        execute: [openid.enableNonRepudiationChecks, ...(isPlain ? [openid.allowInsecureRequests] : [])],
      })
      .catch((error) => {
        discovered = null;
        throw error;
      });
    return discovered;
  };
  return {
    begin: async (to) => {
      const request = { state: openid.randomState(), nonce: openid.randomNonce(), verifier: openid.randomPKCECodeVerifier(), to };
      const address = openid.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        state: request.state,
        nonce: request.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(request.verifier),
        code_challenge_method: 'S256',
      });
      return { address, request };
    },
    finish: async (answer, { state, nonce, verifier }) => {
      const tokens = await openid.authorizationCodeGrant(await configuration(), answer, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const idToken = tokens.claims() as Readonly<Record<string, unknown>>;
      return { name: nameIn(idToken), role: roleIn(idToken[roleClaim]) };
    },
  };
}

/** The address that the provider has verified; else its own name for the person, which never changes. A person may change other names. */
function nameIn({ email, email_verified: isVerified, sub }: Readonly<Record<string, unknown>>): string {
  const name = typeof email === 'string' && isVerified === true ? email.toLowerCase() : String(sub);
  return name.slice(0, longestName);
}

/** The highest of our roles in the claim. */
function roleIn(claim: unknown): OperatorRole | null {
  const values: unknown[] = Array.isArray(claim) ? claim : [claim];
  return operatorRoles.findLast((role) => values.includes(role)) ?? null;
}
