/** A visit's note: a Composition with the four SOAP sections. */
import type {
  Composition,
  CompositionSection,
  Encounter,
  Organization,
  Patient,
  Practitioner,
  Reference,
} from '@afar/fhir';
import { loinc, system } from './codes.ts';

export interface Soap {
  s: string;
  o: string;
  a: string;
  p: string;
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

interface Links {
  subject: Reference<Patient>;
  encounter: Reference<Encounter>;
  author: Reference<Practitioner>;
  custodian: Reference<Organization>;
}

/** LOINC 11488-4 consult note, sections 61150-9, 61149-1, 51848-0, 18776-5. */
const sections = [
  ['s', '61150-9', 'Subjective'],
  ['o', '61149-1', 'Objective'],
  ['a', '51848-0', 'Assessment'],
  ['p', '18776-5', 'Plan of care'],
] as const;

export function note(id: string, soap: Soap, links: Links, date: string): Composition {
  return {
    resourceType: 'Composition',
    id,
    status: 'final',
    type: loinc('11488-4', 'Consult note'),
    subject: links.subject,
    encounter: links.encounter,
    date,
    author: [links.author],
    title: 'Visit note',
    attester: [{ mode: 'legal', time: date, party: links.author }],
    custodian: links.custodian,
    section: sections.map(([part, code, display]): CompositionSection => ({
      title: display,
      code: { coding: [{ system: system.loinc, code, display }] },
      text: {
        status: 'generated',
        div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${escaped(soap[part])}</p></div>`,
      },
    })),
  };
}
