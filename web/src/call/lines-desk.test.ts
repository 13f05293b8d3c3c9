/** While one connection takes over from another, what is sent is told to both, and neither can keep what it should not. */
import { beforeEach, expect, it } from 'vitest';
import { LinesDesk } from './lines-desk.ts';
import type { LineEvents, MediaLines } from './media-lines.ts';
import type { SendLimits } from './sending.ts';

const track = {} as MediaStreamTrack;
interface Fake {
  sends: unknown;
  fails: boolean;
  closed: boolean;
  events: LineEvents;
}
let desk: LinesDesk;
let before: Fake;
let now: Fake;

function opened(id: string, keep: boolean): Fake {
  const fake = { sends: undefined, fails: false, closed: false } as Fake;
  desk.open(id, keep, (events) => {
    fake.events = events;
    const lines: Partial<MediaLines> = {
      publish: (_stream, one) => {
        if (fake.fails) return Promise.reject(new Error('no such line'));
        fake.sends = one;
        return Promise.resolve();
      },
      close: () => void (fake.closed = true),
    };
    return lines as MediaLines;
  });
  fake.events.connected(true);
  return fake;
}

beforeEach(async () => {
  desk = new LinesDesk({} as SendLimits, {
    moved: () => undefined,
    hopeless: () => undefined,
    expectsPicture: () => false,
  });
  before = opened('sfu', false);
  await desk.publish('audio', track);
  now = opened('p2p', true);
});

it('tells both what is sent', async () => {
  expect([before.sends, now.sends]).toEqual([track, track]);
  await desk.publish('audio', null);
  expect([before.sends, now.sends, before.closed]).toEqual([null, null, false]);
  desk.close();
});

it('closes the former one when it cannot be told, and nobody is muted for it', async () => {
  before.fails = true;
  await desk.publish('audio', null);
  expect([now.sends, before.closed, now.closed]).toEqual([null, true, false]);
  desk.close();
});

it('says so when the one in use cannot be told', async () => {
  now.fails = true;
  await expect(desk.publish('audio', null)).rejects.toThrow('no such line');
  desk.close();
});
