/** Captions come from an engine on the device or from none: no browser is asked to listen that would tell a server. */
import { describe, expect, it, vi } from 'vitest';
import { abilityFor, recognise, type Recogniser } from './engine.ts';

function engine(says: string, obeys = true): { maker: Recogniser; started: () => number } {
  let started = 0;
  class Fake extends EventTarget {
    lang = '';
    continuous = false;
    interimResults = false;
    #local = false;
    static available = (): Promise<string> => Promise.resolve(says);
    static install = (): Promise<boolean> => Promise.resolve(true);
    get processLocally(): boolean {
      return this.#local;
    }
    set processLocally(value: boolean) {
      if (obeys) this.#local = value;
    }
    start(): void {
      started += 1;
    }
    abort(): void {}
  }
  return { maker: Fake, started: () => started };
}
const track = {} as MediaStreamTrack;

describe('an engine for captions', () => {
  it('is none where the browser has none, or only one that asks a server', async () => {
    expect(await abilityFor('en', undefined)).toBe('none');
    class ServerOnly extends EventTarget {
      start(): void {}
    }
    expect(await abilityFor('en', ServerOnly as unknown as Recogniser)).toBe('none');
    expect(await abilityFor('en', engine('unavailable').maker)).toBe('none');
  });

  it('is ready, or wants to be installed', async () => {
    expect(await abilityFor('en', engine('available').maker)).toBe('ready');
    expect(await abilityFor('en', engine('downloadable').maker)).toBe('to-install');
  });

  it('is not started when it does not take the order to stay on the device', () => {
    const failed = vi.fn<() => void>();
    const deaf = engine('available', false);
    recognise('en', track, () => undefined, failed, deaf.maker);
    expect([deaf.started(), failed.mock.calls.length]).toEqual([0, 1]);
    const good = engine('available');
    recognise('en', track, () => undefined, failed, good.maker)();
    expect([good.started(), failed.mock.calls.length]).toEqual([1, 1]);
  });
});
