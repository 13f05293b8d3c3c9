/** Prefixes over intervals, and the bounds SQL may rely on [FHIR R4 search.html#prefix]. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { DateValue, Prefix } from '@afar/fhir';
import { tryDateInterval } from '@afar/fhir';
import { prefixHolds, spanOf } from './brute-force.ts';
import { boundsOf } from './date-conditions.ts';
import { dateMatches } from './intervals.ts';

const day = 86_400_000;
const at = (text: string) => Date.parse(text);
const now = at('2026-11-21');
const value = (prefix: Prefix, from: string, days: number): DateValue => ({
  kind: 'date',
  prefix,
  start: at(from),
  end: at(from) + days * day,
  text: from,
});
const target = (from: string, to: string) => ({ start: at(from), end: at(to) });

describe('the examples of the standard [FHIR R4 search.html#date]', () => {
  it('eq contains', () => {
    // date=2013-01-14 finds 2013-01-14T00:00 and 10:00, not 2013-01-15T00:00
    const eq = value('eq', '2013-01-14', 1);
    const minute = 60_000;
    const instant = (text: string) => ({ start: at(text), end: at(text) + minute });
    expect(dateMatches(eq, instant('2013-01-14T00:00Z'), now)).toBe(true);
    expect(dateMatches(eq, instant('2013-01-14T10:00Z'), now)).toBe(true);
    expect(dateMatches(eq, instant('2013-01-15T00:00Z'), now)).toBe(false);
  });
  it('a period that overlaps only answers ge, le, gt, lt, not eq', () => {
    const period = target('2013-01-21', '2013-04-01');
    expect(dateMatches(value('eq', '2013-03-14', 1), period, now)).toBe(false);
    expect(dateMatches(value('ge', '2013-03-14', 1), period, now)).toBe(true);
    expect(dateMatches(value('le', '2013-03-14', 1), period, now)).toBe(true);
    expect(dateMatches(value('gt', '2013-03-14', 1), period, now)).toBe(true);
    expect(dateMatches(value('lt', '2013-03-14', 1), period, now)).toBe(true);
    expect(dateMatches(value('sa', '2013-03-14', 1), period, now)).toBe(false);
    expect(dateMatches(value('eb', '2013-03-14', 1), period, now)).toBe(false);
  });
  it('sa and eb do not overlap', () => {
    const period = target('2013-03-15', '2013-04-01');
    expect(dateMatches(value('sa', '2013-03-14', 1), period, now)).toBe(true);
    expect(dateMatches(value('eb', '2013-04-01', 1), period, now)).toBe(true);
  });
  it('ap widens by a tenth of the distance to now', () => {
    const tenYearsAgo = value('ap', '2016-11-21', 1);
    expect(dateMatches(tenYearsAgo, target('2017-06-01', '2017-06-02'), now)).toBe(true);
    expect(dateMatches(tenYearsAgo, target('2018-06-01', '2018-06-02'), now)).toBe(false);
  });
});

it('bounds never exclude a match', () => {
  const prefixes: Prefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];
  const interval = fc
    .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 20 }))
    .map(([start, length]) => ({ start, end: start + length }));
  const bounded = fc.property(
    fc.constantFrom(...prefixes),
    interval,
    interval,
    fc.integer({ min: -99, max: 99 }),
    (prefix, asked, held, instant) => {
      const date: DateValue = { kind: 'date', prefix, ...asked, text: '' };
      const { before = Infinity, after = -Infinity } = boundsOf(date, instant);
      const passes = held.start < before && held.end > after;
      return passes || !dateMatches(date, held, instant);
    },
  );
  expect(() => fc.assert(bounded, { numRuns: 2_000 })).not.toThrow();
});

describe('properties', () => {
  const prefixes: Prefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];
  const end = fc.oneof(fc.integer({ min: -30, max: 30 }), fc.constantFrom(-Infinity, Infinity));
  const interval = fc
    .tuple(end, end)
    .map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }))
    .filter(({ start, end: until }) => start < until);
  const closed = fc
    .tuple(fc.integer({ min: -30, max: 30 }), fc.integer({ min: 1, max: 9 }))
    .map(([start, length]) => ({ start, end: start + length }));

  it('every prefix is the sentence the standard has for it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...prefixes), closed, interval, (prefix, asked, held) => {
        const date: DateValue = { kind: 'date', prefix, ...asked, text: '' };
        const [search, goal] = [asked, held].map((one) => ({ from: one.start, to: one.end }));
        const slack = Math.abs(now - (asked.start + asked.end) / 2) / 10;
        expect(dateMatches(date, held, now)).toBe(prefixHolds(prefix, search!, goal!, slack));
      }),
      { numRuns: 2_000 },
    );
  });

  it('prefixes are each other’s contraries and parts', () => {
    fc.assert(
      fc.property(closed, interval, (asked, held) => {
        const by = (prefix: Prefix) =>
          dateMatches({ kind: 'date', prefix, ...asked, text: '' }, held, now);
        expect(by('ne')).toBe(!by('eq'));
        expect(by('ge')).toBe(by('gt') || by('eq'));
        expect(by('le')).toBe(by('lt') || by('eq'));
        // What starts after or ends before lies above or below, and nowhere in between.
        expect(!by('sa') || (by('gt') && !by('lt') && !by('eq'))).toBe(true);
        expect(!by('eb') || (by('lt') && !by('gt') && !by('eq'))).toBe(true);
        // Every place in time answers one of them.
        expect(by('eq') || by('gt') || by('lt')).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('the precision of a date is what is written', () => {
    const part = (least: number, most: number) =>
      fc.integer({ min: least, max: most }).map((n) => String(n).padStart(2, '0'));
    const text = fc
      .tuple(
        fc.integer({ min: 1900, max: 2100 }),
        part(1, 12),
        part(1, 28),
        part(0, 23),
        part(0, 59),
      )
      .chain(([y, mo, d, h, mi]) =>
        fc.constantFrom(
          `${y}`,
          `${y}-${mo}`,
          `${y}-${mo}-${d}`,
          `${y}-${mo}-${d}T${h}:${mi}`,
          `${y}-${mo}-${d}T${h}:${mi}:07Z`,
          `${y}-${mo}-${d}T${h}:${mi}:07.25+05:30`,
        ),
      );
    fc.assert(
      fc.property(text, (written) => {
        const { from, to } = spanOf(written);
        expect(tryDateInterval(written)).toEqual({ start: from, end: to });
      }),
      { numRuns: 1_000 },
    );
  });
});
