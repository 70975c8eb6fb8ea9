import { type Html, html } from '../../http/html.ts';
import { clockOf, duration } from '../layout/components.ts';
import { zoneName } from '../layout/time-zones.ts';
import type { View } from '../layout/view.ts';
import type { Phase, Step } from './step.ts';

const phases = ['making', 'display', 'money', 'after'] as const satisfies readonly Phase[];

const width = 1_000;
const labelWidth = 210;
const rightMargin = 90; // for the duration behind the last bar
const rowHeight = 28;
const axisHeight = 30;
const plotWidth = width - labelWidth - rightMargin;
const leastSpanMs = 20;

/** The steps of each part of the payment's life, drawn to a scale: what took longer is longer. The list below it has the same in words. */
export const drawingOf = (view: View, steps: readonly Step[]): Html[] =>
  phases.flatMap((phase) => {
    const own = steps.filter((step) => step.phase === phase);
    return own.length === 0 ? [] : [phaseDrawing(view, phase, own)];
  });

function phaseDrawing(view: View, phase: Phase, steps: readonly Step[]): Html {
  const { texts } = view;
  const from = Math.min(...steps.map(({ at }) => at.getTime()));
  const endOf = ({ at, until }: Step) => (until === null ? view.now : (until ?? at)).getTime();
  const span = Math.max(leastSpanMs, ...steps.map((step) => endOf(step) - from));
  const x = (ms: number) => labelWidth + ((ms - from) / span) * plotWidth;
  const height = axisHeight + steps.length * rowHeight + 6;
  const title = texts[`phase_${phase}`];
  return html`<figure class="phase"><figcaption><b>${title}</b> <span class="quiet">${duration(view, span)}</span></figcaption>
<div class="scroll" role="region" aria-label="${title}" tabindex="0"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}: ${duration(view, span)}">
${axis(view, span, height)}${steps.map((step, row) => rowOf(view, step, { row, from: x(step.at.getTime()), to: x(endOf(step)), ms: endOf(step) - step.at.getTime() }))}</svg></div></figure>`;
}

function axis(view: View, span: number, height: number): Html[] {
  const every = tickMs(span);
  const ticks = Array.from({ length: Math.floor(span / every) + 1 }, (_, n) => n * every);
  return ticks.map((ms) => {
    const x = fixed(labelWidth + (ms / span) * plotWidth);
    return html`<line class="tick" x1="${x}" x2="${x}" y1="${axisHeight - 6}" y2="${height}"/><text class="tick-text" x="${x}" y="16" text-anchor="middle">${ms === 0 ? '0' : `+${duration(view, ms)}`}</text>`;
  });
}

interface Place {
  row: number;
  from: number;
  to: number;
  ms: number;
}

function rowOf(view: View, { label, state, at, until }: Step, { row, from, to, ms }: Place): Html {
  const top = axisHeight + row * rowHeight;
  const middle = top + rowHeight / 2;
  const isPoint = until === undefined || ms === 0;
  const text = html`<text class="row-label" x="0" y="${fixed(middle + 5)}">${shortened(label)}</text>`;
  const mark = isPoint
    ? html`<circle cx="${fixed(from)}" cy="${fixed(middle)}" r="6"/>`
    : html`<rect x="${fixed(from)}" y="${fixed(top + 6)}" width="${fixed(Math.max(4, to - from))}" height="${rowHeight - 12}" rx="4"/>`;
  const wordX = isPoint ? from + 12 : Math.max(from + 4, to) + 8;
  const word = isPoint ? '' : until === null ? `${duration(view, ms)} …` : duration(view, ms);
  return html`<g class="step" data-state="${state}"><title>${label} · ${clockOf(at, view.timeZone)} ${zoneName(view.timeZone, at)}</title><line class="row-line" x1="0" x2="${width}" y1="${top + rowHeight}" y2="${top + rowHeight}"/>${text}${mark}<text class="row-word" x="${fixed(wordX)}" y="${fixed(middle + 5)}">${word}</text></g>\n`;
}

const longestLabel = 29;

const shortened = (text: string): string => (text.length > longestLabel ? `${text.slice(0, longestLabel - 1)}…` : text);

const tickSteps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000,
];

/** A round step, so that a drawing has four to nine of them. */
function tickMs(span: number): number {
  const found = tickSteps.find((step) => span / step <= 9);
  return found ?? Math.ceil(span / 8 / 86_400_000) * 86_400_000;
}

const fixed = (value: number): string => value.toFixed(1);
