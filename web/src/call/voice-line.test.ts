/** What is said to one is never heard by everybody, in whatever order it is switched, and whatever fails on the way. */
import { beforeEach, describe, expect, it } from 'vitest';
import { VoiceLine } from './voice-line.ts';

type Line = 'audio' | 'whisper';

/** Lines that take their time: what each carries, and who could hear what at any moment. */
class Lines {
  readonly carries: Record<Line, { enabled: boolean } | null> = { audio: null, whisper: null };
  readonly asked: string[] = [];
  readonly waiting: (() => void)[] = [];
  failing: Line | undefined;
  readonly voice = new VoiceLine({
    publish: async (line, track) => {
      this.asked.push(`${line} ${track ? 'on' : 'off'}`);
      await new Promise<void>((done) => this.waiting.push(done));
      // One of two connections may have done it before the other failed.
      if (this.failing !== line || track === null) this.carries[line] = track;
      if (this.failing === line) throw new Error('no such line');
    },
    switched: () => this.look(),
  });
  readonly heard = new Set<string>();

  /** Whoever hears her at this moment. */
  look(): void {
    for (const line of ['audio', 'whisper'] as const)
      if (this.carries[line]?.enabled) this.heard.add(line);
  }

  /** Everything that was asked for comes about, and what follows from it. */
  async done(): Promise<void> {
    for (let still = 0; still < 5; still = this.waiting.length ? 0 : still + 1) {
      this.look();
      this.waiting.shift()?.();
      await Promise.resolve();
    }
    this.look();
  }
}

const track = (): MediaStreamTrack => ({ enabled: true }) as MediaStreamTrack;
let lines: Lines;
let voice: VoiceLine;
const heardBy = (): Line[] =>
  (['audio', 'whisper'] as const).filter((line) => lines.carries[line]?.enabled);

beforeEach(async () => {
  lines = new Lines();
  voice = lines.voice;
  voice.use(track());
  await lines.done();
});

describe('her voice', () => {
  it('goes to everybody, and after a word aside again', async () => {
    expect(heardBy()).toEqual(['audio']);
    voice.aside(true);
    await lines.done();
    expect(heardBy()).toEqual(['whisper']);
    voice.aside(false);
    await lines.done();
    expect(heardBy()).toEqual(['audio']);
    expect(lines.asked).toEqual(['audio on', 'audio off', 'whisper on', 'whisper off', 'audio on']);
  });

  it('is silent from the moment she turns aside until it is off the line to everybody', async () => {
    voice.aside(true);
    expect(heardBy()).toEqual([]);
    voice.switch(true);
    expect(heardBy()).toEqual([]);
    await lines.done();
    expect(heardBy()).toEqual(['whisper']);
    voice.aside(false);
    expect(heardBy()).toEqual([]);
  });

  it('of one who was muted is heard aside, and by nobody after it', async () => {
    voice.switch(false);
    voice.aside(true);
    await lines.done();
    expect(heardBy()).toEqual(['whisper']);
    voice.aside(false);
    await lines.done();
    expect(heardBy()).toEqual([]);
    expect(voice.now).toEqual({ microphoneOn: false, aside: 'off' });
  });

  it('of one who mutes herself while she speaks aside stays muted after it', async () => {
    voice.aside(true);
    await lines.done();
    voice.switch(false);
    voice.aside(false);
    await lines.done();
    expect(heardBy()).toEqual([]);
  });

  it.each([2, 3, 4, 5, 6, 7])(
    'of one who was muted reaches nobody else, switched %i times in one breath',
    async (times) => {
      voice.switch(false);
      lines.heard.clear();
      for (let at = 1; at <= times; at += 1) voice.aside(at % 2 === 1);
      await lines.done();
      expect(lines.heard).not.toContain('audio');
      expect(heardBy()).toEqual(times % 2 ? ['whisper'] : []);
    },
  );

  it('by another microphone goes where it went before', async () => {
    voice.aside(true);
    const other = track();
    voice.use(other);
    lines.heard.clear();
    await lines.done();
    expect([...lines.heard]).toEqual(['whisper']);
    expect(lines.carries).toEqual({ audio: null, whisper: other });
  });

  it('is nobody’s without a microphone, and goes where it belongs with the next one', async () => {
    voice.aside(true);
    voice.use(null);
    await lines.done();
    expect(lines.carries).toEqual({ audio: null, whisper: null });
    voice.aside(false);
    const other = track();
    voice.use(other);
    await lines.done();
    expect(lines.carries).toEqual({ audio: other, whisper: null });
    expect(heardBy()).toEqual(['audio']);
  });

  it('is off when the word aside is taken from her, until she switches it on, to everybody', async () => {
    voice.aside(true);
    await lines.done();
    lines.heard.clear();
    voice.lose();
    await lines.done();
    expect(voice.now).toEqual({ microphoneOn: false, aside: 'lost' });
    // A microphone that opens meanwhile changes nothing.
    voice.use(track());
    await lines.done();
    expect(lines.heard).toEqual(new Set());
    voice.switch(true);
    await lines.done();
    expect(voice.now).toEqual({ microphoneOn: true, aside: 'off' });
    expect(heardBy()).toEqual(['audio']);
  });
});

describe('a line that fails', () => {
  it('when she turns aside: she is off, nobody hears her, and switched on she speaks to everybody', async () => {
    lines.failing = 'audio';
    lines.heard.clear();
    voice.aside(true);
    await lines.done();
    expect(lines.heard).toEqual(new Set());
    expect(voice.now).toEqual({ microphoneOn: false, aside: 'lost' });
    lines.failing = undefined;
    voice.switch(true);
    await lines.done();
    expect(heardBy()).toEqual(['audio']);
  });

  it('when she turns back: she is off, and switched on it is taken off there first', async () => {
    voice.aside(true);
    await lines.done();
    lines.failing = 'whisper';
    voice.aside(false);
    await lines.done();
    expect(heardBy()).toEqual([]);
    expect(voice.now.microphoneOn).toBe(false);
    lines.failing = undefined;
    voice.switch(true);
    await lines.done();
    expect(heardBy()).toEqual(['audio']);
    expect(lines.carries.whisper).toBeNull();
  });
});
