import { byId } from './dom.ts';
import { showMessage } from './message.ts';
import { text } from './text.ts';

const storageKey = 'kitchen sound';
let context: AudioContext | null = null;

/** Sets the sound switch as it was left the last time. Browsers allow sound only after a person has touched the page. */
export function setUpSound(): void {
  const checkbox = byId('sound', HTMLInputElement);
  checkbox.checked = localStorage.getItem(storageKey) !== 'off';
  checkbox.addEventListener('change', () => {
    localStorage.setItem(storageKey, checkbox.checked ? 'on' : 'off');
    if (checkbox.checked) chime();
  });
  for (const eventName of ['pointerdown', 'keydown'])
    document.addEventListener(eventName, () => void audioContext().resume(), { once: true });
}

/** Two rising tones. */
export function chime(): void {
  if (!byId('sound', HTMLInputElement).checked) return;
  if (!navigator.userActivation.hasBeenActive) {
    showMessage(text('soundWaits'));
    return;
  }
  const audio = audioContext();
  for (const [n, pitch] of [659, 880].entries()) {
    const from = audio.currentTime + n * 0.18;
    const tone = new OscillatorNode(audio, { frequency: pitch });
    const loudness = new GainNode(audio, { gain: 0 });
    loudness.gain.setTargetAtTime(0.35, from, 0.01);
    loudness.gain.setTargetAtTime(0, from + 0.08, 0.09);
    tone.connect(loudness).connect(audio.destination);
    tone.start(from);
    tone.stop(from + 0.7);
  }
}

function audioContext(): AudioContext {
  context ??= new AudioContext();
  return context;
}
