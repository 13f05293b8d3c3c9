/** Ids that sort by time [RFC 9562 5.7]. */
import { describe, expect, it } from 'vitest';
import { isRid } from './aliases.ts';
import { uuid7 } from './uuid7.ts';

describe('uuid7', () => {
  it('has version, variant and time in place, and is the form of a rid', () => {
    const id = uuid7(0x0199_1234_5678);
    expect(id).toMatch(/^01991234-5678-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(isRid(id)).toBe(true);
  });

  it('repeats none over many blocks of randomness, and sorts by time', () => {
    const ids = Array.from({ length: 5_000 }, () => uuid7(1_700_000_000_000));
    expect(new Set(ids).size).toBe(ids.length);
    expect(uuid7(1) < uuid7(2) && uuid7(2) < uuid7(1_700_000_000_000)).toBe(true);
  });
});

describe('isRid', () => {
  it('takes the lower-case form only: another spelling is another id', () => {
    const id = 'aaaaaaaa-0000-4000-8000-000000000001';
    expect([id, id.toUpperCase(), `${id}0`, 'MRN-1', ''].map(isRid)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
