/** A signed note as a FHIR Composition, and the words of one again [FHIR R4 composition.html]. */
import type { Composition, CompositionSection } from '@afar/fhir';
import type { NoteSections } from '../contract.ts';
import { iso } from '../house.ts';
import type { VisitRow } from '../visit-row.ts';
import { noteType, sectionCodes } from '../vocabulary.ts';

export const sectionNames = ['subjective', 'objective', 'assessment', 'plan'] as const;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Plain text as XHTML narrative: nothing in it can become markup [FHIR R4 narrative.html]. */
export function narrative(text: string): { status: 'additional'; div: string } {
  // XML 1.0 has no control characters but tab and line ends.
  const clean = text
    .replaceAll('\r\n', '\n')
    .replaceAll(/[^\t\n\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
  const safe = clean.replaceAll(/[&<>"]/g, (one) => entities[one]!);
  const lines = safe.split('\n').join('<br/>');
  return {
    status: 'additional',
    div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${lines}</p></div>`,
  };
}

/** The plain text of a narrative of ours. */
export function textOf(div: string | undefined): string {
  const inner = /^<div[^>]*><p>([\s\S]*)<\/p><\/div>$/.exec(div ?? '')?.[1] ?? '';
  return inner
    .replaceAll(/<br\s*\/?>/g, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(lt|gt|quot|amp);/g, (one) =>
      Object.keys(entities).find((key) => entities[key] === one)!,
    );
}

function sections(note: NoteSections): CompositionSection[] {
  return sectionNames
    .filter((name) => note[name].trim())
    .map((name) => ({
      title: sectionCodes[name].display,
      code: { coding: [sectionCodes[name]] },
      text: narrative(note[name]),
    }));
}

function base(row: VisitRow, author: string, now: number): Omit<Composition, 'section' | 'title'> {
  const by = { reference: `Practitioner/${author}` };
  return {
    resourceType: 'Composition',
    status: 'final',
    type: { coding: [noteType] },
    subject: { reference: `Patient/${row.patient}` },
    encounter: { reference: `Encounter/${row.encounter}` },
    date: iso(now),
    author: [by],
    // [FHIR R4 composition.html attester] who answers for it, and when.
    attester: [{ mode: 'professional', time: iso(now), party: by }],
  };
}

export function signedNote(
  row: VisitRow,
  author: string,
  note: NoteSections,
  now: number,
): Composition {
  return { ...base(row, author, now), title: 'Visit note', section: sections(note) };
}

/** A note whose author may not sign: it waits, attested by nobody [FHIR R4 valueset-composition-status]. */
export function waitingNote(
  row: VisitRow,
  author: string,
  note: NoteSections,
  now: number,
): Composition {
  const { attester: _nobody, ...waiting } = signedNote(row, author, note, now);
  return { ...waiting, status: 'preliminary' };
}

/** The same, attested by the supervisor: its author stays who wrote it. */
export function cosigned(note: Composition, supervisor: string, now: number): Composition {
  const party = { reference: `Practitioner/${supervisor}` };
  return {
    ...note,
    status: 'final',
    attester: [{ mode: 'professional', time: iso(now), party }],
  };
}

/** What is added later: a document of its own that appends to the signed one, which stays as it was. */
export function addendumTo(row: VisitRow, author: string, text: string, now: number): Composition {
  return {
    ...base(row, author, now),
    title: 'Addendum',
    relatesTo: [
      { code: 'appends', targetReference: { reference: `Composition/${row.composition}` } },
    ],
    section: [{ title: 'Addendum', text: narrative(text) }],
  };
}

/** The four sections of a signed note; empty where the note has none. */
export function sectionsIn(composition: Composition): NoteSections {
  const found: NoteSections = { subjective: '', objective: '', assessment: '', plan: '' };
  for (const section of composition.section ?? []) {
    const code = section.code?.coding?.[0]?.code;
    const name = sectionNames.find((one) => sectionCodes[one].code === code);
    if (name) found[name] = textOf(section.text?.div);
  }
  return found;
}

export function signatureOf(composition: Composition): { by: string; at: string } {
  const attester = composition.attester?.[0];
  const by = attester?.party?.reference ?? composition.author[0]?.reference ?? '';
  return { by: by.split('/')[1] ?? '', at: attester?.time ?? composition.date };
}
