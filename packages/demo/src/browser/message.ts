import { byId } from './dom.ts';
import { text } from './text.ts';

const shownMs = 6_000; // long enough to be read twice; then it no longer covers what is below it
let clearTimer: ReturnType<typeof setTimeout> | undefined;

/** Tells the person, and their screen reader, what came of it. */
export function showMessage(sentence: string): void {
  const message = byId('message');
  message.textContent = sentence;
  clearTimeout(clearTimer);
  clearTimer = setTimeout(() => message.replaceChildren(), shownMs);
}

/** Does what was asked for. What goes wrong is told, and nothing else happens. */
export async function runAndReport(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    showMessage(text('notDone', { why: (error as Error).message }));
  }
}
