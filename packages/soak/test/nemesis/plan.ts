import { type Choices, choicesOf } from '../hostile/seeded.ts';
import type { Installation } from './installation.ts';

/** What faults are done to. Faults of one target come one after the other; targets fail at the same time as others. */
export const targets = ['processes', 'Redis', 'PostgreSQL', 'network', 'clocks', 'Midtrans', 'Xendit', 'webhooks'] as const;
export type Target = (typeof targets)[number];

/** Ends a fault that lasts. */
export type End = () => unknown;

/** One kind of fault. */
export interface FaultKind {
  target: Target;
  /** How often it is chosen, beside the others of its target. */
  share: number;
  /** How long it lasts, from and to, milliseconds. */
  lastsMs: readonly [number, number];
  /** Chooses its details. It must take every choice from `choices`, so that an equal seed makes an equal story. */
  draw(choices: Choices): Drawn;
}

interface Drawn {
  /** What happens, as the story tells it. */
  what: string;
  /** @returns what ends it; nothing when it is over at once */
  begin(installation: Installation): Promise<End | undefined> | End | undefined;
}

export interface PlannedFault extends Drawn {
  target: Target;
  /** From the start of the run, milliseconds. */
  atMs: number;
  forMs: number;
}

/** The time between two faults of a target, from and to, milliseconds. */
const betweenMs: Readonly<Record<Target, readonly [number, number]>> = {
  processes: [1_000, 8_000],
  Redis: [4_000, 15_000],
  PostgreSQL: [5_000, 20_000],
  network: [2_000, 10_000],
  clocks: [3_000, 15_000],
  Midtrans: [2_000, 12_000],
  Xendit: [2_000, 12_000],
  webhooks: [1_000, 8_000],
};

/** The faults of a run. The same seed, length and kinds make the same plan. */
export function planFaults(seed: number, lengthMs: number, kinds: readonly FaultKind[]): PlannedFault[] {
  const planned = targets.flatMap((target, n) =>
    planOfTarget(
      target,
      lengthMs,
      kinds.filter((kind) => kind.target === target),
      choicesOf(seed, n),
    ),
  );
  return planned.sort((a, b) => a.atMs - b.atMs);
}

function planOfTarget(target: Target, lengthMs: number, kinds: readonly FaultKind[], choices: Choices): PlannedFault[] {
  const drum = kinds.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
  const oneOf = ([from, to]: readonly [number, number]) => from + choices.below(to - from + 1);
  const planned: PlannedFault[] = [];
  for (let atMs = oneOf(betweenMs[target]); drum.length > 0; ) {
    const kind = choices.pick(drum);
    const forMs = oneOf(kind.lastsMs);
    const drawn = kind.draw(choices);
    if (atMs + forMs > lengthMs) return planned;
    planned.push({ ...drawn, target, atMs, forMs });
    atMs += forMs + oneOf(betweenMs[target]);
  }
  return planned;
}

/** One line of the story. */
export const lineOf = ({ target, what, atMs, forMs }: PlannedFault): string =>
  `${(atMs / 1_000).toFixed(1).padStart(6)} s  ${target.padEnd(10)}  ${what}${forMs > 0 ? ` for ${(forMs / 1_000).toFixed(1)} s` : ''}`;
