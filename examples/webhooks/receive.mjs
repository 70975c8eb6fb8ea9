// Node 20 or newer: npm install standardwebhooks, then WEBHOOK_SECRET=whsec_… PORT=8000 node receive.mjs
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
const seen = new Set(); // yours: a table with event_id as its key

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    const event = webhook.verify(Buffer.concat(chunks).toString(), request.headers); // the raw body, before it is parsed
    if (!seen.has(event.event_id)) {
      seen.add(event.event_id);
      console.log(event.type, event.store_id, event.seq, event.order_number); // yours: store it, answer, then work
    }
    response.writeHead(204).end();
  } catch {
    response.writeHead(400).end();
  }
}).listen(Number(process.env.PORT ?? 8000), '127.0.0.1');
