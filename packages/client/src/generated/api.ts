// Generated from the OpenAPI document by openapi-typescript: npm run openapi -- types

export interface paths {
    "/stores/{store_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events of a store, from one `seq` on
         * @description As a list, or with `Accept: text/event-stream` as a stream: `id` is the `seq`, `Last-Event-ID` resumes (and wins over `after`), a comment line comes every 15 s. Delivery is at least once: drop any `seq` you have seen.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stores/{store_id}/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The orders of a store, newest first, page by page */
        get: operations["listOrders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stores/{store_id}/orders/{order_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An order, what is due, and its payment to show */
        get: operations["getOrder"];
        /**
         * Make or replace an order
         * @description The same body again changes nothing. A QR for another amount is hidden before the answer. A void order becomes open again. A total above the limit of QRIS is stored, and its payment is refused. Only for keys of the host `till`; others get 403. As many requests a second as for every route, and a body of at most 128 KiB.
         */
        put: operations["putOrder"];
        post?: never;
        /**
         * Void an order
         * @description Its QR is hidden before the answer, and money that still arrives is refunded. Refused once money was taken: refund the payment instead. May be repeated.
         */
        delete: operations["voidOrder"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stores/{store_id}/orders/{order_id}/tenders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record money that was taken otherwise, such as cash
         * @description Reduces `due`, and hides the live QR before the answer, because it asks for more. What is left can be paid by QRIS with a new payment. An order with nothing due is `paid`.
         */
        post: operations["takeTender"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stores/{store_id}/snapshot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Snapshot of a store, for a screen that starts */
        get: operations["getSnapshot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stores/{store_id}/stream-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A token for a browser's EventSource
         * @description Valid for 60 seconds, for the events and the snapshot of this store. A stream that was opened with it continues afterwards.
         */
        post: operations["createStreamToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/transaction/orders/{order_id}/payment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The payment to show for an order
         * @description The payment with the live QR; without one, a payment that is reported and not confirmed yet; then a settled one; then the newest. A till that restarted finds its QR here.
         */
        get: operations["getPaymentOfOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/transaction/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Payments, newest first, page by page */
        get: operations["listPayments"];
        put?: never;
        /**
         * Make an order payable by QRIS
         * @description Waits for the QR, at most as long as you prefer. An order that already has a live QR for its amount due gets the same one. An order whose payment is reported but not confirmed yet gets that payment, with `needs_review` and without a QR: a second QR could be paid as well. An order that may not be paid is answered 409, and its live QR is hidden before. A key of the host `till` may send `order` and `store_id` along: order and payment are stored together, or nothing is. The body has at most 16 KiB, with an order 128 KiB.
         */
        post: operations["createPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/transaction/payments/{payment_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The current state of a payment */
        get: operations["getPayment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/transaction/payments/{payment_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hide the QR at once, and cancel it at the provider */
        post: operations["cancelPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/transaction/payments/{payment_id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask the provider now
         * @description A payment that the provider answered about within the last seconds (3, or 10 at a live Midtrans account) is answered from what is known. Otherwise the question waits for its turn among all calls to the provider account.
         */
        post: operations["checkPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/transaction/payments/{payment_id}/qr.png": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The QR as an image
         * @description By key, or by the signature in `qr_image_url`.
         */
        get: operations["getQrPng"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/transaction/payments/{payment_id}/qr.svg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The QR as an image
         * @description By key, or by the signature in `qr_image_url`.
         */
        get: operations["getQrSvg"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/transaction/payments/{payment_id}/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The refunds of a payment, oldest first
         * @description Includes the refunds that the gateway opened itself for duplicate and late payments.
         */
        get: operations["listRefunds"];
        put?: never;
        /**
         * Refund a payment, in full or in part
         * @description In full or in part, once or several times, up to the amount paid. Needs the scope `refunds`. It is `pending` until the provider confirms it; the result is published as `refund.succeeded` or `refund.failed`. A failed refund may be requested again.
         */
        post: operations["createRefund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/transaction/payments/{payment_id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Timeline of a payment: what happened, and what happens next
         * @description In Indonesian, or in English with `Accept-Language: en`.
         */
        get: operations["getTimeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/transaction/refunds/{refund_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The current state of a refund */
        get: operations["getRefund"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The webhook endpoints of this key, oldest first */
        get: operations["listWebhookEndpoints"];
        put?: never;
        /**
         * Have events sent to a URL
         * @description Events of the stores of this key are sent by [Standard Webhooks](https://www.standardwebhooks.com), from at most 2 s after the answer on. `secret` verifies their signatures and is shown once. The endpoint belongs to the key: it stops when the key is revoked.
         */
        post: operations["createWebhookEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-endpoints/{endpoint_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A webhook endpoint */
        get: operations["getWebhookEndpoint"];
        put?: never;
        post?: never;
        /** Remove a webhook endpoint */
        delete: operations["deleteWebhookEndpoint"];
        options?: never;
        head?: never;
        /**
         * Change a webhook endpoint
         * @description Fields that are left out stay. A store that is added starts with its next event. An endpoint that is enabled again continues where it stopped, as far as events are kept (72 h).
         */
        patch: operations["changeWebhookEndpoint"];
        trace?: never;
    };
    "/webhook-endpoints/{endpoint_id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The deliveries of a webhook endpoint, newest event first
         * @description Each event with its last attempt. Deliveries are kept for 7 days.
         */
        get: operations["listWebhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-endpoints/{endpoint_id}/recover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send events again
         * @description Sends every event since a time again, in the order of each store. For an endpoint that lost what it had accepted.
         */
        post: operations["recoverWebhookEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-endpoints/{endpoint_id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook endpoint a new secret
         * @description For 24 h each delivery is signed with both secrets, so that a receiver can change over without a gap.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhook-endpoints/{endpoint_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test event
         * @description Sends `webhook.test`, signed and retried as every other event. `GET …/deliveries` shows the result.
         */
        post: operations["testWebhookEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Provider webhook of the account `default` (called by providers)
         * @description A webhook that is repeated too much, or about too many charges that are not ours, is answered 429: the provider sends it again. The first report of a charge is never refused for that.
         */
        post: operations["receiveProviderWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{provider}/{account}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Provider webhook of a further account (called by providers)
         * @description Checked with the secrets of this account only: the present one, and after a rotation the one before for 24 hours. `npm run ops -- accounts show` prints the address to register.
         */
        post: operations["receiveAccountWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "order.paid": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The order is paid: start cooking */
        post: operations["onOrderPaid"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payment.cancelled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The payment was cancelled */
        post: operations["onPaymentCancelled"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payment.duplicate_paid": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Money arrived and nothing was due any more; a refund is opened */
        post: operations["onPaymentDuplicatePaid"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payment.expired": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The time to pay is over */
        post: operations["onPaymentExpired"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payment.failed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** No provider could make a QR */
        post: operations["onPaymentFailed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payment.paid": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Money arrived in time */
        post: operations["onPaymentPaid"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payment.paid_late": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Money arrived after expiry, cancellation or failure */
        post: operations["onPaymentPaidLate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payment.pending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A QR is on display */
        post: operations["onPaymentPending"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payment.review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Two records of money disagree: an operator must decide */
        post: operations["onPaymentReview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "refund.failed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A refund failed; the money may be refunded again */
        post: operations["onRefundFailed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "refund.pending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A refund was requested */
        post: operations["onRefundPending"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "refund.succeeded": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A refund is with the payer */
        post: operations["onRefundSucceeded"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "webhook.test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A test that the owner of the endpoint asked for */
        post: operations["onWebhookTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /**
         * @example {
         *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
         *       "expires_in": 900
         *     }
         */
        CreatePayment: {
            /**
             * @description Seconds until the QR expires
             * @default 900
             */
            expires_in: number;
            /** @description With a key of the host `till`: the order itself, which is stored as by PUT, in one transaction with the payment */
            order?: components["schemas"]["OrderBody"];
            /**
             * @description The order's id in your system
             * @example d275ff6b-08e9-6424-ca92-3934eb589840
             */
            order_id: string;
            /**
             * @description Together with `order`
             * @example DPS-01
             */
            store_id?: string;
        };
        CreateRefund: {
            /**
             * @description Whole rupiah: the amount paid, or a part of it
             * @example 5000
             */
            amount: number;
            /**
             * @description The reason, for bookkeeping. No personal data: it is sent to the provider
             * @example the soup was cold
             */
            reason: string;
        };
        Event: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            /** @constant */
            currency: "IDR";
            /** @description `order.paid`: `items` and `release`. Other types: fields of that type, such as `reason`. `payment.cancelled`: `reason` is one of `provider`, `provider_unreachable`, `providers_unavailable`, `expired_before_display`, `client`, `replaced`, `order_paid`, `order_closed_elsewhere`, `amount_changed`, `operator` */
            data: {
                [key: string]: unknown;
            };
            /**
             * @description The same however often the event is delivered
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example pos */
            host: string;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * Format: date-time
             * @description UTC
             */
            occurred_at: string;
            /** @example d275ff6b-08e9-6424-ca92-3934eb589840 */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description Starts at 1 for each store, and has no gaps
             * @example 118
             */
            seq: number;
            /**
             * @example pending
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /** @example pos-01jd0000000000000000000000-1 */
            transaction_id: string | null;
            /** @enum {string} */
            type: "payment.pending" | "payment.paid" | "payment.paid_late" | "payment.duplicate_paid" | "payment.expired" | "payment.cancelled" | "payment.failed" | "payment.review" | "refund.pending" | "refund.succeeded" | "refund.failed" | "order.paid";
        };
        Events: {
            events: components["schemas"]["Event"][];
            /**
             * @description The value of `after` for the next page
             * @example 118
             */
            next_after: number;
            /**
             * @description The `seq` of the oldest stored event
             * @example 1
             */
            oldest_seq: number;
        };
        NewWebhookEndpoint: {
            /** Format: date-time */
            created_at: string;
            /** @example kitchen display */
            description: string | null;
            disabled: boolean;
            disabled_at: string | null;
            /**
             * @description Why no events are sent
             * @example null
             */
            disabled_reason: string | null;
            /**
             * @description The types to send; `*`: all
             * @example [
             *       "payment.paid"
             *     ]
             */
            events: ("*" | "payment.pending" | "payment.paid" | "payment.paid_late" | "payment.duplicate_paid" | "payment.expired" | "payment.cancelled" | "payment.failed" | "payment.review" | "refund.pending" | "refund.succeeded" | "refund.failed" | "order.paid")[];
            /** @example we_01jd0000000000000000000000 */
            id: string;
            /**
             * @description Verifies the signatures. Shown once
             * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
             */
            secret: string;
            /**
             * @description Null: all stores of the key
             * @example [
             *       "JKT-01"
             *     ]
             */
            store_ids: string[] | null;
            /**
             * @description Must begin with `https://`, and lead to the public internet
             * @example https://pos.example.id/hooks/qris
             */
            url: string;
        };
        NewWebhookSecret: {
            /** @example we_01jd0000000000000000000000 */
            id: string;
            /**
             * @description Verifies the signatures. Shown once
             * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
             */
            secret: string;
        };
        Order: {
            /** @default [] */
            charges: {
                /** @description Whole rupiah; a `discount` is negative */
                amount: number;
                /** @enum {string} */
                kind: "discount" | "service_charge" | "tax" | "delivery" | "tip" | "rounding" | "other";
                /** @default null */
                name: string | null;
            }[];
            /**
             * @description Whole rupiah that are still to be paid
             * @example 50000
             */
            due: number;
            lines: {
                /** @example Nasi goreng */
                name: string;
                /**
                 * @description For the kitchen
                 * @default null
                 * @example tidak pedas
                 */
                note: string | null;
                /**
                 * @description At most three decimals
                 * @example 2
                 */
                quantity: number;
                /** @default null */
                sku: string | null;
                /**
                 * @description Whole rupiah, after a discount of this line
                 * @example 50000
                 */
                total: number;
                /**
                 * @description Whole rupiah
                 * @example 25000
                 */
                unit_price: number;
            }[];
            /**
             * @description At most 20 texts of 200 characters, shown in payments and events. No personal data
             * @default {}
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            };
            /** @default null */
            note: string | null;
            /**
             * @description What the guest and the kitchen see
             * @example A-12
             */
            number: string;
            /**
             * @description The id of the order in your system, unique within your tenant
             * @example 2026-03-02-A12
             */
            order_id: string;
            /** @description The payment to show for this order */
            payment: components["schemas"]["Payment"] | null;
            /** @enum {string} */
            status: "open" | "paid" | "void";
            /**
             * @description A store exists from its first use
             * @example DPS-01
             */
            store_id: string;
            /**
             * @default null
             * @example 7
             */
            table: string | null;
            /**
             * @description Whole rupiah: the sum of the lines and charges
             * @example 50000
             */
            total: number;
            /** @default null */
            type: ("dine_in" | "take_away" | "delivery") | null;
            /**
             * @description Grows with each change
             * @example 1
             */
            version: number;
        };
        /**
         * @example {
         *       "number": "A-12",
         *       "table": "7",
         *       "type": "dine_in",
         *       "note": null,
         *       "lines": [
         *         {
         *           "sku": "MKN-001",
         *           "name": "Nasi goreng",
         *           "quantity": 2,
         *           "unit_price": 25000,
         *           "total": 50000,
         *           "note": "tidak pedas"
         *         }
         *       ],
         *       "charges": [
         *         {
         *           "kind": "tax",
         *           "name": "PB1 10 %",
         *           "amount": 5000
         *         }
         *       ],
         *       "total": 55000,
         *       "metadata": {
         *         "cashier": "Sari"
         *       }
         *     }
         */
        OrderBody: {
            /** @default [] */
            charges: {
                /** @description Whole rupiah; a `discount` is negative */
                amount: number;
                /** @enum {string} */
                kind: "discount" | "service_charge" | "tax" | "delivery" | "tip" | "rounding" | "other";
                /** @default null */
                name: string | null;
            }[];
            lines: {
                /** @example Nasi goreng */
                name: string;
                /**
                 * @description For the kitchen
                 * @default null
                 * @example tidak pedas
                 */
                note: string | null;
                /**
                 * @description At most three decimals
                 * @example 2
                 */
                quantity: number;
                /** @default null */
                sku: string | null;
                /**
                 * @description Whole rupiah, after a discount of this line
                 * @example 50000
                 */
                total: number;
                /**
                 * @description Whole rupiah
                 * @example 25000
                 */
                unit_price: number;
            }[];
            /**
             * @description At most 20 texts of 200 characters, shown in payments and events. No personal data
             * @default {}
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            };
            /** @default null */
            note: string | null;
            /**
             * @description What the guest and the kitchen see
             * @example A-12
             */
            number: string;
            /**
             * @default null
             * @example 7
             */
            table: string | null;
            /**
             * @description Whole rupiah: the sum of the lines and charges
             * @example 50000
             */
            total: number;
            /** @default null */
            type: ("dine_in" | "take_away" | "delivery") | null;
        };
        OrderPaidEvent: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            /** @constant */
            currency: "IDR";
            data: {
                items: ({
                    /** @example Nasi goreng */
                    name: string;
                    /** @example 2 */
                    quantity: number;
                } & {
                    [key: string]: unknown;
                })[];
                /**
                 * @description 2 and more when an order was reopened and paid again
                 * @example 1
                 */
                release: number;
            } & {
                [key: string]: unknown;
            };
            /**
             * @description The same however often the event is delivered
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example pos */
            host: string;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * Format: date-time
             * @description UTC
             */
            occurred_at: string;
            /** @example d275ff6b-08e9-6424-ca92-3934eb589840 */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description Starts at 1 for each store, and has no gaps
             * @example 118
             */
            seq: number;
            /**
             * @example paid
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /** @example pos-01jd0000000000000000000000-1 */
            transaction_id: string | null;
            /** @constant */
            type: "order.paid";
        };
        Orders: {
            next_cursor: string | null;
            orders: components["schemas"]["Order"][];
        };
        Payment: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            cancel_requested_at: string | null;
            /**
             * Format: date-time
             * @description UTC
             */
            created_at: string;
            /** @constant */
            currency: "IDR";
            /**
             * Format: date-time
             * @description UTC
             */
            expires_at: string;
            /** @example pos */
            host: string;
            /** @description Whose app the payer paid with, such as `dana`, when the provider says it */
            issuer: string | null;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /** @description A report of payment is not confirmed yet, or a discrepancy is open: an operator must review the payment */
            needs_review: boolean;
            /**
             * @description The order's canonical key, however the caller spelled it
             * @example d275ff6b-08e9-6424-ca92-3934eb589840
             */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            paid_at: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description A signed link to an SVG; the same link with `qr.png` is a PNG. Null unless the QR may be scanned now
             * @example https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c
             */
            qr_image_url: string | null;
            /**
             * @description Null unless the QR may be scanned now
             * @example 00020101021226…
             */
            qr_string: string | null;
            /** @description The provider's retrieval reference of the money: the guest's app shows it */
            receipt: string | null;
            received_amount: number;
            refunded_amount: number;
            /**
             * @example pending
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /**
             * @description The reference of the attempt whose QR is or was on display, as a provider's statement shows it. Null before.
             * @example pos-01jd0000000000000000000000-1
             */
            transaction_id: string | null;
            /**
             * Format: date-time
             * @description UTC
             */
            updated_at: string;
        };
        PaymentCancelledEvent: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            /** @constant */
            currency: "IDR";
            data: {
                /**
                 * @description Why
                 * @enum {string}
                 */
                reason: "provider" | "provider_unreachable" | "providers_unavailable" | "expired_before_display" | "client" | "replaced" | "order_paid" | "order_closed_elsewhere" | "amount_changed" | "operator";
            } & {
                [key: string]: unknown;
            };
            /**
             * @description The same however often the event is delivered
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example pos */
            host: string;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * Format: date-time
             * @description UTC
             */
            occurred_at: string;
            /** @example d275ff6b-08e9-6424-ca92-3934eb589840 */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description Starts at 1 for each store, and has no gaps
             * @example 118
             */
            seq: number;
            /**
             * @example cancelled
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /** @example pos-01jd0000000000000000000000-1 */
            transaction_id: string | null;
            /** @constant */
            type: "payment.cancelled";
        };
        PaymentDuplicatePaidEvent: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            /** @constant */
            currency: "IDR";
            data: {
                /**
                 * @description The payer's app
                 * @example dana
                 */
                issuer: string | null;
                /**
                 * Format: date-time
                 * @description UTC
                 */
                paid_at: string;
                /**
                 * @description Whole rupiah
                 * @example 55000
                 */
                received_amount: number;
            } & {
                [key: string]: unknown;
            };
            /**
             * @description The same however often the event is delivered
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example pos */
            host: string;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * Format: date-time
             * @description UTC
             */
            occurred_at: string;
            /** @example d275ff6b-08e9-6424-ca92-3934eb589840 */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description Starts at 1 for each store, and has no gaps
             * @example 118
             */
            seq: number;
            /**
             * @example paid
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /** @example pos-01jd0000000000000000000000-1 */
            transaction_id: string | null;
            /** @constant */
            type: "payment.duplicate_paid";
        };
        PaymentExpiredEvent: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            /** @constant */
            currency: "IDR";
            data: {
                /**
                 * @description Why
                 * @enum {string}
                 */
                reason: "provider" | "provider_unreachable" | "providers_unavailable" | "expired_before_display";
            } & {
                [key: string]: unknown;
            };
            /**
             * @description The same however often the event is delivered
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example pos */
            host: string;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * Format: date-time
             * @description UTC
             */
            occurred_at: string;
            /** @example d275ff6b-08e9-6424-ca92-3934eb589840 */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description Starts at 1 for each store, and has no gaps
             * @example 118
             */
            seq: number;
            /**
             * @example expired
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /** @example pos-01jd0000000000000000000000-1 */
            transaction_id: string | null;
            /** @constant */
            type: "payment.expired";
        };
        PaymentFailedEvent: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            /** @constant */
            currency: "IDR";
            data: {
                /**
                 * @description Why
                 * @enum {string}
                 */
                reason: "provider" | "provider_unreachable" | "providers_unavailable" | "expired_before_display";
            } & {
                [key: string]: unknown;
            };
            /**
             * @description The same however often the event is delivered
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example pos */
            host: string;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * Format: date-time
             * @description UTC
             */
            occurred_at: string;
            /** @example d275ff6b-08e9-6424-ca92-3934eb589840 */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description Starts at 1 for each store, and has no gaps
             * @example 118
             */
            seq: number;
            /**
             * @example failed
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /** @example pos-01jd0000000000000000000000-1 */
            transaction_id: string | null;
            /** @constant */
            type: "payment.failed";
        };
        PaymentPaidEvent: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            /** @constant */
            currency: "IDR";
            data: {
                /**
                 * @description The payer's app
                 * @example dana
                 */
                issuer: string | null;
                /**
                 * Format: date-time
                 * @description UTC
                 */
                paid_at: string;
                /**
                 * @description Whole rupiah
                 * @example 55000
                 */
                received_amount: number;
            } & {
                [key: string]: unknown;
            };
            /**
             * @description The same however often the event is delivered
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example pos */
            host: string;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * Format: date-time
             * @description UTC
             */
            occurred_at: string;
            /** @example d275ff6b-08e9-6424-ca92-3934eb589840 */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description Starts at 1 for each store, and has no gaps
             * @example 118
             */
            seq: number;
            /**
             * @example paid
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /** @example pos-01jd0000000000000000000000-1 */
            transaction_id: string | null;
            /** @constant */
            type: "payment.paid";
        };
        PaymentPaidLateEvent: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            /** @constant */
            currency: "IDR";
            data: {
                /**
                 * @description The payer's app
                 * @example dana
                 */
                issuer: string | null;
                /**
                 * Format: date-time
                 * @description UTC
                 */
                paid_at: string;
                /**
                 * @description What happens to the money
                 * @enum {string}
                 */
                policy: "accept" | "refund" | "hold";
                /**
                 * @description Whole rupiah
                 * @example 55000
                 */
                received_amount: number;
            } & {
                [key: string]: unknown;
            };
            /**
             * @description The same however often the event is delivered
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example pos */
            host: string;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * Format: date-time
             * @description UTC
             */
            occurred_at: string;
            /** @example d275ff6b-08e9-6424-ca92-3934eb589840 */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description Starts at 1 for each store, and has no gaps
             * @example 118
             */
            seq: number;
            /**
             * @example paid
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /** @example pos-01jd0000000000000000000000-1 */
            transaction_id: string | null;
            /** @constant */
            type: "payment.paid_late";
        };
        PaymentPendingEvent: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            /** @constant */
            currency: "IDR";
            data: {
                /** Format: date-time */
                expires_at: string;
            } & {
                [key: string]: unknown;
            };
            /**
             * @description The same however often the event is delivered
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example pos */
            host: string;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * Format: date-time
             * @description UTC
             */
            occurred_at: string;
            /** @example d275ff6b-08e9-6424-ca92-3934eb589840 */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description Starts at 1 for each store, and has no gaps
             * @example 118
             */
            seq: number;
            /**
             * @example pending
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /** @example pos-01jd0000000000000000000000-1 */
            transaction_id: string | null;
            /** @constant */
            type: "payment.pending";
        };
        PaymentReviewEvent: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            /** @constant */
            currency: "IDR";
            data: {
                /**
                 * @description Why
                 * @enum {string}
                 */
                reason: "overpaid" | "underpaid" | "host_refused" | "paid_unconfirmed" | "paid_though_never_shown" | "provider_contradicts" | "unresolved_attempt";
            } & {
                [key: string]: unknown;
            };
            /**
             * @description The same however often the event is delivered
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example pos */
            host: string;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * Format: date-time
             * @description UTC
             */
            occurred_at: string;
            /** @example d275ff6b-08e9-6424-ca92-3934eb589840 */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description Starts at 1 for each store, and has no gaps
             * @example 118
             */
            seq: number;
            /**
             * @example paid
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /** @example pos-01jd0000000000000000000000-1 */
            transaction_id: string | null;
            /** @constant */
            type: "payment.review";
        };
        /** @description RFC 9457 */
        Problem: {
            charges_total?: number;
            /** @enum {string} */
            code: "validation_failed" | "idempotency_key_required" | "unauthenticated" | "forbidden" | "order_not_found" | "payment_not_found" | "refund_not_found" | "store_not_found" | "not_found" | "method_not_allowed" | "order_not_payable" | "payment_not_cancellable" | "already_paid" | "store_conflict" | "order_paid" | "qr_gone" | "events_gone" | "payload_too_large" | "unsupported_media_type" | "order_does_not_reconcile" | "amount_out_of_range" | "idempotency_key_reused" | "tender_exceeds_due" | "refund_exceeds_paid" | "refund_not_supported" | "url_not_allowed" | "rate_limited" | "internal" | "providers_unavailable" | "order_busy" | "host_unavailable" | "database_unavailable";
            /** @description What to do */
            detail: string;
            /** @description With tender_exceeds_due: what the order owes */
            due?: number;
            errors?: {
                message: string;
                path: string;
            }[];
            /** @description With order_does_not_reconcile, of an order by API */
            lines_total?: number;
            /** @description With order_not_payable: the host's own reason. With refund_not_supported: the rule that forbids it */
            reason?: string;
            /** @description With refund_exceeds_paid: the largest amount that can still be refunded at once */
            refundable_amount?: number;
            request_id: string;
            /** @description With refund_not_supported: when the same refund may be requested again; null: never */
            retry_at?: string | null;
            status: number;
            title: string;
            total?: number;
            /**
             * Format: uri
             * @description A page that explains the error code
             * @example https://pay.example.id/problems/order_busy
             */
            type: string;
        };
        Refund: {
            /**
             * @description Whole rupiah
             * @example 5000
             */
            amount: number;
            /** @description Present when the refund is so large, or the refunds of the payment together are, that a second person must approve it. It stays `pending` until then */
            approval?: {
                decided_at: string | null;
                /** @description `null`: it waits, and nothing has reached the provider */
                decision: ("approved" | "refused" | "withdrawn") | null;
            };
            /**
             * @description `client`: requested with a key. `duplicate`, `late`: opened by the gateway for a duplicate or late payment
             * @enum {string}
             */
            cause: "client" | "duplicate" | "late" | "operator";
            /**
             * Format: date-time
             * @description UTC
             */
            created_at: string;
            /** @constant */
            currency: "IDR";
            /** @description Why it failed; the money may be refunded again */
            failure: ("refund_window_over" | "issuer_not_refundable" | "partial_refund_not_supported" | "refund_not_possible_yet" | "refund_not_supported" | "refund_amount_exceeded" | "partial_refund_counts_exceeded" | "insufficient_balance" | "not_refundable" | "not_found" | "denied_by_bank" | "account_blocked" | "account_not_found" | "duplicate" | "refused" | "not_approved") | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /** @example the soup was cold */
            reason: string;
            /** @example ref_01jd0000000000000000000000 */
            refund_id: string;
            /**
             * @description `pending` until the provider confirms it: seconds for a wallet, days for a bank
             * @enum {string}
             */
            status: "pending" | "succeeded" | "failed";
            /**
             * @description The reference of the charge that the money came from
             * @example pos-01jd0000000000000000000000-1
             */
            transaction_id: string;
            /**
             * Format: date-time
             * @description UTC
             */
            updated_at: string;
        };
        RefundFailedEvent: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            /** @constant */
            currency: "IDR";
            data: {
                /**
                 * @description Whole rupiah
                 * @example 55000
                 */
                amount: number;
                /** @example ref_01jd0000000000000000000000 */
                refund_id: string;
            } & {
                [key: string]: unknown;
            };
            /**
             * @description The same however often the event is delivered
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example pos */
            host: string;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * Format: date-time
             * @description UTC
             */
            occurred_at: string;
            /** @example d275ff6b-08e9-6424-ca92-3934eb589840 */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description Starts at 1 for each store, and has no gaps
             * @example 118
             */
            seq: number;
            /**
             * @example paid
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /** @example pos-01jd0000000000000000000000-1 */
            transaction_id: string | null;
            /** @constant */
            type: "refund.failed";
        };
        RefundPendingEvent: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            /** @constant */
            currency: "IDR";
            data: {
                /**
                 * @description Whole rupiah
                 * @example 55000
                 */
                amount: number;
                /** @example ref_01jd0000000000000000000000 */
                refund_id: string;
            } & {
                [key: string]: unknown;
            };
            /**
             * @description The same however often the event is delivered
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example pos */
            host: string;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * Format: date-time
             * @description UTC
             */
            occurred_at: string;
            /** @example d275ff6b-08e9-6424-ca92-3934eb589840 */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description Starts at 1 for each store, and has no gaps
             * @example 118
             */
            seq: number;
            /**
             * @example paid
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /** @example pos-01jd0000000000000000000000-1 */
            transaction_id: string | null;
            /** @constant */
            type: "refund.pending";
        };
        RefundSucceededEvent: {
            /**
             * @description Whole rupiah
             * @example 55000
             */
            amount: number;
            /** @constant */
            currency: "IDR";
            data: {
                /**
                 * @description Whole rupiah
                 * @example 55000
                 */
                amount: number;
                /** @example ref_01jd0000000000000000000000 */
                refund_id: string;
            } & {
                [key: string]: unknown;
            };
            /**
             * @description The same however often the event is delivered
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example pos */
            host: string;
            /**
             * @description What the till gave with the order
             * @example {
             *       "cashier": "Sari"
             *     }
             */
            metadata: {
                [key: string]: string;
            } | null;
            /**
             * Format: date-time
             * @description UTC
             */
            occurred_at: string;
            /** @example d275ff6b-08e9-6424-ca92-3934eb589840 */
            order_id: string;
            /** @example A-0042 */
            order_number: string;
            /**
             * @description `dine_in`, `take_away`, `delivery`, or the host's own word
             * @example dine_in
             */
            order_type: string | null;
            /** @example pay_01jd0000000000000000000000 */
            payment_id: string;
            /**
             * @description Starts at 1 for each store, and has no gaps
             * @example 118
             */
            seq: number;
            /**
             * @example partially_refunded
             * @enum {string}
             */
            status: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
            /** @example JKT-01 */
            store_id: string;
            /**
             * @description The table, where the host gives it
             * @example 7
             */
            table: string | null;
            /** @example pos-01jd0000000000000000000000-1 */
            transaction_id: string | null;
            /** @constant */
            type: "refund.succeeded";
        };
        Snapshot: {
            /** @description The `order.paid` events of the last 12 hours, as published. The kitchen recognises by `event_id` which ones it has already. */
            orders: components["schemas"]["Event"][];
            /** @description Those that are `created` or `pending` */
            payments: components["schemas"]["Payment"][];
            /**
             * @description The snapshot includes every event up to this `seq`: continue with the events after it
             * @example 118
             */
            seq: number;
            /** @example JKT-01 */
            store_id: string;
        };
        StreamToken: {
            /**
             * Format: date-time
             * @description UTC
             */
            expires_at: string;
            /** @example est_JKT-01.1772420000.Zm9v */
            token: string;
        };
        Tender: {
            /**
             * @description Whole rupiah, at most what is due
             * @example 20000
             */
            amount: number;
            /**
             * @description How the money was taken
             * @example cash
             */
            method: string;
        };
        WebhookDeliveries: {
            deliveries: components["schemas"]["WebhookDelivery"][];
            next_cursor: string | null;
        };
        WebhookDelivery: {
            /** @example 2026-03-02T03:15:01.000Z */
            attempted_at: string | null;
            delivered_at: string | null;
            /** @example 12 */
            duration_ms: number | null;
            /**
             * @description Why the last attempt failed
             * @example answered 500
             */
            error: string | null;
            /**
             * @description The `webhook-id` of every attempt
             * @example evt_01jd0000000000000000000000
             */
            event_id: string;
            /** @example 2026-03-02T03:15:06.000Z */
            next_try_at: string | null;
            /** Format: date-time */
            occurred_at: string;
            /** @example 118 */
            seq: number | null;
            /**
             * @description `pending`: not attempted yet. `retrying`: the last attempt failed. `failed`: the endpoint was disabled at this event
             * @example retrying
             * @enum {string}
             */
            state: "pending" | "retrying" | "delivered" | "failed";
            /**
             * @description The last answer; null: there was none
             * @example 500
             */
            status_code: number | null;
            /** @example JKT-01 */
            store_id: string | null;
            /**
             * @description Attempts so far
             * @example 1
             */
            tries: number;
            /** @example payment.paid */
            type: string;
        };
        WebhookEndpoint: {
            /** Format: date-time */
            created_at: string;
            /** @example kitchen display */
            description: string | null;
            disabled: boolean;
            disabled_at: string | null;
            /**
             * @description Why no events are sent
             * @example null
             */
            disabled_reason: string | null;
            /**
             * @description The types to send; `*`: all
             * @example [
             *       "payment.paid"
             *     ]
             */
            events: ("*" | "payment.pending" | "payment.paid" | "payment.paid_late" | "payment.duplicate_paid" | "payment.expired" | "payment.cancelled" | "payment.failed" | "payment.review" | "refund.pending" | "refund.succeeded" | "refund.failed" | "order.paid")[];
            /** @example we_01jd0000000000000000000000 */
            id: string;
            /**
             * @description Null: all stores of the key
             * @example [
             *       "JKT-01"
             *     ]
             */
            store_ids: string[] | null;
            /**
             * @description Must begin with `https://`, and lead to the public internet
             * @example https://pos.example.id/hooks/qris
             */
            url: string;
        };
        WebhookEndpointChange: {
            /** @example kitchen display */
            description?: string | null;
            disabled?: boolean;
            /**
             * @description The types to send; `*`: all
             * @example [
             *       "payment.paid"
             *     ]
             */
            events?: ("*" | "payment.pending" | "payment.paid" | "payment.paid_late" | "payment.duplicate_paid" | "payment.expired" | "payment.cancelled" | "payment.failed" | "payment.review" | "refund.pending" | "refund.succeeded" | "refund.failed" | "order.paid")[];
            /**
             * @description Null: all stores of the key
             * @example [
             *       "JKT-01"
             *     ]
             */
            store_ids?: string[] | null;
            /**
             * @description Must begin with `https://`, and lead to the public internet
             * @example https://pos.example.id/hooks/qris
             */
            url?: string;
        };
        WebhookEndpoints: {
            webhook_endpoints: components["schemas"]["WebhookEndpoint"][];
        };
        WebhookRecovery: {
            /** Format: date-time */
            since: string;
        };
        WebhookTest: {
            /** @example evt_01jd0000000000000000000000 */
            event_id: string;
        };
        WebhookTestEvent: {
            data: {
                /** @example we_01jd0000000000000000000000 */
                webhook_endpoint: string;
            };
            /** @example evt_01jd0000000000000000000000 */
            event_id: string;
            /** Format: date-time */
            occurred_at: string;
            /** @constant */
            type: "webhook.test";
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listEvents: {
        parameters: {
            query?: {
                /** @description The last `seq` you have: the events after it are returned. Default: from the oldest stored event. */
                after?: string;
                /** @description JSON only: the largest number of events, 1 to 1000. Default 100 */
                limit?: string;
                /** @description A stream token, in place of a key */
                token?: string;
            };
            header?: {
                /** @description Stream only: the last `seq` you have */
                "Last-Event-ID"?: string;
            };
            path: {
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The following events, in order and without a gap */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "events": [
                     *         {
                     *           "seq": 118,
                     *           "event_id": "evt_01jd0000000000000000000000",
                     *           "type": "payment.pending",
                     *           "occurred_at": "2026-03-02T03:15:01.000Z",
                     *           "host": "pos",
                     *           "store_id": "JKT-01",
                     *           "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *           "order_number": "A-0042",
                     *           "table": "7",
                     *           "order_type": "dine_in",
                     *           "metadata": {
                     *             "cashier": "Sari"
                     *           },
                     *           "payment_id": "pay_01jd0000000000000000000000",
                     *           "transaction_id": "pos-01jd0000000000000000000000-1",
                     *           "status": "pending",
                     *           "amount": 55000,
                     *           "currency": "IDR",
                     *           "data": {}
                     *         }
                     *       ],
                     *       "next_after": 118,
                     *       "oldest_seq": 1
                     *     }
                     */
                    "application/json": components["schemas"]["Events"];
                    "text/event-stream": string;
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_not_found`: Store not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `events_gone`: Events no longer available */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listOrders: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the previous page, with the other parameters unchanged */
                cursor?: string;
                limit?: string;
                status?: "open" | "paid" | "void";
            };
            header?: never;
            path: {
                /** @description A store exists from its first use */
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "orders": [
                     *         {
                     *           "store_id": "DPS-01",
                     *           "order_id": "2026-03-02-A12",
                     *           "number": "A-12",
                     *           "table": "7",
                     *           "type": null,
                     *           "note": null,
                     *           "lines": [
                     *             {
                     *               "sku": null,
                     *               "name": "Nasi goreng",
                     *               "quantity": 2,
                     *               "unit_price": 25000,
                     *               "total": 50000,
                     *               "note": "tidak pedas"
                     *             }
                     *           ],
                     *           "charges": [],
                     *           "total": 50000,
                     *           "metadata": {
                     *             "cashier": "Sari"
                     *           },
                     *           "due": 50000,
                     *           "version": 1,
                     *           "status": "open",
                     *           "payment": {
                     *             "payment_id": "pay_01jd0000000000000000000000",
                     *             "transaction_id": "pos-01jd0000000000000000000000-1",
                     *             "host": "pos",
                     *             "store_id": "JKT-01",
                     *             "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *             "order_number": "A-0042",
                     *             "table": "7",
                     *             "order_type": "dine_in",
                     *             "metadata": {
                     *               "cashier": "Sari"
                     *             },
                     *             "status": "pending",
                     *             "amount": 55000,
                     *             "currency": "IDR",
                     *             "received_amount": 0,
                     *             "refunded_amount": 0,
                     *             "needs_review": false,
                     *             "qr_string": "00020101021226…",
                     *             "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *             "expires_at": "2026-03-02T03:15:01.000Z",
                     *             "cancel_requested_at": null,
                     *             "created_at": "2026-03-02T03:15:01.000Z",
                     *             "updated_at": "2026-03-02T03:15:01.000Z",
                     *             "paid_at": null,
                     *             "issuer": null,
                     *             "receipt": null
                     *           }
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["Orders"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_not_found`: Store not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the order in your system, unique within your tenant */
                order_id: string;
                /** @description A store exists from its first use */
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "store_id": "DPS-01",
                     *       "order_id": "2026-03-02-A12",
                     *       "number": "A-12",
                     *       "table": "7",
                     *       "type": null,
                     *       "note": null,
                     *       "lines": [
                     *         {
                     *           "sku": null,
                     *           "name": "Nasi goreng",
                     *           "quantity": 2,
                     *           "unit_price": 25000,
                     *           "total": 50000,
                     *           "note": "tidak pedas"
                     *         }
                     *       ],
                     *       "charges": [],
                     *       "total": 50000,
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "due": 50000,
                     *       "version": 1,
                     *       "status": "open",
                     *       "payment": {
                     *         "payment_id": "pay_01jd0000000000000000000000",
                     *         "transaction_id": "pos-01jd0000000000000000000000-1",
                     *         "host": "pos",
                     *         "store_id": "JKT-01",
                     *         "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *         "order_number": "A-0042",
                     *         "table": "7",
                     *         "order_type": "dine_in",
                     *         "metadata": {
                     *           "cashier": "Sari"
                     *         },
                     *         "status": "pending",
                     *         "amount": 55000,
                     *         "currency": "IDR",
                     *         "received_amount": 0,
                     *         "refunded_amount": 0,
                     *         "needs_review": false,
                     *         "qr_string": "00020101021226…",
                     *         "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *         "expires_at": "2026-03-02T03:15:01.000Z",
                     *         "cancel_requested_at": null,
                     *         "created_at": "2026-03-02T03:15:01.000Z",
                     *         "updated_at": "2026-03-02T03:15:01.000Z",
                     *         "paid_at": null,
                     *         "issuer": null,
                     *         "receipt": null
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_not_found`: Store not found; `order_not_found`: Order not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the order in your system, unique within your tenant */
                order_id: string;
                /** @description A store exists from its first use */
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "number": "A-12",
                 *       "table": "7",
                 *       "type": "dine_in",
                 *       "note": null,
                 *       "lines": [
                 *         {
                 *           "sku": "MKN-001",
                 *           "name": "Nasi goreng",
                 *           "quantity": 2,
                 *           "unit_price": 25000,
                 *           "total": 50000,
                 *           "note": "tidak pedas"
                 *         }
                 *       ],
                 *       "charges": [
                 *         {
                 *           "kind": "tax",
                 *           "name": "PB1 10 %",
                 *           "amount": 5000
                 *         }
                 *       ],
                 *       "total": 55000,
                 *       "metadata": {
                 *         "cashier": "Sari"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["OrderBody"];
            };
        };
        responses: {
            /** @description The order as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "store_id": "DPS-01",
                     *       "order_id": "2026-03-02-A12",
                     *       "number": "A-12",
                     *       "table": "7",
                     *       "type": null,
                     *       "note": null,
                     *       "lines": [
                     *         {
                     *           "sku": null,
                     *           "name": "Nasi goreng",
                     *           "quantity": 2,
                     *           "unit_price": 25000,
                     *           "total": 50000,
                     *           "note": "tidak pedas"
                     *         }
                     *       ],
                     *       "charges": [],
                     *       "total": 50000,
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "due": 50000,
                     *       "version": 1,
                     *       "status": "open",
                     *       "payment": {
                     *         "payment_id": "pay_01jd0000000000000000000000",
                     *         "transaction_id": "pos-01jd0000000000000000000000-1",
                     *         "host": "pos",
                     *         "store_id": "JKT-01",
                     *         "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *         "order_number": "A-0042",
                     *         "table": "7",
                     *         "order_type": "dine_in",
                     *         "metadata": {
                     *           "cashier": "Sari"
                     *         },
                     *         "status": "pending",
                     *         "amount": 55000,
                     *         "currency": "IDR",
                     *         "received_amount": 0,
                     *         "refunded_amount": 0,
                     *         "needs_review": false,
                     *         "qr_string": "00020101021226…",
                     *         "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *         "expires_at": "2026-03-02T03:15:01.000Z",
                     *         "cancel_requested_at": null,
                     *         "created_at": "2026-03-02T03:15:01.000Z",
                     *         "updated_at": "2026-03-02T03:15:01.000Z",
                     *         "paid_at": null,
                     *         "issuer": null,
                     *         "receipt": null
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description A new order */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "store_id": "DPS-01",
                     *       "order_id": "2026-03-02-A12",
                     *       "number": "A-12",
                     *       "table": "7",
                     *       "type": null,
                     *       "note": null,
                     *       "lines": [
                     *         {
                     *           "sku": null,
                     *           "name": "Nasi goreng",
                     *           "quantity": 2,
                     *           "unit_price": 25000,
                     *           "total": 50000,
                     *           "note": "tidak pedas"
                     *         }
                     *       ],
                     *       "charges": [],
                     *       "total": 50000,
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "due": 50000,
                     *       "version": 1,
                     *       "status": "open",
                     *       "payment": {
                     *         "payment_id": "pay_01jd0000000000000000000000",
                     *         "transaction_id": "pos-01jd0000000000000000000000-1",
                     *         "host": "pos",
                     *         "store_id": "JKT-01",
                     *         "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *         "order_number": "A-0042",
                     *         "table": "7",
                     *         "order_type": "dine_in",
                     *         "metadata": {
                     *           "cashier": "Sari"
                     *         },
                     *         "status": "pending",
                     *         "amount": 55000,
                     *         "currency": "IDR",
                     *         "received_amount": 0,
                     *         "refunded_amount": 0,
                     *         "needs_review": false,
                     *         "qr_string": "00020101021226…",
                     *         "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *         "expires_at": "2026-03-02T03:15:01.000Z",
                     *         "cancel_requested_at": null,
                     *         "created_at": "2026-03-02T03:15:01.000Z",
                     *         "updated_at": "2026-03-02T03:15:01.000Z",
                     *         "paid_at": null,
                     *         "issuer": null,
                     *         "receipt": null
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_not_found`: Store not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `order_paid`: Order already paid; `store_conflict`: Store or order id in use elsewhere */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: Body too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Body must be JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `order_does_not_reconcile`: Order parts do not add up to its total */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `order_busy`: Order is locked; `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    voidOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the order in your system, unique within your tenant */
                order_id: string;
                /** @description A store exists from its first use */
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order, which is void */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "store_id": "DPS-01",
                     *       "order_id": "2026-03-02-A12",
                     *       "number": "A-12",
                     *       "table": "7",
                     *       "type": null,
                     *       "note": null,
                     *       "lines": [
                     *         {
                     *           "sku": null,
                     *           "name": "Nasi goreng",
                     *           "quantity": 2,
                     *           "unit_price": 25000,
                     *           "total": 50000,
                     *           "note": "tidak pedas"
                     *         }
                     *       ],
                     *       "charges": [],
                     *       "total": 50000,
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "due": 50000,
                     *       "version": 1,
                     *       "status": "open",
                     *       "payment": {
                     *         "payment_id": "pay_01jd0000000000000000000000",
                     *         "transaction_id": "pos-01jd0000000000000000000000-1",
                     *         "host": "pos",
                     *         "store_id": "JKT-01",
                     *         "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *         "order_number": "A-0042",
                     *         "table": "7",
                     *         "order_type": "dine_in",
                     *         "metadata": {
                     *           "cashier": "Sari"
                     *         },
                     *         "status": "pending",
                     *         "amount": 55000,
                     *         "currency": "IDR",
                     *         "received_amount": 0,
                     *         "refunded_amount": 0,
                     *         "needs_review": false,
                     *         "qr_string": "00020101021226…",
                     *         "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *         "expires_at": "2026-03-02T03:15:01.000Z",
                     *         "cancel_requested_at": null,
                     *         "created_at": "2026-03-02T03:15:01.000Z",
                     *         "updated_at": "2026-03-02T03:15:01.000Z",
                     *         "paid_at": null,
                     *         "issuer": null,
                     *         "receipt": null
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_not_found`: Store not found; `order_not_found`: Order not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `order_paid`: Order already paid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `order_busy`: Order is locked; `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    takeTender: {
        parameters: {
            query?: never;
            header: {
                /** @description A new one for each tender */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The id of the order in your system, unique within your tenant */
                order_id: string;
                /** @description A store exists from its first use */
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "method": "cash",
                 *       "amount": 20000
                 *     }
                 */
                "application/json": components["schemas"]["Tender"];
            };
        };
        responses: {
            /** @description This Idempotency-Key was used before: the order as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "store_id": "DPS-01",
                     *       "order_id": "2026-03-02-A12",
                     *       "number": "A-12",
                     *       "table": "7",
                     *       "type": null,
                     *       "note": null,
                     *       "lines": [
                     *         {
                     *           "sku": null,
                     *           "name": "Nasi goreng",
                     *           "quantity": 2,
                     *           "unit_price": 25000,
                     *           "total": 50000,
                     *           "note": "tidak pedas"
                     *         }
                     *       ],
                     *       "charges": [],
                     *       "total": 50000,
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "due": 50000,
                     *       "version": 1,
                     *       "status": "open",
                     *       "payment": {
                     *         "payment_id": "pay_01jd0000000000000000000000",
                     *         "transaction_id": "pos-01jd0000000000000000000000-1",
                     *         "host": "pos",
                     *         "store_id": "JKT-01",
                     *         "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *         "order_number": "A-0042",
                     *         "table": "7",
                     *         "order_type": "dine_in",
                     *         "metadata": {
                     *           "cashier": "Sari"
                     *         },
                     *         "status": "pending",
                     *         "amount": 55000,
                     *         "currency": "IDR",
                     *         "received_amount": 0,
                     *         "refunded_amount": 0,
                     *         "needs_review": false,
                     *         "qr_string": "00020101021226…",
                     *         "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *         "expires_at": "2026-03-02T03:15:01.000Z",
                     *         "cancel_requested_at": null,
                     *         "created_at": "2026-03-02T03:15:01.000Z",
                     *         "updated_at": "2026-03-02T03:15:01.000Z",
                     *         "paid_at": null,
                     *         "issuer": null,
                     *         "receipt": null
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description The order with the tender */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "store_id": "DPS-01",
                     *       "order_id": "2026-03-02-A12",
                     *       "number": "A-12",
                     *       "table": "7",
                     *       "type": null,
                     *       "note": null,
                     *       "lines": [
                     *         {
                     *           "sku": null,
                     *           "name": "Nasi goreng",
                     *           "quantity": 2,
                     *           "unit_price": 25000,
                     *           "total": 50000,
                     *           "note": "tidak pedas"
                     *         }
                     *       ],
                     *       "charges": [],
                     *       "total": 50000,
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "due": 50000,
                     *       "version": 1,
                     *       "status": "open",
                     *       "payment": {
                     *         "payment_id": "pay_01jd0000000000000000000000",
                     *         "transaction_id": "pos-01jd0000000000000000000000-1",
                     *         "host": "pos",
                     *         "store_id": "JKT-01",
                     *         "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *         "order_number": "A-0042",
                     *         "table": "7",
                     *         "order_type": "dine_in",
                     *         "metadata": {
                     *           "cashier": "Sari"
                     *         },
                     *         "status": "pending",
                     *         "amount": 55000,
                     *         "currency": "IDR",
                     *         "received_amount": 0,
                     *         "refunded_amount": 0,
                     *         "needs_review": false,
                     *         "qr_string": "00020101021226…",
                     *         "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *         "expires_at": "2026-03-02T03:15:01.000Z",
                     *         "cancel_requested_at": null,
                     *         "created_at": "2026-03-02T03:15:01.000Z",
                     *         "updated_at": "2026-03-02T03:15:01.000Z",
                     *         "paid_at": null,
                     *         "issuer": null,
                     *         "receipt": null
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description `idempotency_key_required`: Idempotency-Key required; `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_not_found`: Store not found; `order_not_found`: Order not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `order_not_payable`: Order not payable */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: Body too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Body must be JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `idempotency_key_reused`: Idempotency-Key already used for another request; `tender_exceeds_due`: Tender exceeds the amount due */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `order_busy`: Order is locked; `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSnapshot: {
        parameters: {
            query?: {
                /** @description A stream token, in place of a key */
                token?: string;
            };
            header?: never;
            path: {
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Open payments, released orders, and the `seq` of the snapshot */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "store_id": "JKT-01",
                     *       "seq": 118,
                     *       "payments": [
                     *         {
                     *           "payment_id": "pay_01jd0000000000000000000000",
                     *           "transaction_id": "pos-01jd0000000000000000000000-1",
                     *           "host": "pos",
                     *           "store_id": "JKT-01",
                     *           "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *           "order_number": "A-0042",
                     *           "table": "7",
                     *           "order_type": "dine_in",
                     *           "metadata": {
                     *             "cashier": "Sari"
                     *           },
                     *           "status": "pending",
                     *           "amount": 55000,
                     *           "currency": "IDR",
                     *           "received_amount": 0,
                     *           "refunded_amount": 0,
                     *           "needs_review": false,
                     *           "qr_string": "00020101021226…",
                     *           "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *           "expires_at": "2026-03-02T03:15:01.000Z",
                     *           "cancel_requested_at": null,
                     *           "created_at": "2026-03-02T03:15:01.000Z",
                     *           "updated_at": "2026-03-02T03:15:01.000Z",
                     *           "paid_at": null,
                     *           "issuer": null,
                     *           "receipt": null
                     *         }
                     *       ],
                     *       "orders": [
                     *         {
                     *           "seq": 118,
                     *           "event_id": "evt_01jd0000000000000000000000",
                     *           "type": "payment.pending",
                     *           "occurred_at": "2026-03-02T03:15:01.000Z",
                     *           "host": "pos",
                     *           "store_id": "JKT-01",
                     *           "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *           "order_number": "A-0042",
                     *           "table": "7",
                     *           "order_type": "dine_in",
                     *           "metadata": {
                     *             "cashier": "Sari"
                     *           },
                     *           "payment_id": "pay_01jd0000000000000000000000",
                     *           "transaction_id": "pos-01jd0000000000000000000000-1",
                     *           "status": "pending",
                     *           "amount": 55000,
                     *           "currency": "IDR",
                     *           "data": {}
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Snapshot"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_not_found`: Store not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createStreamToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Send it as `?token=` */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "token": "est_JKT-01.1772420000.Zm9v",
                     *       "expires_at": "2026-03-02T03:15:01.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["StreamToken"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_not_found`: Store not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPaymentOfOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                order_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its current state */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "payment_id": "pay_01jd0000000000000000000000",
                     *       "transaction_id": "pos-01jd0000000000000000000000-1",
                     *       "host": "pos",
                     *       "store_id": "JKT-01",
                     *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *       "order_number": "A-0042",
                     *       "table": "7",
                     *       "order_type": "dine_in",
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "status": "pending",
                     *       "amount": 55000,
                     *       "currency": "IDR",
                     *       "received_amount": 0,
                     *       "refunded_amount": 0,
                     *       "needs_review": false,
                     *       "qr_string": "00020101021226…",
                     *       "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *       "expires_at": "2026-03-02T03:15:01.000Z",
                     *       "cancel_requested_at": null,
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "updated_at": "2026-03-02T03:15:01.000Z",
                     *       "paid_at": null,
                     *       "issuer": null,
                     *       "receipt": null
                     *     }
                     */
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payment_not_found`: Payment not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPayments: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the previous page, with the other parameters unchanged */
                cursor?: string;
                /** @description Created at this time or later */
                from?: string;
                limit?: string;
                /** @description `true`: only payments whose QR is on display or is being created */
                live?: "true" | "false";
                order_id?: string;
                status?: "created" | "pending" | "paid" | "expired" | "cancelled" | "failed" | "partially_refunded" | "refunded";
                store_id?: string;
                /** @description Created before this time */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "payments": [
                     *         {
                     *           "payment_id": "pay_01jd0000000000000000000000",
                     *           "transaction_id": "pos-01jd0000000000000000000000-1",
                     *           "host": "pos",
                     *           "store_id": "JKT-01",
                     *           "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *           "order_number": "A-0042",
                     *           "table": "7",
                     *           "order_type": "dine_in",
                     *           "metadata": {
                     *             "cashier": "Sari"
                     *           },
                     *           "status": "pending",
                     *           "amount": 55000,
                     *           "currency": "IDR",
                     *           "received_amount": 0,
                     *           "refunded_amount": 0,
                     *           "needs_review": false,
                     *           "qr_string": "00020101021226…",
                     *           "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *           "expires_at": "2026-03-02T03:15:01.000Z",
                     *           "cancel_requested_at": null,
                     *           "created_at": "2026-03-02T03:15:01.000Z",
                     *           "updated_at": "2026-03-02T03:15:01.000Z",
                     *           "paid_at": null,
                     *           "issuer": null,
                     *           "receipt": null
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": {
                        next_cursor: string | null;
                        payments: components["schemas"]["Payment"][];
                    };
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_not_found`: Store not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createPayment: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your name for this request, stored for 72 h: the same request with the same key returns the same object in its current state */
                "Idempotency-Key"?: string;
                /** @description `wait=10`: seconds to wait for an answer, 0 to 25; `respond-async` is 0 */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                 *       "expires_in": 900
                 *     }
                 */
                "application/json": components["schemas"]["CreatePayment"];
            };
        };
        responses: {
            /** @description This order already has a live QR, or a payment that is reported and not confirmed yet (`needs_review`), or this Idempotency-Key was used before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "payment_id": "pay_01jd0000000000000000000000",
                     *       "transaction_id": "pos-01jd0000000000000000000000-1",
                     *       "host": "pos",
                     *       "store_id": "JKT-01",
                     *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *       "order_number": "A-0042",
                     *       "table": "7",
                     *       "order_type": "dine_in",
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "status": "pending",
                     *       "amount": 55000,
                     *       "currency": "IDR",
                     *       "received_amount": 0,
                     *       "refunded_amount": 0,
                     *       "needs_review": false,
                     *       "qr_string": "00020101021226…",
                     *       "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *       "expires_at": "2026-03-02T03:15:01.000Z",
                     *       "cancel_requested_at": null,
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "updated_at": "2026-03-02T03:15:01.000Z",
                     *       "paid_at": null,
                     *       "issuer": null,
                     *       "receipt": null
                     *     }
                     */
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description A new payment, with its QR */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "payment_id": "pay_01jd0000000000000000000000",
                     *       "transaction_id": "pos-01jd0000000000000000000000-1",
                     *       "host": "pos",
                     *       "store_id": "JKT-01",
                     *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *       "order_number": "A-0042",
                     *       "table": "7",
                     *       "order_type": "dine_in",
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "status": "pending",
                     *       "amount": 55000,
                     *       "currency": "IDR",
                     *       "received_amount": 0,
                     *       "refunded_amount": 0,
                     *       "needs_review": false,
                     *       "qr_string": "00020101021226…",
                     *       "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *       "expires_at": "2026-03-02T03:15:01.000Z",
                     *       "cancel_requested_at": null,
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "updated_at": "2026-03-02T03:15:01.000Z",
                     *       "paid_at": null,
                     *       "issuer": null,
                     *       "receipt": null
                     *     }
                     */
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description The QR is still being created: ask again at `Location` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "payment_id": "pay_01jd0000000000000000000000",
                     *       "transaction_id": "pos-01jd0000000000000000000000-1",
                     *       "host": "pos",
                     *       "store_id": "JKT-01",
                     *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *       "order_number": "A-0042",
                     *       "table": "7",
                     *       "order_type": "dine_in",
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "status": "pending",
                     *       "amount": 55000,
                     *       "currency": "IDR",
                     *       "received_amount": 0,
                     *       "refunded_amount": 0,
                     *       "needs_review": false,
                     *       "qr_string": "00020101021226…",
                     *       "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *       "expires_at": "2026-03-02T03:15:01.000Z",
                     *       "cancel_requested_at": null,
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "updated_at": "2026-03-02T03:15:01.000Z",
                     *       "paid_at": null,
                     *       "issuer": null,
                     *       "receipt": null
                     *     }
                     */
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `order_not_found`: Order not found; `store_not_found`: Store not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `order_not_payable`: Order not payable; `order_paid`: Order already paid; `store_conflict`: Store or order id in use elsewhere */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: Body too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Body must be JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `order_does_not_reconcile`: Order parts do not add up to its total; `amount_out_of_range`: Amount not supported by QRIS; `idempotency_key_reused`: Idempotency-Key already used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `providers_unavailable`: No provider available; `order_busy`: Order is locked; `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPayment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description pay_… */
                payment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its current state */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "payment_id": "pay_01jd0000000000000000000000",
                     *       "transaction_id": "pos-01jd0000000000000000000000-1",
                     *       "host": "pos",
                     *       "store_id": "JKT-01",
                     *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *       "order_number": "A-0042",
                     *       "table": "7",
                     *       "order_type": "dine_in",
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "status": "pending",
                     *       "amount": 55000,
                     *       "currency": "IDR",
                     *       "received_amount": 0,
                     *       "refunded_amount": 0,
                     *       "needs_review": false,
                     *       "qr_string": "00020101021226…",
                     *       "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *       "expires_at": "2026-03-02T03:15:01.000Z",
                     *       "cancel_requested_at": null,
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "updated_at": "2026-03-02T03:15:01.000Z",
                     *       "paid_at": null,
                     *       "issuer": null,
                     *       "receipt": null
                     *     }
                     */
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payment_not_found`: Payment not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelPayment: {
        parameters: {
            query?: never;
            header?: {
                /** @description `wait=10`: seconds to wait for an answer, 0 to 25; `respond-async` is 0 */
                Prefer?: string;
            };
            path: {
                /** @description pay_… */
                payment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Cancelled */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "payment_id": "pay_01jd0000000000000000000000",
                     *       "transaction_id": "pos-01jd0000000000000000000000-1",
                     *       "host": "pos",
                     *       "store_id": "JKT-01",
                     *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *       "order_number": "A-0042",
                     *       "table": "7",
                     *       "order_type": "dine_in",
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "status": "pending",
                     *       "amount": 55000,
                     *       "currency": "IDR",
                     *       "received_amount": 0,
                     *       "refunded_amount": 0,
                     *       "needs_review": false,
                     *       "qr_string": "00020101021226…",
                     *       "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *       "expires_at": "2026-03-02T03:15:01.000Z",
                     *       "cancel_requested_at": null,
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "updated_at": "2026-03-02T03:15:01.000Z",
                     *       "paid_at": null,
                     *       "issuer": null,
                     *       "receipt": null
                     *     }
                     */
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Hidden; the provider has not confirmed the cancellation yet */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "payment_id": "pay_01jd0000000000000000000000",
                     *       "transaction_id": "pos-01jd0000000000000000000000-1",
                     *       "host": "pos",
                     *       "store_id": "JKT-01",
                     *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *       "order_number": "A-0042",
                     *       "table": "7",
                     *       "order_type": "dine_in",
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "status": "pending",
                     *       "amount": 55000,
                     *       "currency": "IDR",
                     *       "received_amount": 0,
                     *       "refunded_amount": 0,
                     *       "needs_review": false,
                     *       "qr_string": "00020101021226…",
                     *       "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *       "expires_at": "2026-03-02T03:15:01.000Z",
                     *       "cancel_requested_at": null,
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "updated_at": "2026-03-02T03:15:01.000Z",
                     *       "paid_at": null,
                     *       "issuer": null,
                     *       "receipt": null
                     *     }
                     */
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payment_not_found`: Payment not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payment_not_cancellable`: Payment cannot be cancelled; `already_paid`: Payment already paid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    checkPayment: {
        parameters: {
            query?: never;
            header?: {
                /** @description `wait=10`: seconds to wait for an answer, 0 to 25; `respond-async` is 0 */
                Prefer?: string;
            };
            path: {
                /** @description pay_… */
                payment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its state after the provider was asked, or as it was known some seconds ago */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "payment_id": "pay_01jd0000000000000000000000",
                     *       "transaction_id": "pos-01jd0000000000000000000000-1",
                     *       "host": "pos",
                     *       "store_id": "JKT-01",
                     *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *       "order_number": "A-0042",
                     *       "table": "7",
                     *       "order_type": "dine_in",
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "status": "pending",
                     *       "amount": 55000,
                     *       "currency": "IDR",
                     *       "received_amount": 0,
                     *       "refunded_amount": 0,
                     *       "needs_review": false,
                     *       "qr_string": "00020101021226…",
                     *       "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *       "expires_at": "2026-03-02T03:15:01.000Z",
                     *       "cancel_requested_at": null,
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "updated_at": "2026-03-02T03:15:01.000Z",
                     *       "paid_at": null,
                     *       "issuer": null,
                     *       "receipt": null
                     *     }
                     */
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description The provider did not answer in time */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "payment_id": "pay_01jd0000000000000000000000",
                     *       "transaction_id": "pos-01jd0000000000000000000000-1",
                     *       "host": "pos",
                     *       "store_id": "JKT-01",
                     *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                     *       "order_number": "A-0042",
                     *       "table": "7",
                     *       "order_type": "dine_in",
                     *       "metadata": {
                     *         "cashier": "Sari"
                     *       },
                     *       "status": "pending",
                     *       "amount": 55000,
                     *       "currency": "IDR",
                     *       "received_amount": 0,
                     *       "refunded_amount": 0,
                     *       "needs_review": false,
                     *       "qr_string": "00020101021226…",
                     *       "qr_image_url": "https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c",
                     *       "expires_at": "2026-03-02T03:15:01.000Z",
                     *       "cancel_requested_at": null,
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "updated_at": "2026-03-02T03:15:01.000Z",
                     *       "paid_at": null,
                     *       "issuer": null,
                     *       "receipt": null
                     *     }
                     */
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payment_not_found`: Payment not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getQrPng: {
        parameters: {
            query?: {
                sig?: string;
            };
            header?: never;
            path: {
                /** @description pay_… */
                payment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The QR */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/png": string;
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payment_not_found`: Payment not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `qr_gone`: QR no longer valid */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getQrSvg: {
        parameters: {
            query?: {
                sig?: string;
            };
            header?: never;
            path: {
                /** @description pay_… */
                payment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The QR */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/svg+xml": string;
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payment_not_found`: Payment not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `qr_gone`: QR no longer valid */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRefunds: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description pay_… */
                payment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "refunds": [
                     *         {
                     *           "refund_id": "ref_01jd0000000000000000000000",
                     *           "payment_id": "pay_01jd0000000000000000000000",
                     *           "transaction_id": "pos-01jd0000000000000000000000-1",
                     *           "amount": 5000,
                     *           "currency": "IDR",
                     *           "status": "pending",
                     *           "cause": "client",
                     *           "reason": "the soup was cold",
                     *           "failure": null,
                     *           "approval": {
                     *             "decision": null,
                     *             "decided_at": null
                     *           },
                     *           "created_at": "2026-03-02T03:15:01.000Z",
                     *           "updated_at": "2026-03-02T03:15:01.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        refunds: components["schemas"]["Refund"][];
                    };
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payment_not_found`: Payment not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createRefund: {
        parameters: {
            query?: never;
            header: {
                /** @description A new one for each refund */
                "Idempotency-Key": string;
            };
            path: {
                /** @description pay_… */
                payment_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "amount": 5000,
                 *       "reason": "the soup was cold"
                 *     }
                 */
                "application/json": components["schemas"]["CreateRefund"];
            };
        };
        responses: {
            /** @description This Idempotency-Key was used before, and the refund is final */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "refund_id": "ref_01jd0000000000000000000000",
                     *       "payment_id": "pay_01jd0000000000000000000000",
                     *       "transaction_id": "pos-01jd0000000000000000000000-1",
                     *       "amount": 5000,
                     *       "currency": "IDR",
                     *       "status": "pending",
                     *       "cause": "client",
                     *       "reason": "the soup was cold",
                     *       "failure": null,
                     *       "approval": {
                     *         "decision": null,
                     *         "decided_at": null
                     *       },
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "updated_at": "2026-03-02T03:15:01.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description Pending: follow it at `Location` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "refund_id": "ref_01jd0000000000000000000000",
                     *       "payment_id": "pay_01jd0000000000000000000000",
                     *       "transaction_id": "pos-01jd0000000000000000000000-1",
                     *       "amount": 5000,
                     *       "currency": "IDR",
                     *       "status": "pending",
                     *       "cause": "client",
                     *       "reason": "the soup was cold",
                     *       "failure": null,
                     *       "approval": {
                     *         "decision": null,
                     *         "decided_at": null
                     *       },
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "updated_at": "2026-03-02T03:15:01.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description `idempotency_key_required`: Idempotency-Key required; `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payment_not_found`: Payment not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: Body too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Body must be JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `idempotency_key_reused`: Idempotency-Key already used for another request; `refund_exceeds_paid`: Refund exceeds the amount paid; `refund_not_supported`: Refund not supported */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTimeline: {
        parameters: {
            query?: never;
            header?: {
                "Accept-Language"?: string;
            };
            path: {
                /** @description pay_… */
                payment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Timeline */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "timeline": [
                     *         {
                     *           "at": "2026-03-02T03:15:01.000Z",
                     *           "key": "displayed",
                     *           "text": "The QR is on display."
                     *         }
                     *       ],
                     *       "next": {
                     *         "at": null,
                     *         "key": "displayed",
                     *         "text": "The QR is on display."
                     *       }
                     *     }
                     */
                    "application/json": {
                        /** @description What happens next automatically; null when nothing will */
                        next: {
                            /** @description Null: when an operator decides */
                            at: string | null;
                            /**
                             * @description Stable name of the sentence, the same in every language
                             * @example displayed
                             */
                            key: string;
                            /**
                             * @description A sentence in the language of Accept-Language: `id` (default) or `en`
                             * @example The QR is on display.
                             */
                            text: string;
                        } | null;
                        /** @description What happened, oldest first */
                        timeline: {
                            /**
                             * Format: date-time
                             * @description UTC
                             */
                            at: string;
                            /**
                             * @description Stable name of the sentence, the same in every language
                             * @example displayed
                             */
                            key: string;
                            /**
                             * @description A sentence in the language of Accept-Language: `id` (default) or `en`
                             * @example The QR is on display.
                             */
                            text: string;
                        }[];
                    };
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payment_not_found`: Payment not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRefund: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                refund_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its current state */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "refund_id": "ref_01jd0000000000000000000000",
                     *       "payment_id": "pay_01jd0000000000000000000000",
                     *       "transaction_id": "pos-01jd0000000000000000000000-1",
                     *       "amount": 5000,
                     *       "currency": "IDR",
                     *       "status": "pending",
                     *       "cause": "client",
                     *       "reason": "the soup was cold",
                     *       "failure": null,
                     *       "approval": {
                     *         "decision": null,
                     *         "decided_at": null
                     *       },
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "updated_at": "2026-03-02T03:15:01.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `refund_not_found`: Refund not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhookEndpoints: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "webhook_endpoints": [
                     *         {
                     *           "id": "we_01jd0000000000000000000000",
                     *           "url": "https://pos.example.id/hooks/qris",
                     *           "events": [
                     *             "payment.paid"
                     *           ],
                     *           "store_ids": [
                     *             "JKT-01"
                     *           ],
                     *           "description": "kitchen display",
                     *           "created_at": "2026-03-02T03:15:01.000Z",
                     *           "disabled": false,
                     *           "disabled_at": null,
                     *           "disabled_reason": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookEndpoints"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://pos.example.id/hooks/qris",
                 *       "events": [
                 *         "payment.paid"
                 *       ],
                 *       "store_ids": [
                 *         "JKT-01"
                 *       ],
                 *       "description": "kitchen display"
                 *     }
                 */
                "application/json": {
                    /**
                     * @default null
                     * @example kitchen display
                     */
                    description?: string | null;
                    /**
                     * @description The types to send; `*`: all
                     * @example [
                     *       "payment.paid"
                     *     ]
                     */
                    events: ("*" | "payment.pending" | "payment.paid" | "payment.paid_late" | "payment.duplicate_paid" | "payment.expired" | "payment.cancelled" | "payment.failed" | "payment.review" | "refund.pending" | "refund.succeeded" | "refund.failed" | "order.paid")[];
                    /**
                     * @description Null: all stores of the key
                     * @default null
                     * @example [
                     *       "JKT-01"
                     *     ]
                     */
                    store_ids?: string[] | null;
                    /**
                     * @description Must begin with `https://`, and lead to the public internet
                     * @example https://pos.example.id/hooks/qris
                     */
                    url: string;
                };
            };
        };
        responses: {
            /** @description A new endpoint, with its secret */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "we_01jd0000000000000000000000",
                     *       "url": "https://pos.example.id/hooks/qris",
                     *       "events": [
                     *         "payment.paid"
                     *       ],
                     *       "store_ids": [
                     *         "JKT-01"
                     *       ],
                     *       "description": "kitchen display",
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "disabled": false,
                     *       "disabled_at": null,
                     *       "disabled_reason": null,
                     *       "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
                     *     }
                     */
                    "application/json": components["schemas"]["NewWebhookEndpoint"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_not_found`: Store not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: Body too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Body must be JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `url_not_allowed`: URL not allowed */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its present state */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "we_01jd0000000000000000000000",
                     *       "url": "https://pos.example.id/hooks/qris",
                     *       "events": [
                     *         "payment.paid"
                     *       ],
                     *       "store_ids": [
                     *         "JKT-01"
                     *       ],
                     *       "description": "kitchen display",
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "disabled": false,
                     *       "disabled_at": null,
                     *       "disabled_reason": null
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed: no further delivery starts */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://pos.example.id/hooks/qris",
                 *       "events": [
                 *         "payment.paid"
                 *       ],
                 *       "store_ids": [
                 *         "JKT-01"
                 *       ],
                 *       "description": "kitchen display",
                 *       "disabled": false
                 *     }
                 */
                "application/json": components["schemas"]["WebhookEndpointChange"];
            };
        };
        responses: {
            /** @description Its present state */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "we_01jd0000000000000000000000",
                     *       "url": "https://pos.example.id/hooks/qris",
                     *       "events": [
                     *         "payment.paid"
                     *       ],
                     *       "store_ids": [
                     *         "JKT-01"
                     *       ],
                     *       "description": "kitchen display",
                     *       "created_at": "2026-03-02T03:15:01.000Z",
                     *       "disabled": false,
                     *       "disabled_at": null,
                     *       "disabled_reason": null
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `store_not_found`: Store not found; `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: Body too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Body must be JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `url_not_allowed`: URL not allowed */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the previous page, with the other parameters unchanged */
                cursor?: string;
                limit?: string;
                state?: "pending" | "retrying" | "delivered" | "failed";
            };
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "deliveries": [
                     *         {
                     *           "event_id": "evt_01jd0000000000000000000000",
                     *           "type": "payment.paid",
                     *           "store_id": "JKT-01",
                     *           "seq": 118,
                     *           "occurred_at": "2026-03-02T03:15:01.000Z",
                     *           "state": "retrying",
                     *           "tries": 1,
                     *           "attempted_at": "2026-03-02T03:15:01.000Z",
                     *           "status_code": 500,
                     *           "error": "answered 500",
                     *           "duration_ms": 12,
                     *           "next_try_at": "2026-03-02T03:15:06.000Z",
                     *           "delivered_at": null
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookDeliveries"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    recoverWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "since": "2026-03-02T03:15:01.000Z"
                 *     }
                 */
                "application/json": {
                    /**
                     * Format: date-time
                     * @description Events from this time on are sent again; at most 72 hours back
                     */
                    since: string;
                };
            };
        };
        responses: {
            /** @description They are being sent */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "since": "2026-03-02T03:15:01.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookRecovery"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: Body too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Body must be JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new secret */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "we_01jd0000000000000000000000",
                     *       "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
                     *     }
                     */
                    "application/json": components["schemas"]["NewWebhookSecret"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is being sent */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "event_id": "evt_01jd0000000000000000000000"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookTest"];
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    receiveProviderWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description Stored */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "received": true
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        received: true;
                    };
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: Body too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Body must be JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    receiveAccountWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the account */
                account: string;
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description Stored */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "received": true
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        received: true;
                    };
                };
            };
            /** @description `validation_failed`: Invalid request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: Missing or invalid credentials */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: Body too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: Body must be JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host_unavailable`: Host unavailable; `database_unavailable`: Database unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    onOrderPaid: {
        parameters: {
            query?: never;
            header: {
                /** @description The `event_id`: the same at every attempt */
                "webhook-id": string;
                /** @description `v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space */
                "webhook-signature": string;
                /** @description Seconds since 1970 of this attempt */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 118,
                 *       "event_id": "evt_01jd0000000000000000000000",
                 *       "type": "order.paid",
                 *       "occurred_at": "2026-03-02T03:15:01.000Z",
                 *       "host": "pos",
                 *       "store_id": "JKT-01",
                 *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                 *       "order_number": "A-0042",
                 *       "table": "7",
                 *       "order_type": "dine_in",
                 *       "metadata": {
                 *         "cashier": "Sari"
                 *       },
                 *       "payment_id": "pay_01jd0000000000000000000000",
                 *       "transaction_id": "pos-01jd0000000000000000000000-1",
                 *       "status": "paid",
                 *       "amount": 55000,
                 *       "currency": "IDR",
                 *       "data": {
                 *         "items": [
                 *           {
                 *             "name": "Nasi goreng",
                 *             "quantity": 2
                 *           }
                 *         ],
                 *         "release": 1
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["OrderPaidEvent"];
            };
        };
        responses: {
            /** @description Any 2xx within 10 s: received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Gone: the endpoint is disabled */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onPaymentCancelled: {
        parameters: {
            query?: never;
            header: {
                /** @description The `event_id`: the same at every attempt */
                "webhook-id": string;
                /** @description `v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space */
                "webhook-signature": string;
                /** @description Seconds since 1970 of this attempt */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 118,
                 *       "event_id": "evt_01jd0000000000000000000000",
                 *       "type": "payment.cancelled",
                 *       "occurred_at": "2026-03-02T03:15:01.000Z",
                 *       "host": "pos",
                 *       "store_id": "JKT-01",
                 *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                 *       "order_number": "A-0042",
                 *       "table": "7",
                 *       "order_type": "dine_in",
                 *       "metadata": {
                 *         "cashier": "Sari"
                 *       },
                 *       "payment_id": "pay_01jd0000000000000000000000",
                 *       "transaction_id": "pos-01jd0000000000000000000000-1",
                 *       "status": "cancelled",
                 *       "amount": 55000,
                 *       "currency": "IDR",
                 *       "data": {
                 *         "reason": "provider"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PaymentCancelledEvent"];
            };
        };
        responses: {
            /** @description Any 2xx within 10 s: received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Gone: the endpoint is disabled */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onPaymentDuplicatePaid: {
        parameters: {
            query?: never;
            header: {
                /** @description The `event_id`: the same at every attempt */
                "webhook-id": string;
                /** @description `v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space */
                "webhook-signature": string;
                /** @description Seconds since 1970 of this attempt */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 118,
                 *       "event_id": "evt_01jd0000000000000000000000",
                 *       "type": "payment.duplicate_paid",
                 *       "occurred_at": "2026-03-02T03:15:01.000Z",
                 *       "host": "pos",
                 *       "store_id": "JKT-01",
                 *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                 *       "order_number": "A-0042",
                 *       "table": "7",
                 *       "order_type": "dine_in",
                 *       "metadata": {
                 *         "cashier": "Sari"
                 *       },
                 *       "payment_id": "pay_01jd0000000000000000000000",
                 *       "transaction_id": "pos-01jd0000000000000000000000-1",
                 *       "status": "paid",
                 *       "amount": 55000,
                 *       "currency": "IDR",
                 *       "data": {
                 *         "paid_at": "2026-03-02T03:15:01.000Z",
                 *         "issuer": "dana",
                 *         "received_amount": 55000
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PaymentDuplicatePaidEvent"];
            };
        };
        responses: {
            /** @description Any 2xx within 10 s: received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Gone: the endpoint is disabled */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onPaymentExpired: {
        parameters: {
            query?: never;
            header: {
                /** @description The `event_id`: the same at every attempt */
                "webhook-id": string;
                /** @description `v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space */
                "webhook-signature": string;
                /** @description Seconds since 1970 of this attempt */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 118,
                 *       "event_id": "evt_01jd0000000000000000000000",
                 *       "type": "payment.expired",
                 *       "occurred_at": "2026-03-02T03:15:01.000Z",
                 *       "host": "pos",
                 *       "store_id": "JKT-01",
                 *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                 *       "order_number": "A-0042",
                 *       "table": "7",
                 *       "order_type": "dine_in",
                 *       "metadata": {
                 *         "cashier": "Sari"
                 *       },
                 *       "payment_id": "pay_01jd0000000000000000000000",
                 *       "transaction_id": "pos-01jd0000000000000000000000-1",
                 *       "status": "expired",
                 *       "amount": 55000,
                 *       "currency": "IDR",
                 *       "data": {
                 *         "reason": "provider"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PaymentExpiredEvent"];
            };
        };
        responses: {
            /** @description Any 2xx within 10 s: received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Gone: the endpoint is disabled */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onPaymentFailed: {
        parameters: {
            query?: never;
            header: {
                /** @description The `event_id`: the same at every attempt */
                "webhook-id": string;
                /** @description `v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space */
                "webhook-signature": string;
                /** @description Seconds since 1970 of this attempt */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 118,
                 *       "event_id": "evt_01jd0000000000000000000000",
                 *       "type": "payment.failed",
                 *       "occurred_at": "2026-03-02T03:15:01.000Z",
                 *       "host": "pos",
                 *       "store_id": "JKT-01",
                 *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                 *       "order_number": "A-0042",
                 *       "table": "7",
                 *       "order_type": "dine_in",
                 *       "metadata": {
                 *         "cashier": "Sari"
                 *       },
                 *       "payment_id": "pay_01jd0000000000000000000000",
                 *       "transaction_id": "pos-01jd0000000000000000000000-1",
                 *       "status": "failed",
                 *       "amount": 55000,
                 *       "currency": "IDR",
                 *       "data": {
                 *         "reason": "provider"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PaymentFailedEvent"];
            };
        };
        responses: {
            /** @description Any 2xx within 10 s: received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Gone: the endpoint is disabled */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onPaymentPaid: {
        parameters: {
            query?: never;
            header: {
                /** @description The `event_id`: the same at every attempt */
                "webhook-id": string;
                /** @description `v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space */
                "webhook-signature": string;
                /** @description Seconds since 1970 of this attempt */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 118,
                 *       "event_id": "evt_01jd0000000000000000000000",
                 *       "type": "payment.paid",
                 *       "occurred_at": "2026-03-02T03:15:01.000Z",
                 *       "host": "pos",
                 *       "store_id": "JKT-01",
                 *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                 *       "order_number": "A-0042",
                 *       "table": "7",
                 *       "order_type": "dine_in",
                 *       "metadata": {
                 *         "cashier": "Sari"
                 *       },
                 *       "payment_id": "pay_01jd0000000000000000000000",
                 *       "transaction_id": "pos-01jd0000000000000000000000-1",
                 *       "status": "paid",
                 *       "amount": 55000,
                 *       "currency": "IDR",
                 *       "data": {
                 *         "paid_at": "2026-03-02T03:15:01.000Z",
                 *         "issuer": "dana",
                 *         "received_amount": 55000
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PaymentPaidEvent"];
            };
        };
        responses: {
            /** @description Any 2xx within 10 s: received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Gone: the endpoint is disabled */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onPaymentPaidLate: {
        parameters: {
            query?: never;
            header: {
                /** @description The `event_id`: the same at every attempt */
                "webhook-id": string;
                /** @description `v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space */
                "webhook-signature": string;
                /** @description Seconds since 1970 of this attempt */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 118,
                 *       "event_id": "evt_01jd0000000000000000000000",
                 *       "type": "payment.paid_late",
                 *       "occurred_at": "2026-03-02T03:15:01.000Z",
                 *       "host": "pos",
                 *       "store_id": "JKT-01",
                 *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                 *       "order_number": "A-0042",
                 *       "table": "7",
                 *       "order_type": "dine_in",
                 *       "metadata": {
                 *         "cashier": "Sari"
                 *       },
                 *       "payment_id": "pay_01jd0000000000000000000000",
                 *       "transaction_id": "pos-01jd0000000000000000000000-1",
                 *       "status": "paid",
                 *       "amount": 55000,
                 *       "currency": "IDR",
                 *       "data": {
                 *         "paid_at": "2026-03-02T03:15:01.000Z",
                 *         "issuer": "dana",
                 *         "received_amount": 55000,
                 *         "policy": "accept"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PaymentPaidLateEvent"];
            };
        };
        responses: {
            /** @description Any 2xx within 10 s: received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Gone: the endpoint is disabled */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onPaymentPending: {
        parameters: {
            query?: never;
            header: {
                /** @description The `event_id`: the same at every attempt */
                "webhook-id": string;
                /** @description `v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space */
                "webhook-signature": string;
                /** @description Seconds since 1970 of this attempt */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 118,
                 *       "event_id": "evt_01jd0000000000000000000000",
                 *       "type": "payment.pending",
                 *       "occurred_at": "2026-03-02T03:15:01.000Z",
                 *       "host": "pos",
                 *       "store_id": "JKT-01",
                 *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                 *       "order_number": "A-0042",
                 *       "table": "7",
                 *       "order_type": "dine_in",
                 *       "metadata": {
                 *         "cashier": "Sari"
                 *       },
                 *       "payment_id": "pay_01jd0000000000000000000000",
                 *       "transaction_id": "pos-01jd0000000000000000000000-1",
                 *       "status": "pending",
                 *       "amount": 55000,
                 *       "currency": "IDR",
                 *       "data": {
                 *         "expires_at": "2026-03-02T03:15:01.000Z"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PaymentPendingEvent"];
            };
        };
        responses: {
            /** @description Any 2xx within 10 s: received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Gone: the endpoint is disabled */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onPaymentReview: {
        parameters: {
            query?: never;
            header: {
                /** @description The `event_id`: the same at every attempt */
                "webhook-id": string;
                /** @description `v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space */
                "webhook-signature": string;
                /** @description Seconds since 1970 of this attempt */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 118,
                 *       "event_id": "evt_01jd0000000000000000000000",
                 *       "type": "payment.review",
                 *       "occurred_at": "2026-03-02T03:15:01.000Z",
                 *       "host": "pos",
                 *       "store_id": "JKT-01",
                 *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                 *       "order_number": "A-0042",
                 *       "table": "7",
                 *       "order_type": "dine_in",
                 *       "metadata": {
                 *         "cashier": "Sari"
                 *       },
                 *       "payment_id": "pay_01jd0000000000000000000000",
                 *       "transaction_id": "pos-01jd0000000000000000000000-1",
                 *       "status": "paid",
                 *       "amount": 55000,
                 *       "currency": "IDR",
                 *       "data": {
                 *         "reason": "overpaid"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PaymentReviewEvent"];
            };
        };
        responses: {
            /** @description Any 2xx within 10 s: received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Gone: the endpoint is disabled */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onRefundFailed: {
        parameters: {
            query?: never;
            header: {
                /** @description The `event_id`: the same at every attempt */
                "webhook-id": string;
                /** @description `v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space */
                "webhook-signature": string;
                /** @description Seconds since 1970 of this attempt */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 118,
                 *       "event_id": "evt_01jd0000000000000000000000",
                 *       "type": "refund.failed",
                 *       "occurred_at": "2026-03-02T03:15:01.000Z",
                 *       "host": "pos",
                 *       "store_id": "JKT-01",
                 *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                 *       "order_number": "A-0042",
                 *       "table": "7",
                 *       "order_type": "dine_in",
                 *       "metadata": {
                 *         "cashier": "Sari"
                 *       },
                 *       "payment_id": "pay_01jd0000000000000000000000",
                 *       "transaction_id": "pos-01jd0000000000000000000000-1",
                 *       "status": "paid",
                 *       "amount": 55000,
                 *       "currency": "IDR",
                 *       "data": {
                 *         "refund_id": "ref_01jd0000000000000000000000",
                 *         "amount": 55000
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["RefundFailedEvent"];
            };
        };
        responses: {
            /** @description Any 2xx within 10 s: received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Gone: the endpoint is disabled */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onRefundPending: {
        parameters: {
            query?: never;
            header: {
                /** @description The `event_id`: the same at every attempt */
                "webhook-id": string;
                /** @description `v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space */
                "webhook-signature": string;
                /** @description Seconds since 1970 of this attempt */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 118,
                 *       "event_id": "evt_01jd0000000000000000000000",
                 *       "type": "refund.pending",
                 *       "occurred_at": "2026-03-02T03:15:01.000Z",
                 *       "host": "pos",
                 *       "store_id": "JKT-01",
                 *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                 *       "order_number": "A-0042",
                 *       "table": "7",
                 *       "order_type": "dine_in",
                 *       "metadata": {
                 *         "cashier": "Sari"
                 *       },
                 *       "payment_id": "pay_01jd0000000000000000000000",
                 *       "transaction_id": "pos-01jd0000000000000000000000-1",
                 *       "status": "paid",
                 *       "amount": 55000,
                 *       "currency": "IDR",
                 *       "data": {
                 *         "refund_id": "ref_01jd0000000000000000000000",
                 *         "amount": 55000
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["RefundPendingEvent"];
            };
        };
        responses: {
            /** @description Any 2xx within 10 s: received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Gone: the endpoint is disabled */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onRefundSucceeded: {
        parameters: {
            query?: never;
            header: {
                /** @description The `event_id`: the same at every attempt */
                "webhook-id": string;
                /** @description `v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space */
                "webhook-signature": string;
                /** @description Seconds since 1970 of this attempt */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 118,
                 *       "event_id": "evt_01jd0000000000000000000000",
                 *       "type": "refund.succeeded",
                 *       "occurred_at": "2026-03-02T03:15:01.000Z",
                 *       "host": "pos",
                 *       "store_id": "JKT-01",
                 *       "order_id": "d275ff6b-08e9-6424-ca92-3934eb589840",
                 *       "order_number": "A-0042",
                 *       "table": "7",
                 *       "order_type": "dine_in",
                 *       "metadata": {
                 *         "cashier": "Sari"
                 *       },
                 *       "payment_id": "pay_01jd0000000000000000000000",
                 *       "transaction_id": "pos-01jd0000000000000000000000-1",
                 *       "status": "partially_refunded",
                 *       "amount": 55000,
                 *       "currency": "IDR",
                 *       "data": {
                 *         "refund_id": "ref_01jd0000000000000000000000",
                 *         "amount": 55000
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["RefundSucceededEvent"];
            };
        };
        responses: {
            /** @description Any 2xx within 10 s: received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Gone: the endpoint is disabled */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onWebhookTest: {
        parameters: {
            query?: never;
            header: {
                /** @description The `event_id`: the same at every attempt */
                "webhook-id": string;
                /** @description `v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space */
                "webhook-signature": string;
                /** @description Seconds since 1970 of this attempt */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "event_id": "evt_01jd0000000000000000000000",
                 *       "type": "webhook.test",
                 *       "occurred_at": "2026-03-02T03:15:01.000Z",
                 *       "data": {
                 *         "webhook_endpoint": "we_01jd0000000000000000000000"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["WebhookTestEvent"];
            };
        };
        responses: {
            /** @description Any 2xx within 10 s: received */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Gone: the endpoint is disabled */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
