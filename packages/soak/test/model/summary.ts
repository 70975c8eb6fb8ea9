import type { Scenario } from './model-run.ts';
import type { Records } from './records.ts';
import { stepKinds } from './steps.ts';

/** What happened in all scenarios of a run. `npm run soak:model` prints it. */
interface Summary {
  add(scenario: Scenario): void;
  /** A table of all kinds of steps, and a list of all results. */
  text(): string;
  /** Kinds of steps that were never taken. */
  missingKinds(): string[];
}

interface KindCount {
  scenarios: number;
  times: number;
  /** How many of them had an effect. Null: the effect of this kind shows in later steps. */
  effects: number | null;
}

export function createSummary(): Summary {
  const kinds = new Map<string, KindCount>();
  const results = new Map<string, number>();
  return {
    add: ({ taken, records }) => {
      for (const { kind, hadEffect } of taken) {
        const count = kinds.get(kind) ?? { scenarios: 0, times: 0, effects: hadEffect === null ? null : 0 };
        kinds.set(kind, { ...count, times: count.times + 1, effects: count.effects === null ? null : count.effects + Number(hadEffect) });
      }
      for (const kind of new Set(taken.map(({ kind }) => kind))) (kinds.get(kind) as KindCount).scenarios++;
      for (const what of resultsIn(records)) results.set(what, (results.get(what) ?? 0) + 1);
    },
    text: () => [...table(kinds), '', ...list(results)].join('\n'),
    missingKinds: () => stepKinds.filter((kind) => !kinds.has(kind)),
  };
}

function table(kinds: ReadonlyMap<string, KindCount>): string[] {
  const cells = (...[scenarios, times, effects]: unknown[]) =>
    [scenarios, times, effects].map((cell) => String(cell).padStart(10)).join('');
  const total = [...kinds.values()].reduce((sum, { times }) => sum + times, 0);
  return [
    `${cells('scenarios', 'times', 'effect')}  kind of step`,
    ...stepKinds.map((kind) => {
      const { scenarios, times, effects } = kinds.get(kind) ?? { scenarios: 0, times: 0, effects: 0 };
      return `${cells(scenarios, times, effects ?? '-')}  ${kind}`;
    }),
    `${cells('', total, '')}  all`,
  ];
}

const list = (results: ReadonlyMap<string, number>): string[] =>
  [...results].sort(([a], [b]) => a.localeCompare(b)).map(([what, times]) => `${String(times).padStart(10)}  ${what}`);

const resultsIn = ({ events, discrepancies, payments, attempts, refunds, inbox, hostWrites }: Records): string[] => [
  ...events.map(({ type }) => `event ${type}`),
  ...discrepancies.map(({ reason }) => `discrepancy ${reason}`),
  ...payments.map(({ status }) => `payment ${status}`),
  ...attempts.map(({ status, provider }) => `attempt ${provider} ${status}`),
  ...refunds.map(({ cause, status }) => `refund ${cause} ${status}`),
  ...inbox.map(({ verdict }) => `webhook ${verdict}`),
  ...hostWrites.map(({ step }) => `deferred host write ${step}`),
];
