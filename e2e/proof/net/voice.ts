/** A voice for a browser's fake microphone: syllables of harmonics, so that what is lost of it is heard. Its own beep is silent most of the time. */
import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const rate = 48_000;
const seconds = 20;

/** The same numbers each time. */
function* chance(): Generator<number, never> {
  let state = 1;
  while (true) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

function samples(): Int16Array {
  const out = new Int16Array(rate * seconds);
  const dice = chance();
  const from = (low: number, high: number): number => low + dice.next().value * (high - low);
  let at = 0;
  let phase = 0;
  while (at < out.length) {
    const length = Math.round(rate * from(0.12, 0.28));
    const pitch = from(100, 180);
    const formants = [from(300, 800), from(900, 2200), 2600];
    for (let sample = 0; sample < length && at < out.length; sample += 1, at += 1) {
      phase += (2 * Math.PI * pitch) / rate;
      let value = 0;
      for (let harmonic = 1; harmonic < 16; harmonic += 1) {
        const loud = formants.reduce(
          (sum, formant) => sum + 1 / (1 + ((pitch * harmonic - formant) / 120) ** 2),
          0,
        );
        value += loud * Math.sin(phase * harmonic);
      }
      const swell = Math.sqrt(Math.sin((Math.PI * sample) / length));
      out[at] = Math.max(-1, Math.min(1, value * 0.22 * swell)) * 30_000;
    }
    at += Math.round(rate * from(0.02, 0.12));
  }
  return out;
}

/** Path of a WAV file, made when it is not there. */
export function voiceFile(): string {
  const path = join(tmpdir(), 'afar-voice-1.wav');
  if (existsSync(path)) return path;
  const sound = Buffer.from(samples().buffer);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + sound.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // PCM
  head.writeUInt16LE(1, 22); // one channel
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(sound.length, 40);
  writeFileSync(path, Buffer.concat([head, sound]));
  return path;
}
