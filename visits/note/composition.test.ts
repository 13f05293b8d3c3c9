/** Text of a note as narrative and back: nothing becomes markup, nothing is lost. */
import { validate } from '@afar/fhir';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VisitRow } from '../visit-row.ts';
import { addendumTo, narrative, sectionsIn, signedNote, textOf } from './composition.ts';

const id = '0190a000-0000-7000-8000-000000000003';
const row = { rid: id, patient: id, clinician: id, encounter: id, composition: id } as VisitRow;

describe('a note', () => {
  it('keeps any text through narrative', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const kept = textOf(narrative(text).div);
        expect(kept).toBe(textOf(narrative(kept).div));
      }),
    );
    const text = 'a < b && "c" > d &amp; &lt;\n<script>alert(1)</script>\t<br/>';
    const { div } = narrative(text);
    expect(textOf(div)).toBe(text);
    expect(div).not.toContain('<script');
  });

  it('drops what XML cannot hold', () => {
    expect(textOf(narrative('a\u0000b\u0008c\r\nd').div)).toBe('abc\nd');
  });

  it('is a valid Composition with the sections that have text, and reads back', () => {
    const note = { subjective: 'S', objective: '', assessment: 'A & B', plan: 'P\nQ' };
    const signed = { ...signedNote(row, id, note, 0), id };
    expect(validate(signed)).toEqual([]);
    expect(signed.section).toHaveLength(3);
    expect(sectionsIn(signed)).toEqual(note);
    expect(validate({ ...addendumTo(row, id, 'later', 0), id })).toEqual([]);
  });
});
