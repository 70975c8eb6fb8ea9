import { type Socket } from 'node:net';
/** A request as it stood on the wire. Header names are lower case. */
export interface ReceivedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  /** Which connection it came on, counted from 1. */
  connection: number;
}
/** What the server does once a request has arrived whole. */
export type Script = (socket: Socket, request: ReceivedRequest) => void;
export interface ScriptedServer {
  url: string;
  received: ReceivedRequest[];
  connections: number;
  /** Called for every request from now on. */
  script: Script;
  /** Called when a connection opens, before any byte. */
  onConnection: (socket: Socket) => void;
  /** Called for every piece of a request, before it is whole. */
  onChunk: (socket: Socket) => void;
  /** Ends every connection that waits for its next request. */
  closeIdle(): Promise<void>;
  close(): Promise<void>;
}
/** A server on a real socket that does exactly what a test tells it, well-formed or not. */
export declare function startScriptedServer(options?: { tls?: boolean }): Promise<ScriptedServer>;
export declare function reply(status: number, body: string | Buffer, headers?: Record<string, string>): Script;
export declare const json: (status: number, body: unknown, headers?: Record<string, string>) => Script;
/** The n-th request gets the n-th script; the last one stays. */
export declare function inSequence(...scripts: Script[]): Script;
//# sourceMappingURL=scripted-server.d.ts.map
