import type { ConsoleFigures } from './console-figures.ts';
import type { FiguresResult } from './figures.ts';
import type { QueryCounts } from './one-till.ts';
import { median, type Times } from './percentiles.ts';
import type { BenchResult, Round } from './run-bench.ts';
import { type SystemName, systemNames } from './systems.ts';
import type { TwoWaysIn } from './two-ways-in.ts';
import type { WebhookFigures, WebhookRounds } from './webhook-figures.ts';

const stages = { create: 'create → QR', webhook: 'webhook → 200', published: 'webhook → Pub/Sub' } as const;
type Stage = keyof typeof stages;
const floors = ['equal', 'bare'] as const;

/** The product's throughput divided by a floor's: the median, the lowest and the highest of the rounds. */
export interface Ratio {
  median: number;
  lowest: number;
  highest: number;
}

export function ratioOf({ rounds }: BenchResult, stage: Stage, floor: SystemName): Ratio {
  const each = rounds.product.map((round, n) => round[stage].perSecond / (rounds[floor][n] as Round)[stage].perSecond);
  return { median: median(each), lowest: Math.min(...each), highest: Math.max(...each) };
}

/** What `npm run bench` prints. */
export function table(result: BenchResult): string {
  const lines = [
    row('', systemNames.map((name) => (name === 'product' ? name : `${name} floor`)).concat(floors.map((name) => `product / ${name}`))),
  ];
  for (const stage of Object.keys(stages) as Stage[]) {
    const ratios = floors.map((floor) => ratioText(ratioOf(result, stage, floor)));
    lines.push(row(stages[stage], [...systemNames.map((name) => timesText(result.rounds[name].map((round) => round[stage]))), ...ratios]));
  }
  lines.push('', 'CPU ms per payment, and peak RSS in MB:');
  for (const name of systemNames) lines.push(row(name, [costText(result, name)]));
  return lines.join('\n');
}

/** What bench/latest.json holds: the ratios, and every round. */
export function benchJson(result: BenchResult): object {
  const ratiosOf = (stage: Stage) => Object.fromEntries(floors.map((floor) => [floor, ratioOf(result, stage, floor)]));
  const ratios = { create: ratiosOf('create'), webhook: ratiosOf('webhook'), published: ratiosOf('published') };
  const rounds = Object.fromEntries(systemNames.map((name) => [name, result.rounds[name].map(withStableField)]));
  return { ratios: withStableField(ratios), ...result, rounds };
}

/** What bench/figures.json holds. */
export const figuresJson = (result: FiguresResult): object => ({ ...result, oneTill: withStableField(result.oneTill) });

/** The stage `published` has another name in the JSON files. It stays, because programs compare files of several versions. */
const publishedField = 'told';
const withStableField = ({ published, ...fields }: { published: unknown }): object => ({ ...fields, [publishedField]: published });

function timesText(times: Times[]): string {
  const of = (field: keyof Times) => median(times.map((each) => each[field]));
  return `${of('perSecond').toFixed(0)}/s  ${of('p50').toFixed(1)} / ${of('p99').toFixed(1)} ms`;
}

const ratioText = ({ median: middle, lowest, highest }: Ratio): string =>
  `${middle.toFixed(2)} (${lowest.toFixed(2)}–${highest.toFixed(2)})`;

function costText({ rounds, peakRssMb }: BenchResult, name: SystemName): string {
  const payments = rounds[name].reduce((sum, { create }) => sum + create.count, 0);
  const processes = Object.keys(rounds[name][0]?.cpuSeconds ?? {});
  return processes
    .map((process) => {
      const seconds = rounds[name].reduce((sum, { cpuSeconds }) => sum + (cpuSeconds[process] ?? Number.NaN), 0);
      const rss = peakRssMb[name][process];
      return `${process} ${((seconds * 1_000) / payments).toFixed(2)}${rss ? ` (${rss.toFixed(0)} MB)` : ''}`;
    })
    .join('   ');
}

const row = (head: string, cells: string[]): string => head.padEnd(19) + cells.map((cell) => cell.padEnd(28)).join('');

/** What `npm run bench -- figures` prints. */
export function figuresText({ oneTill, relay, counts }: FiguresResult): string {
  const times = ({ p50, p99 }: Times) => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  return [
    `one till        create → 201         ${times(oneTill.create)}`,
    `                webhook → Pub/Sub    ${times(oneTill.published)}`,
    `relay           commit → subscriber  ${times(relay.atOneASecond)} at 1 event/s`,
    `                                     ${times(relay.atTwoHundredASecond)} at 200 events/s`,
    `                a burst              ${relay.eventsPerSecond.toFixed(0)} events/s`,
    ...(['create', 'webhook'] as const).flatMap((what) => ['', `queries of one ${what}:`, ...queryCountLines(counts[what])]),
  ].join('\n');
}

