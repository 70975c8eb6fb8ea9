import { byId, element } from './dom.ts';
import { ask, type Payment } from './gateway.ts';
import { clockTime } from './say.ts';

interface Told {
  at: string | null;
  text: string;
}

interface Timeline {
  timeline: Told[];
  next: Told | null;
}

const nothing: Timeline = { timeline: [], next: null };

/** What happened, and what happens next and when, in the gateway's own words. */
export async function showHistory({ payment_id }: Payment): Promise<void> {
  const { timeline, next } = await ask<Timeline>('GET', `/transaction/payments/${payment_id}/timeline`).catch(() => nothing);
  const lines = timeline.map((told) => line(told, 'happened'));
  if (next) lines.push(line(next, 'happened next'));
  byId('history').hidden = lines.length === 0;
  byId('timeline').replaceChildren(...lines);
}

const line = ({ at, text }: Told, kind: string): HTMLElement =>
  element('li', { class: kind }, at ? element('time', { datetime: at }, clockTime(at)) : null, element('span', {}, text));
