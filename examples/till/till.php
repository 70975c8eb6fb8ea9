<?php
// A small till without a framework. Run: php till.php DPS-01 A-12
$gateway = getenv('GATEWAY_URL') ?: 'http://127.0.0.1:3000';
$key = getenv('GATEWAY_API_KEY') ?: 'sk_test_till_demo';
$store = $argv[1] ?? 'DPS-01';
$orderId = $argv[2] ?? 'A-' . time();

/** Calls the gateway, and repeats while it is busy or cannot be reached. The Idempotency-Key makes the repetition safe. */
function call(string $method, string $path, ?array $body = null, string $idempotencyKey = ''): array
{
    global $gateway, $key;
    $headers = ["Authorization: Bearer $key", 'Content-Type: application/json'];
    if ($idempotencyKey !== '') $headers[] = "Idempotency-Key: $idempotencyKey";
    $options = ['method' => $method, 'header' => $headers, 'timeout' => 30, 'ignore_errors' => true];
    if ($body !== null) $options['content'] = json_encode($body);
    for ($tries = 1; ; $tries++) {
        $text = @file_get_contents($gateway . $path, false, stream_context_create(['http' => $options]));
        $status = $text === false ? 0 : (int) explode(' ', $http_response_header[0])[1];
        $answer = json_decode((string) $text, true) ?? [];
        if ($status >= 200 && $status < 300) return $answer;
        $mayRepeat = $status === 0 || $status === 429 || $status >= 500;
        if (!$mayRepeat || $tries === 5) exit('refused: ' . ($answer['detail'] ?? "no answer from $gateway") . "\n");
        sleep($tries);
    }
}

$order = [
    'number' => $orderId, 'table' => '7', 'type' => 'dine_in',
    'lines' => [
        ['sku' => 'MKN-001', 'name' => 'Nasi goreng', 'quantity' => 2, 'unit_price' => 25000, 'total' => 50000, 'note' => 'tidak pedas'],
    ],
    'charges' => [['kind' => 'tax', 'name' => 'PB1 10 %', 'amount' => 5000]],
    'total' => 55000,
    'metadata' => ['cashier' => 'Sari'],
];

$seq = call('GET', "/stores/$store/snapshot")['seq'];
$request = ['order_id' => $orderId, 'store_id' => $store, 'order' => $order];
$payment = call('POST', '/transaction/payments', $request, "$orderId-" . bin2hex(random_bytes(8)));
echo "payment {$payment['payment_id']}: Rp {$payment['amount']}\nshow this QR to the guest: {$payment['qr_image_url']}\n";

while (true) {
    $page = call('GET', "/stores/$store/events?after=$seq");
    $seq = $page['next_after'];
    foreach ($page['events'] as $event) {
        if ($event['payment_id'] !== $payment['payment_id']) continue;
        if ($event['type'] === 'payment.paid') echo "paid with {$event['data']['issuer']}, receipt {$event['data']['receipt']}\n";
        if (in_array($event['type'], ['payment.expired', 'payment.cancelled', 'payment.failed'])) exit("{$event['type']}: ask again\n");
        if ($event['type'] !== 'order.paid') continue;
        echo "KITCHEN  {$event['order_number']}  table {$event['table']}\n";
        foreach ($event['data']['items'] as $item) echo "{$item['quantity']} x {$item['name']}  {$item['note']}\n";
        exit(0);
    }
    sleep(1);
}
