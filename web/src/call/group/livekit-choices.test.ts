/** What is asked of LiveKit for each stream. */
import { describe, expect, it } from 'vitest';
import { streamOf, subscriptionOf } from './livekit-choices.ts';

const wanted = { layers: { a: 'high', b: 'off' }, screens: { a: 'off' } } as const;

describe('a subscription', () => {
  it('follows what is wanted of camera and screen', () => {
    expect(subscriptionOf('a', 'video', wanted)).toEqual({ enabled: true, quality: 2 });
    expect(subscriptionOf('b', 'video', wanted).enabled).toBe(false);
    expect(subscriptionOf('a', 'screen', wanted).enabled).toBe(false);
  });

  it('begins low for a camera and whole for a screen', () => {
    expect(subscriptionOf('c', 'video', wanted)).toEqual({ enabled: true, quality: 0 });
    expect(subscriptionOf('c', 'screen', wanted)).toEqual({ enabled: true, quality: 2 });
  });

  it('never stops a voice', () => {
    expect(subscriptionOf('b', 'audio', wanted).enabled).toBe(true);
  });
});

it('knows the sources it publishes, and no other', () => {
  expect([streamOf('camera'), streamOf('screen_share'), streamOf('unknown')]).toEqual([
    'video',
    'screen',
    undefined,
  ]);
});
