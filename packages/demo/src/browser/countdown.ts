import { byId } from './dom.ts';
import { text } from './text.ts';

let timer: ReturnType<typeof setInterval> | undefined;

/** Shows how long the QR may still be scanned. Calls `onExpired` once, when the time has run out. Times are ISO 8601. */
export function countDown(from: string, until: string, onExpired: () => void): void {
  stopCountdown();
  const [begin, end] = [Date.parse(from), Date.parse(until)];
  const tick = (): void => {
    const left = Math.max(0, end - Date.now());
    const seconds = Math.ceil(left / 1_000);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    byId('time-left').textContent = text('timeLeft', { time });
    byId('time-bar').style.setProperty('--left', String(Math.min(1, left / (end - begin))));
    byId('countdown').classList.toggle('short', seconds <= 30);
    if (left > 0) return;
    stopCountdown();
    onExpired();
  };
  timer = setInterval(tick, 250);
  tick();
}

export function stopCountdown(): void {
  clearInterval(timer);
}
