import { byId } from './dom.ts';
import { tell } from './message.ts';
import { say } from './say.ts';

const key = 'kitchen sound';
let context: AudioContext | null = null;

/** The switch, as it was left the last time. Browsers let a page sound only after somebody has touched it. */
export function offerSound(): void {
  const box = byId('sound', HTMLInputElement);
  box.checked = localStorage.getItem(key) !== 'off';
  box.addEventListener('change', () => {
    localStorage.setItem(key, box.checked ? 'on' : 'off');
    if (box.checked) chime();
  });
  for (const touch of ['pointerdown', 'keydown']) document.addEventListener(touch, () => void awake().resume(), { once: true });
}

/** Two rising tones. */
export function chime(): void {
  if (!byId('sound', HTMLInputElement).checked) return;
  if (!navigator.userActivation.hasBeenActive) {
    tell(say('soundWaits'));
    return;
  }
  const audio = awake();
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

function awake(): AudioContext {
  context ??= new AudioContext();
  return context;
}
