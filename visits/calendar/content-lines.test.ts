/** Content lines against a reader that is not ours. */
import fc from 'fast-check';
import ICAL from 'ical.js';
import { describe, expect, it } from 'vitest';
import { escapeText, fold, parameterValue, utc } from './content-lines.ts';
import { calendarFile } from './icalendar.ts';

describe('[RFC 5545 3.1] folding', () => {
  it('no line is longer than 75 octets, and unfolded it is the line that was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
        const line = `SUMMARY:${text.replaceAll(/[\r\n]/g, '')}`;
        const folded = fold(line);
        for (const one of folded.split('\r\n')) expect(Buffer.byteLength(one)).toBeLessThan(76);
        expect(folded.replaceAll('\r\n ', '')).toBe(line);
      }),
    );
  });

  it('cuts no character of several octets', () => {
    const [first, second] = fold(`SUMMARY:${'é'.repeat(60)}`).split('\r\n');
    expect(Buffer.byteLength(first!)).toBe(74);
    expect(second).toMatch(/^ é+$/);
  });
});

it('[RFC 5545 3.3.11] text is read back as it was written, and opens no line of its own', () => {
  const event = (summary: string) =>
    calendarFile({
      method: 'PUBLISH',
      name: summary,
      organizer: { name: 'a "b": c', mail: 'noreply@clinic.example' },
      url: 'https://clinic.example',
      now: 0,
      events: [{ uid: 'u', starts: 0, ends: 60_000, sequence: 3, state: 'booked', summary }],
    });
  const nasty = 'a;b,c\\d\r\nATTENDEE:mailto:x@y\nBEGIN:VEVENT\u0007 “ü”';
  const read = new ICAL.Component(ICAL.parse(event(nasty)) as unknown[]);
  expect(read.getAllSubcomponents('vevent')).toHaveLength(1);
  const [only] = read.getAllSubcomponents('vevent');
  expect(only!.getFirstPropertyValue('summary')).toBe(
    'a;b,c\\d\nATTENDEE:mailto:x@y\nBEGIN:VEVENT “ü”',
  );
  expect(only!.getFirstPropertyValue('sequence')).toBe(3);
  expect(only!.getFirstProperty('organizer')!.getParameter('cn')).toBe("a 'b': c");
  expect(escapeText('x\ny')).toBe(String.raw`x\ny`);
  expect(parameterValue('a\r\nB:1')).toBe(`"a'B:1"`);
});

it('[RFC 5545 3.3.5] instants are UTC', () => {
  expect(utc(Date.parse('2027-11-07T01:30:00-05:00'))).toBe('20271107T063000Z');
});
