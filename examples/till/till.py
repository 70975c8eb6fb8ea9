# A small till, with the standard library only. Run: python3 till.py DPS-01 A-12
import json, os, sys, time, urllib.error, urllib.request, uuid

GATEWAY = os.environ.get("GATEWAY_URL", "http://127.0.0.1:3000")
KEY = os.environ.get("GATEWAY_API_KEY", "sk_test_till_demo")
store = sys.argv[1] if len(sys.argv) > 1 else "DPS-01"
order_id = sys.argv[2] if len(sys.argv) > 2 else f"A-{int(time.time())}"


def call(method, path, body=None, idempotency_key=None):
    """Calls the gateway, and repeats while it is busy or cannot be reached. The Idempotency-Key makes the repetition safe."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    if idempotency_key:
        headers["Idempotency-Key"] = idempotency_key
    data = None if body is None else json.dumps(body).encode()
    for tries in range(1, 6):
        try:
            request = urllib.request.Request(GATEWAY + path, data, headers, method=method)
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            problem = json.load(error).get("detail", error.reason)
            if error.code < 500 and error.code != 429 or tries == 5:
                sys.exit(f"refused: {problem}")
        except OSError as error:
            if tries == 5:
                sys.exit(f"no answer from {GATEWAY}: {error}")
        time.sleep(tries)


order = {
    "number": order_id, "table": "7", "type": "dine_in",
    "lines": [{"sku": "MKN-001", "name": "Nasi goreng", "quantity": 2, "unit_price": 25000, "total": 50000, "note": "tidak pedas"}],
    "charges": [{"kind": "tax", "name": "PB1 10 %", "amount": 5000}],
    "total": 55000,
    "metadata": {"cashier": "Sari"},
}

seq = call("GET", f"/stores/{store}/snapshot")["seq"]
request = {"order_id": order_id, "store_id": store, "order": order}
payment = call("POST", "/transaction/payments", request, f"{order_id}-{uuid.uuid4()}")
print(f"payment {payment['payment_id']}: Rp {payment['amount']}\nshow this QR to the guest: {payment['qr_image_url']}", flush=True)

while True:
    page = call("GET", f"/stores/{store}/events?after={seq}")
    seq = page["next_after"]
    for event in (each for each in page["events"] if each["payment_id"] == payment["payment_id"]):
        if event["type"] == "payment.paid":
            print(f"paid with {event['data']['issuer']}, receipt {event['data']['receipt']}")
        if event["type"] in ("payment.expired", "payment.cancelled", "payment.failed"):
            sys.exit(f"{event['type']}: ask again")
        if event["type"] == "order.paid":
            print(f"KITCHEN  {event['order_number']}  table {event['table']}")
            for item in event["data"]["items"]:
                print(f"{item['quantity']} x {item['name']}  {item['note'] or ''}")
            sys.exit()
    time.sleep(1)
