import { byId, element } from './dom.ts';
import { type Payment, request } from './gateway.ts';
import { clockTime } from './text.ts';

interface TimelineEntry {
  at: string | null;
  text: string;
}

interface Timeline {
  timeline: TimelineEntry[];
  next: TimelineEntry | null;
}

const emptyTimeline: Timeline = { timeline: [], next: null };

/** Shows what happened and what happens next, in sentences that the api has written. */
export async function showTimeline({ payment_id }: Payment): Promise<void> {
  const { timeline, next } = await request<Timeline>('GET', `/transaction/payments/${payment_id}/timeline`).catch(() => emptyTimeline);
  const rows = timeline.map((entry) => row(entry, 'happened'));
  if (next) rows.push(row(next, 'happened next'));
  byId('timeline-section').hidden = rows.length === 0;
  byId('timeline').replaceChildren(...rows);
}

const row = ({ at, text }: TimelineEntry, kind: string): HTMLElement =>
  element('li', { class: kind }, at ? element('time', { datetime: at }, clockTime(at)) : null, element('span', {}, text));
