// Tests that share one stack, because its start costs as much computing time as most of them.
import './one-stack/refunds.ts'; // first: it counts all payments
import './one-stack/one-payment.ts';
import './one-stack/your-till.ts';
import './one-stack/skewed-clock.ts'; // last: it sets the clock of the database wrong
import { stopStack } from './one-stack/stack.ts';

afterAll(stopStack);
