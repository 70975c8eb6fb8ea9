import { readFileSync } from 'node:fs';
import path from 'node:path';
import { demoKeys, environment, readEnvironment } from '@gateway/shared/runtime';
import { z } from 'zod';
import { terminalError } from '../terminal-error.ts';

const schema = z.looseObject({
  GATEWAY_URL: environment.url('http', 'https').optional(),
  GATEWAY_API_KEY: z.string().optional(),
  DATA_DIR: z.string().default('.data'),
});

/** The gateway that a developer's tool talks to. */
export interface Gateway {
  url: string;
  key: string;
  /** Sends a request with the key. @throws CommandError when the gateway cannot be reached */
  request(route: string, init?: GatewayRequest): Promise<Response>;
  /** The same, for an answer in JSON. @throws CommandError with the `detail` of a problem */
  json<T>(route: string, init?: GatewayRequest): Promise<T>;
}

export interface GatewayRequest {
  method?: 'GET' | 'POST';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Reads `GATEWAY_URL` and `GATEWAY_API_KEY`. Without them: the local stack of `DATA_DIR`, with the demo key of its pos host. */
export function readGateway(env: NodeJS.ProcessEnv): Gateway {
  const { GATEWAY_URL, GATEWAY_API_KEY, DATA_DIR } = readEnvironment(schema, env);
  const url = (GATEWAY_URL ?? addressOfStack(DATA_DIR)).replace(/\/$/, '');
  if (GATEWAY_URL && !GATEWAY_API_KEY) throw terminalError('GATEWAY_API_KEY is missing: the key with which events are read');
  const key = GATEWAY_API_KEY ?? demoKeys.pos;
  const request: Gateway['request'] = async (route, { method = 'GET', body, headers = {}, signal } = {}) => {
    const hasBody = body !== undefined;
    try {
      return await fetch(`${url}${route}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(hasBody && { 'content-type': 'application/json' }), ...headers },
        ...(hasBody && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (cause) {
      throw terminalError(`no answer from ${url}`, { cause });
    }
  };
  return {
    url,
    key,
    request,
    json: async <T>(route: string, init?: GatewayRequest) => {
      const answer = await request(route, init);
      const body = (await answer.json()) as T & { code?: string; detail?: string };
      if (!answer.ok) throw terminalError(`${init?.method ?? 'GET'} ${route}: ${answer.status} ${body.code}: ${body.detail}`);
      return body;
    },
  };
}

function addressOfStack(dataDir: string): string {
  try {
    return (JSON.parse(readFileSync(path.join(dataDir, 'stack.json'), 'utf8')) as { api: string }).api;
  } catch (cause) {
    throw terminalError('no local stack is running here (npm start), and GATEWAY_URL is not set', { cause });
  }
}
