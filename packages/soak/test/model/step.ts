import { type Charge, type Controls, type ProviderName, stateOf } from '@gateway/simulator';
import fc from 'fast-check';
import type { Letter } from './post.ts';
import { referencesIn, type Story, type World } from './world.ts';

export type Step = fc.AsyncCommand<World, World>;
export type FaultName = Parameters<Controls['addFault']>[1]['fault'];

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** Something that somebody does, if it can be done now. After it all must be well. */
export function step(name: string, canHappen: (story: Story) => boolean, happens: (world: World) => unknown): Step {
  return {
    check: ({ story }) => canHappen(story),
    run: async (_, world) => {
      await happens(world);
      await world.observe();
    },
    toString: () => name,
  };
}

export const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
export const some = fc.nat(7);
export const providers = fc.constantFrom<ProviderName>('midtrans', 'xendit');

const isOpen = ({ status }: { status: string }): boolean => status === 'created' || status === 'pending';
export const isSettled = ({ status }: { status: string }): boolean => status === 'paid' || status === 'partially_refunded';
export const openPayments = ({ records }: Story) => records.payments.filter(isOpen);

/** QRs that a guest has seen, and may have kept a picture of, for as long as anybody looks. */
export function seenQrs({ records, charges, now }: Story): Charge[] {
  const shown = records.payments
    .filter(({ watchUntil }) => watchUntil && new Date(watchUntil) > now())
    .map(({ reference, shownAttempt }) => `${reference}-${shownAttempt}`);
  return charges().filter((charge) => shown.includes(charge.reference) && isPayable(charge));
}

/** Charges whose QR nobody has displayed: they cannot be scanned, and who knows. */
export function unseenQrs(story: Story): Charge[] {
  const shown = story.records.payments.map(({ reference, shownAttempt }) => `${reference}-${shownAttempt}`);
  return story.charges().filter((charge) => !shown.includes(charge.reference) && isPayable(charge));
}

const isPayable = (charge: Charge): boolean => charge.qrString !== null && !stateOf(charge).payment;

export const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>, make: (value: T) => Step) => ({
  weight,
  arbitrary: arbitrary.map(make),
});

export function hasLetters({ letters }: Story): boolean {
  return letters.length > 0;
}

export function take({ letters }: Story, n: number): Letter {
  return letters.splice(n % letters.length, 1)[0] as Letter;
}

export function lettersAbout({ letters }: Story, { reference }: Charge): Letter[] {
  const about = letters.filter(({ body }) => referencesIn(body).includes(reference));
  for (const letter of about) letters.splice(letters.indexOf(letter), 1);
  return about;
}

export const livingCharges = ({ charges }: Story) => charges().filter((charge) => stateOf(charge).lifecycle === 'pending');
