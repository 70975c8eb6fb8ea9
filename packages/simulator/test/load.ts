/**
 * Measures the simulator's throughput: it runs in its own process, and this one calls it over kept-alive connections in a closed loop.
 * `node packages/simulator/test/load.ts [seconds] [connections]`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';

const seconds = Number(process.argv[2] ?? 5);
const connections = Number(process.argv[3] ?? 32);
const serverKey = 'SB-Mid-server-LOAD';
const secretKey = 'xnd_development_LOAD';

const simulator = fork(new URL('../src/main.ts', import.meta.url), {
  env: { MIDTRANS_SERVER_KEY: serverKey, XENDIT_SECRET_KEY: secretKey, XENDIT_CALLBACK_TOKEN: 'token', SIMULATOR_PORT: '0' },
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
const [{ port }] = (await once(simulator, 'message')) as [{ port: number }];
const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
const midtrans = { authorization: basic(serverKey), accept: 'application/json', 'content-type': 'application/json' };
const xendit = { authorization: basic(secretKey), 'api-version': '2024-11-11', 'content-type': 'application/json' };

function send(method: string, path: string, headers: http.OutgoingHttpHeaders, body = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: '127.0.0.1',
      port,
      agent,
      method,
      path,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    request.on('response', (response) => response.resume().on('end', resolve));
    request.on('error', reject);
    request.end(body);
  });
}

async function measure(name: string, one: (n: number) => Promise<void>): Promise<void> {
  let count = 0;
  const latencies: number[] = [];
  const until = performance.now() + seconds * 1_000;
  const runClient = async (): Promise<void> => {
    while (performance.now() < until) {
      const started = performance.now();
      await one(count++);
      latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: connections }, runClient));
  latencies.sort((a, b) => a - b);
  const percentile = (share: number) => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(1);
  console.log(`${name}: ${Math.round(latencies.length / seconds)} a second, p50 ${percentile(0.5)} ms, p99 ${percentile(0.99)} ms`);
}

const charge = (n: number) =>
  `{"payment_type":"qris","transaction_details":{"order_id":"ORD-${n}","gross_amount":150000},"qris":{"acquirer":"gopay"}}`;
const request = (n: number) =>
  `{"reference_id":"REF-${n}","type":"PAY","country":"ID","currency":"IDR","request_amount":150000,"capture_method":"AUTOMATIC","channel_code":"QRIS","channel_properties":{}}`;
await measure('Midtrans create', (n) => send('POST', '/midtrans/v2/charge', midtrans, charge(n)));
await measure('Midtrans status', (n) => send('GET', `/midtrans/v2/ORD-${n % 1_000}/status`, midtrans));
await measure('Xendit create', (n) => send('POST', '/xendit/v3/payment_requests', xendit, request(n)));

simulator.kill('SIGTERM');
agent.destroy();