/** What `npm run bench -- webhooks` prints. */
export function webhookText({ oneEndpoint, ...rounds }: WebhookFigures): string {
  const of = (kind: keyof WebhookRounds, what: 'create' | 'arrival', field: 'p50' | 'p99') =>
    median(rounds[kind].map((each) => each[what][field]));
  const times = (kind: keyof WebhookRounds, what: 'create' | 'arrival') =>
    `p50 ${of(kind, what, 'p50').toFixed(1)} ms, p99 ${of(kind, what, 'p99').toFixed(1)} ms`;
  const growth = (kind: keyof WebhookRounds, than: keyof WebhookRounds) => of(kind, 'create', 'p50') / of(than, 'create', 'p50');
  return [
    `one endpoint      commit → delivered    p50 ${oneEndpoint.p50.toFixed(1)} ms, p99 ${oneEndpoint.p99.toFixed(1)} ms`,
    `all endpoints     commit → delivered    ${times('with', 'arrival')}`,
    `without endpoints commit → subscriber   ${times('without', 'arrival')}`,
    `                  create → 201          ${times('without', 'create')}`,
    `plain sender      create → 201          ${times('plain', 'create')}`,
    `with endpoints    create → 201          ${times('with', 'create')}`,
    `one endpoint, p50 ${oneEndpoint.p50.toFixed(1)} ms: ${verdict(oneEndpoint.p50, 15)} (goal: at most 15 ms)`,
    `create, p50, with endpoints : without ${growth('with', 'without').toFixed(2)}: ${verdict(growth('with', 'without'), 1.1)} (goal: at most 1.10)`,
    `create, p50, plain sender : without ${growth('plain', 'without').toFixed(2)}, with endpoints : plain sender ${growth('with', 'plain').toFixed(2)}`,
  ].join('\n');
}

/** What readers of the console cost the till. */
export function consoleText(rounds: ConsoleFigures): string {
  const of = (kind: 'with' | 'without', what: 'create' | 'pages', field: 'p50' | 'p99' | 'perSecond') =>
    median(rounds[kind].map((each) => each[what][field]));
  const growth = of('with', 'create', 'p50') / of('without', 'create', 'p50') - 1;
  const times = (kind: 'with' | 'without', what: 'create' | 'pages') =>
    `p50 ${of(kind, what, 'p50').toFixed(1)} ms, p99 ${of(kind, what, 'p99').toFixed(1)} ms`;
  return [
    `without readers  create → 201   ${times('without', 'create')}`,
    `with readers     create → 201   ${times('with', 'create')}`,
    `                 page → 200     ${times('with', 'pages')}, ${of('with', 'pages', 'perSecond').toFixed(0)} a second; the others were refused`,
    `create, p50, with readers : without ${(1 + growth).toFixed(2)}: ${verdict(growth, 0.1)} (goal: at most 1.10)`,
  ].join('\n');
}

/** The times of both ways in, and their ratio. */
export function twoWaysInText({ bySql, byApi }: TwoWaysIn): string {
  const line = (name: string, { count, p50, p99 }: Times) =>
    `${name}  p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${count} payments)`;
  const ratio = byApi.p50 / bySql.p50;
  return [
    line('create → QR, order by SQL (pos) ', bySql),
    line('create → QR, order by API (till)', byApi),
    `by API : by SQL, p50  ${ratio.toFixed(2)}: ${verdict(ratio, 1.2)} (goal: at most 1.20)`,
  ].join('\n');
}

const verdict = (measured: number, atMost: number): string => (measured <= atMost ? 'reached' : 'NOT reached');

function queryCountLines({ postgres, redis }: QueryCounts): string[] {
  const named = (counts: Record<string, number>) =>
    Object.entries(counts)
      .filter(([, count]) => count >= 0.1)
      .map(([name, count]) => `${name}${count > 1.05 || count < 0.95 ? ` ×${count.toFixed(1)}` : ''}`);
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, count) => all + count, 0);
  const { lua = 0, ...commands } = redis;
  return [
    ...Object.entries(postgres).flatMap(([process, { statements, roundTrips, commits }]) => [
      `  ${process.padEnd(9)} ${sum(statements).toFixed(1)} statements, ${sum(roundTrips).toFixed(1)} round trips, ${sum(commits).toFixed(1)} commits`,
      `            ${named(statements).join(', ')}`,
    ]),
    `  Redis     ${sum(commands).toFixed(1)} commands, and ${lua.toFixed(1)} called by scripts`,
    `            ${named(commands).join(', ')}`,
  ];
}
