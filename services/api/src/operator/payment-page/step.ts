import type { State } from '../layout/components.ts';
import type { Evidence } from './evidence.ts';

/** The part of a payment's life to which a step belongs. Each part is drawn to a scale of its own: the first takes milliseconds, the second minutes. */
export type Phase = 'making' | 'display' | 'money' | 'after';

/** One thing that happened. */
export interface Step {
  phase: Phase;
  at: Date;
  /** When it ended, for what takes time; null: it has not ended. */
  until?: Date | null;
  /** A few words, for the drawing. */
  label: string;
  /** A sentence. */
  title: string;
  /** Why it happened so, where there is a reason. */
  reason?: string | null;
  state: State;
  /** What proves it. */
  evidence: readonly Evidence[];
}
