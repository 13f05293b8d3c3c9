/** Billing codes by minutes, quality by samples. */
import { describe, expect, it } from 'vitest';
import { billingCodeFor, billingCodes, billingCoding } from './billing.ts';
import { addSamples, noSums, readSamples, summarise } from './quality.ts';

describe('billing codes', () => {
  it('follow mode and minutes at each edge', () => {
    expect([0, 10, 11, 20, 21, 40, 41, 300].map((m) => billingCodeFor('video', m))).toEqual([
      'tele-brief',
      'tele-brief',
      'tele-short',
      'tele-short',
      'tele-standard',
      'tele-standard',
      'tele-long',
      'tele-long',
    ]);
    expect(billingCodeFor('phone', 5)).toBe('tele-brief');
    expect(billingCodeFor('in-person', 15)).toBe('clinic-short');
    expect(billingCodeFor('chat', 15)).toBe('text-short');
  });

  it('all that are offered can be read again', () => {
    for (const { code } of billingCodes.codes) expect(billingCoding(code)?.code).toBe(code);
    expect(billingCoding('99213')).toBeUndefined();
  });
});

describe('quality', () => {
  const at = '2027-01-01T00:00:00.000Z';
  const good = { at, rttMs: 40, lossIn: 0.001, fps: 28, concealed: 0 };

  it('is unknown without samples', () => {
    expect(summarise([]).rating).toBe('unknown');
    expect(summarise([noSums]).rating).toBe('unknown');
  });

  it('is the mean of both ends, sent in any number of requests', () => {
    const one = addSamples(addSamples(noSums, [good]), [{ ...good, rttMs: 80 }]);
    const other = addSamples(noSums, [{ ...good, rttMs: 60, restarts: 1 }]);
    expect(summarise([one, other])).toMatchObject({
      rating: 'good',
      samples: 3,
      rttMs: 60,
      restarts: 1,
    });
  });

  it('says fair and poor where figures say so', () => {
    const rated = (over: object): string =>
      summarise([addSamples(noSums, [{ ...good, ...over }])]).rating;
    expect(rated({ rttMs: 350 })).toBe('fair');
    expect(rated({ lossIn: 0.05 })).toBe('fair');
    expect(rated({ audioOnly: true, fps: undefined })).toBe('fair');
    expect(rated({ fps: 5 })).toBe('poor');
    expect(rated({ rttMs: 900 })).toBe('poor');
  });

  it('refuses what no browser measures, naming each place', () => {
    expect(() => readSamples({ samples: Array.from({ length: 61 }, () => good) })).toThrow(
      'invalid',
    );
    const broken = { samples: [{ at: 'noon', rttMs: -1, lossIn: 2, fps: '30' }, null] };
    const faults = [
      'samples[0].at',
      'samples[0].rttMs',
      'samples[0].lossIn',
      'samples[0].fps',
      'samples[1]',
    ];
    expect(() => readSamples(broken)).toThrow(
      expect.objectContaining({
        outcome: expect.objectContaining({
          issue: faults.map((one) => expect.objectContaining({ expression: [one] })),
        }),
      }),
    );
  });
});
