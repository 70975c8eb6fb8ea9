# Python 3.9 or newer: pip install standardwebhooks, then WEBHOOK_SECRET=whsec_… PORT=8000 python receive.py
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook

webhook = Webhook(os.environ["WEBHOOK_SECRET"])
seen = set()  # yours: a table with event_id as its key


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            event = webhook.verify(body, dict(self.headers))  # the raw body, before it is parsed
        except Exception:  # WebhookVerificationError, or the headers or the body cannot be read at all
            return self.answer(400)
        if event["event_id"] not in seen:
            seen.add(event["event_id"])
            print(event["type"], event.get("store_id"), event.get("seq"), flush=True)  # yours: store it, answer, then work
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Receiver).serve_forever()
