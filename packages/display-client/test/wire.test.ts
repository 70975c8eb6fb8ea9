import type { PaymentStatus as DomainStatus, PaymentEventType } from '@gateway/shared/payment';
import type { EventType, PaymentStatus } from '../src/index.ts';

type IsSame<Left, Right> = [Left, Right] extends [Right, Left] ? true : false;

// The display client imports nothing of ours, so it repeats these lists. The compiler compares them with the lifecycle's.
describe('the lists that the display client repeats', () => {
  it('are the event types and the payment statuses of the lifecycle', () => {
    const isSame: [IsSame<EventType, PaymentEventType>, IsSame<PaymentStatus, DomainStatus>] = [true, true];
    expect(isSame).toEqual([true, true]);
  });
});
