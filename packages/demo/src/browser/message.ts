import { byId } from './dom.ts';
import { text } from './text.ts';

const shownMs = 6_000; // long enough to be read twice; after it the message uncovers the page below
let clearTimer: ReturnType<typeof setTimeout> | undefined;

/** Shows a message to the person at the screen; a screen reader reads it out. */
export function showMessage(sentence: string): void {
  const message = byId('message');
  message.textContent = sentence;
  clearTimeout(clearTimer);
  clearTimer = setTimeout(() => message.replaceChildren(), shownMs);
}

/** Runs `work`, and shows its error as a message. Never throws. */
export async function runAndReport(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    showMessage(text('notDone', { why: (error as Error).message }));
  }
}
