import type { Migration } from '../migrate.ts';
import { payments } from './0001-payments.ts';
import { events } from './0002-events.ts';
import { control } from './0003-control.ts';
import { refunds } from './0004-refunds.ts';
import { parked } from './0005-parked.ts';
import { openPayments } from './0006-open-payments.ts';
import { askedRefunds } from './0007-asked-refunds.ts';
import { paymentPages } from './0008-payment-pages.ts';

/** In order. A migration that has been shipped is never edited. */
export const migrations: readonly Migration[] = [payments, events, control, refunds, parked, openPayments, askedRefunds, paymentPages];
