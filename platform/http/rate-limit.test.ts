/** Token buckets: what is let through, when to come again, and whose bucket it is. */
import { describe, expect, it } from 'vitest';
import { createRateLimit, sourceOf } from './rate-limit.ts';

function limited(perMinute: number) {
  let at = 0;
  const limit = createRateLimit(perMinute, () => at);
  return { ...limit, pass: (ms: number) => (at += ms) };
}

describe('a bucket', () => {
  it('lets a minute’s worth through at once, then one as each is due', () => {
    const { take, pass } = limited(60);
    for (let n = 0; n < 60; n++) expect(take('a')).toBe(0);
    expect(take('a')).toBe(1_000);
    pass(999);
    expect(take('a')).toBe(1);
    pass(1);
    expect(take('a')).toBe(0);
    expect(take('a')).toBe(1_000);
  });

  it('is full again after a quiet minute, and never fuller', () => {
    const { take, pass } = limited(3);
    for (let n = 0; n < 3; n++) take('a');
    pass(3_600_000);
    expect([1, 2, 3].map(() => take('a'))).toEqual([0, 0, 0]);
    expect(take('a')).toBeGreaterThan(0);
  });

  it('is one’s own', () => {
    const { take } = limited(1);
    expect([take('a'), take('b')]).toEqual([0, 0]);
    expect(take('a')).toBeGreaterThan(0);
  });

  it('0 is no limit', () => {
    const { take } = limited(0);
    for (let n = 0; n < 1_000; n++) expect(take('a')).toBe(0);
  });

  it('a refusal is news once a minute', () => {
    const { take, isNews, pass } = limited(1);
    take('a');
    take('a');
    expect([isNews('a'), isNews('a')]).toEqual([true, false]);
    pass(60_000);
    expect(isNews('a')).toBe(true);
  });

  it('a flood of askers does not fill the memory, and leaves the latest as they are', () => {
    const { take } = limited(1);
    for (let n = 0; n < 60_000; n++) take(`source ${n}`);
    expect(take('source 59999')).toBeGreaterThan(0);
    expect(take('source 0')).toBe(0);
  });
});

describe('the source of', () => {
  it.each([
    ['203.0.113.5', '203.0.113.5'],
    ['::ffff:203.0.113.5', '203.0.113.5'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
    ['unknown', 'unknown'],
  ])('%s is %s', (ip, source) => expect(sourceOf(ip)).toBe(source));
});
