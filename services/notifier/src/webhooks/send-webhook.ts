import { AddressRefused, type Clock, type NetworkRule, withTimeLimit } from '@gateway/shared/runtime';
import { Agent, type Dispatcher, request } from 'undici';
import { retryAfterMs } from './retry-delay.ts';

const deadlineMs = 10_000;
const maxBodyBytes = 64 * 1024; // the answer is not read; a small one is taken off the connection, so that the next delivery can use it

/** How an endpoint answered. */
export interface Answer {
  /** Null: it did not. */
  statusCode: number | null;
  /** Why the attempt failed, in words for the owner of the endpoint; null: it did not. */
  error: string | null;
  /** What a 429 or 503 asked for. */
  retryAfterMs: number | null;
}

export interface WebhookRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface WebhookSender {
  /** Sends one delivery and waits at most 10 s. Follows no redirect. Never throws. @param signal ends the attempt early */
  send(webhook: WebhookRequest, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * Connects only to addresses that the rule allows. The name is resolved by the rule for each new connection, and the socket gets the addresses
 * that were checked: a name server that answers differently the second time is not asked a second time.
 */
export function createWebhookSender(rule: NetworkRule, clock: Clock, { limitMs = deadlineMs }: { limitMs?: number } = {}): WebhookSender {
  const agents = { 'https:': agentFor('https:', rule), 'http:': agentFor('http:', rule) };
  return {
    send: async ({ url: text, headers, body }, signal) => {
      const url = new URL(text);
      const problem = rule.problemOf(url); // an address in the URL itself is connected to without a look-up
      if (problem) return failed(`the URL ${problem}`);
      const sendWithin = async (limit: AbortSignal): Promise<Answer> => {
        try {
          const dispatcher = agents[url.protocol as keyof typeof agents];
          const answer = await request(url, { method: 'POST', dispatcher, headers, body, signal: limit });
          await answer.body.dump({ limit: maxBodyBytes, signal: limit }).catch(() => {}); // the status has been received, and it decides
          return judge(answer, clock.now());
        } catch (error) {
          return failed(limit.aborted ? `no answer within ${limitMs / 1_000} s` : reasonOf(error as Error));
        }
      };
      return withTimeLimit(limitMs, sendWithin, signal);
    },
    close: async () => {
      await Promise.all(Object.values(agents).map((agent) => agent.destroy()));
    },
  };
}

function agentFor(protocol: string, rule: NetworkRule): Agent {
  const lookup: LookupFunction = (hostname, { all }, callback) => {
    rule.resolve(new URL(`${protocol}//${hostname}`)).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
        if (all) callback(null, found);
        else callback(null, found[0]?.address ?? '', found[0]?.family);
      },
      (error: Error) => callback(error, all ? [] : ''),
    );
  };
  return new Agent({
    allowH2: false,
    pipelining: 1,
    connect: { lookup, timeout: deadlineMs },
    keepAliveTimeout: 4_000, // shorter than the usual 5 s of servers, so that a delivery rarely meets a connection that is being closed
    headersTimeout: 0, // the signal limits the whole attempt
    bodyTimeout: 0,
    maxHeaderSize: 16 * 1024,
  });
}

type LookupFunction = (
  hostname: string,
  options: { all?: boolean | undefined },
  callback: (error: Error | null, address: string | { address: string; family: number }[], family?: number) => void,
) => void;

function judge({ statusCode, headers }: Dispatcher.ResponseData, now: Date): Answer {
  if (statusCode >= 200 && statusCode < 300) return { statusCode, error: null, retryAfterMs: null };
  const asksToWait = statusCode === 429 || statusCode === 503;
  const header = headers['retry-after'];
  return {
    statusCode,
    error: `answered ${statusCode}`,
    retryAfterMs: asksToWait ? retryAfterMs(Array.isArray(header) ? header[0] : header, now) : null,
  };
}

const failed = (error: string): Answer => ({ statusCode: null, error, retryAfterMs: null });

/** Names the failure without the bytes and addresses that an error of the network may contain. */
function reasonOf(error: Error & { code?: string; errors?: { code?: string }[] }): string {
  if (error instanceof AddressRefused) return `the URL ${error.message}`;
  const code = error.code ?? error.errors?.[0]?.code;
  return code ? `connection failed (${code})` : 'connection failed';
}
