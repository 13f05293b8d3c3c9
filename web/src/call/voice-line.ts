/**
 * One's voice: on or off, to everybody or to those alone whom one's seat names. It is on one of two lines, never on both, and silent on
 * the way between them [signalling.md R10].
 */
import type { StreamName } from './frame-cipher.ts';

type Line = Extract<StreamName, 'audio' | 'whisper'>;
const otherThan = (line: Line): Line => (line === 'audio' ? 'whisper' : 'audio');

export interface Voice {
  microphoneOn: boolean;
  /** on: it reaches those alone whom her seat names. lost: that was taken from her while she spoke; her microphone is off. */
  aside: 'off' | 'on' | 'lost';
}

export interface VoiceEvents {
  publish: (line: Line, track: MediaStreamTrack | null) => Promise<void>;
  /** It was switched, by herself or by what happened. */
  switched: (voice: Voice) => void;
}

export class VoiceLine {
  readonly #events: VoiceEvents;
  #voice: Voice = { microphoneOn: true, aside: 'off' };
  /** Whether it was on before she spoke aside. */
  #spoke = false;
  #track: MediaStreamTrack | null = null;
  /** The line that alone may carry it now, and what was put there. */
  #line: Line = 'audio';
  #put: MediaStreamTrack | null | undefined = null;
  #settling = false;

  constructor(events: VoiceEvents) {
    this.#events = events;
  }

  get now(): Voice {
    return this.#voice;
  }

  /** Another microphone, or none. */
  use(track: MediaStreamTrack | null): void {
    this.#track = track;
    this.#settle();
  }

  switch(on: boolean): void {
    const { aside } = this.#voice;
    this.#set({ microphoneOn: on, aside: on && aside === 'lost' ? 'off' : aside });
  }

  /** To those alone whom the seat names; or to everybody as before, muted if she was, or has muted herself since. */
  aside(on: boolean): void {
    const { microphoneOn, aside } = this.#voice;
    if (on === (aside === 'on')) return;
    if (on) this.#spoke = microphoneOn;
    this.#set({ microphoneOn: on || (this.#spoke && microphoneOn), aside: on ? 'on' : 'off' });
  }

  /** What was meant for one must not reach everybody: she is muted until she says otherwise. */
  lose(): void {
    if (this.#voice.aside === 'on') this.#set({ microphoneOn: false, aside: 'lost' });
  }

  #set(voice: Voice): void {
    this.#voice = voice;
    this.#settle();
    this.#events.switched(voice);
  }

  get #wanted(): Line {
    return this.#voice.aside === 'on' ? 'whisper' : 'audio';
  }

  #settle(): void {
    // Between two lines it may still be on the one that it is leaving: there it is silent.
    if (this.#track) this.#track.enabled = this.#voice.microphoneOn && this.#line === this.#wanted;
    if (this.#settling) return;
    this.#settling = true;
    void this.#move().catch(() => this.#stuck());
  }

  async #move(): Promise<void> {
    while (this.#line !== this.#wanted || this.#put !== this.#track) {
      const [line, track] = [this.#wanted, this.#track];
      if (line === this.#line) {
        await this.#events.publish(line, track);
        this.#put = track;
        continue;
      }
      await this.#events.publish(otherThan(line), null);
      this.#line = line;
      this.#put = null;
      if (this.#track) this.#track.enabled = this.#voice.microphoneOn && line === this.#wanted;
    }
    // Here, with no pause before it: what is switched from now on is another move.
    this.#settling = false;
  }

  /** It could not be taken off a line or put on one: off, until she switches it on, which tries anew. */
  #stuck(): void {
    this.#settling = false;
    this.#put = undefined; // nobody knows
    if (this.#track) this.#track.enabled = false;
    const aside = this.#voice.aside === 'on' ? 'lost' : this.#voice.aside;
    this.#voice = { microphoneOn: false, aside };
    this.#events.switched(this.#voice);
  }
}
