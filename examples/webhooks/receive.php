<?php
// PHP 8: composer require standard-webhooks/standard-webhooks, then WEBHOOK_SECRET=whsec_… php -S 127.0.0.1:8000 receive.php
require getenv('COMPOSER_AUTOLOAD') ?: __DIR__ . '/vendor/autoload.php';

$body = file_get_contents('php://input'); // the raw body, before it is parsed
$headers = array_change_key_case(getallheaders());
try {
    $event = (new \StandardWebhooks\Webhook(getenv('WEBHOOK_SECRET')))->verify($body, $headers);
    error_log($event['type'] . ' ' . $event['event_id']); // yours: store it under event_id, answer, then work
    http_response_code(204);
} catch (\Throwable $error) { // WebhookVerificationException, or headers that cannot be read at all
    http_response_code(400);
}
