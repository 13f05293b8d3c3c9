/** The gate lets some through at a time and forgets nobody, and the account is settled whatever is asked. */
import { describe, expect, it } from 'vitest';
import { Cost, createGate, defaultLimits } from './limits.ts';

describe('the gate', () => {
  it('lets two through at a time, all in the end, failures included', async () => {
    const gate = createGate(2);
    let [now, most] = [0, 0];
    const work = (n: number) =>
      gate(async () => {
        most = Math.max(most, ++now);
        await Promise.resolve();
        now--;
        if (n % 3 === 0) throw new Error('no');
        return n;
      });
    const done = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => work(n)));
    expect([now, most]).toEqual([0, 2]);
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(13);
    expect(await gate(() => Promise.resolve('free'))).toBe('free');
  });
});

describe('the account of one execution', () => {
  it('ends with the searches, the reads, the resources, the time', () => {
    let now = 0;
    const cost = () =>
      new Cost({ ...defaultLimits, searches: 1, reads: 1, rows: 1, time: 10 }, () => now);
    const [searches, reads, rows, time] = [cost(), cost(), cost(), cost()];
    searches.search();
    expect(() => searches.search()).toThrow('too-costly');
    reads.read();
    expect(() => reads.read()).toThrow('too-costly');
    rows.rows(1);
    expect(() => rows.rows(1)).toThrow('too-costly');
    now = 11;
    expect(() => time.read()).toThrow('too-costly');
  });
});
