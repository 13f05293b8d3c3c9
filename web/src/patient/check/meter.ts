/** Sound in and out: how loud the microphone is, and a tone for the speaker. */

/** Calls back with 0..1 about 20 times a second until stopped. */
export function measure(track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
    // Speech lies around -40 to -10 dBFS: that span is the bar.
    const decibel = 20 * Math.log10(Math.max(power, 1e-5));
    onLevel(Math.min(1, Math.max(0, (decibel + 50) / 40)));
  }, 50);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

/** Two soft notes, a second in all. @param speaker where, when the browser lets one choose and it is there */
export async function playTone(speaker?: string): Promise<void> {
  const context: AudioContext & { setSinkId?: (id: string) => Promise<void> } = new AudioContext();
  if (speaker) await context.setSinkId?.(speaker).catch(() => undefined);
  await context.resume();
  for (const [index, pitch] of [523.25, 783.99].entries()) {
    const start = context.currentTime + index * 0.35;
    const note = context.createOscillator();
    const volume = context.createGain();
    note.frequency.value = pitch;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.25, start + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.6);
    note.connect(volume).connect(context.destination);
    note.start(start);
    note.stop(start + 0.65);
  }
  setTimeout(() => void context.close(), 1500);
}
