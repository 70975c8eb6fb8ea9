import type { consoleFigures } from '@gateway/shared/store';
import { type Html, html } from '../../http/html.ts';
import { count, duration } from '../layout/components.ts';
import type { View } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';

const minutesShown = 15;
const width = 240;
const height = 52;
const step = width / minutesShown;

type Minute = consoleFigures.MinuteOfAccount;

/** How long the calls that create a QR took, in each of the last 15 minutes: a bar from zero to p95, its lower part to p50. */
export function latencyChart(view: View, minutes: readonly Minute[]): Html {
  if (minutes.length === 0) return html`<p class="quiet">${view.texts.noCalls}</p>`;
  const most = Math.max(...minutes.map(({ p95Ms }) => p95Ms), 100);
  const firstMinute = Math.floor(view.now.getTime() / 60_000) - minutesShown + 1;
  const bar = ({ minute, p50Ms, p95Ms, calls, failed }: Minute): Html => {
    const at = minute.getTime() / 60_000 - firstMinute;
    if (at < 0 || at >= minutesShown) return html``;
    const [x, barWidth] = [fixed(at * step + 1), fixed(step - 2)];
    const [p95, p50] = [p95Ms, p50Ms].map((ms) => Math.max(1.5, (ms / most) * (height - 7))) as [number, number];
    const title = `${duration(view, p50Ms)} / ${duration(view, p95Ms)}, ${count(view, calls)}`;
    return html`<g><title>${title}</title><rect class="p95" x="${x}" y="${fixed(height - p95)}" width="${barWidth}" height="${fixed(p95)}" rx="1.5"/><rect class="p50" x="${x}" y="${fixed(height - p50)}" width="${barWidth}" height="${fixed(p50)}" rx="1.5"/>${failed > 0 ? html`<rect class="failed" x="${x}" y="0" width="${barWidth}" height="4" rx="1.5"/>` : ''}</g>`;
  };
  return html`<svg class="latency" viewBox="0 0 ${width} ${height}" role="img" aria-label="${summaryOf(view, minutes)}" preserveAspectRatio="none"><line x1="0" x2="${width}" y1="${height}" y2="${height}"/>${minutes.map(bar)}</svg>`;
}

/** The whole quarter of an hour in words. */
export function summaryOf(view: View, minutes: readonly Minute[]): string {
  if (minutes.length === 0) return view.texts.noCalls;
  const calls = minutes.reduce((sum, minute) => sum + minute.calls, 0);
  const weighted = (name: 'p50Ms' | 'p95Ms') => minutes.reduce((sum, minute) => sum + minute[name] * minute.calls, 0) / calls;
  const failed = minutes.reduce((sum, minute) => sum + minute.failed, 0);
  const values = { p50: duration(view, weighted('p50Ms')), p95: duration(view, weighted('p95Ms')), calls: count(view, calls) };
  const text = fillIn(view.texts.latencySummary, values);
  return failed > 0 ? `${text} · ${fillIn(view.texts.failedCalls, { count: count(view, failed) })}` : text;
}

const fixed = (value: number): string => value.toFixed(1);
