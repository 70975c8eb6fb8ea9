import { byId } from './dom.ts';
import { say } from './say.ts';

const shownMs = 6_000; // long enough to be read twice; then it no longer covers what is below it
let fading: ReturnType<typeof setTimeout> | undefined;

/** Tells the person, and their screen reader, what came of it. */
export function tell(sentence: string): void {
  const message = byId('message');
  message.textContent = sentence;
  clearTimeout(fading);
  fading = setTimeout(() => message.replaceChildren(), shownMs);
}

/** Does what was asked for. What goes wrong is told, and nothing else happens. */
export async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    tell(say('notDone', { why: (error as Error).message }));
  }
}
