/** What must be nowhere in the clear: everything in a set of resources that tells who somebody is or what she has. */
import type { Resource } from '@afar/fhir';

export interface Needle {
  text: string;
  /** Where it was taken from, without the text itself: `Patient/<id> name.family`. */
  from: string;
  /** Somebody's name: each of its words is looked for too. */
  name?: boolean;
}

/** Five letters: shorter ones turn up by chance in any file of some size. */
const shortest = 5;
/** Long texts are looked for in pieces: a page border or a control byte would hide a longer one. */
const piece = 24;

/** Code systems whose codes say something about somebody's health. HL7's own words (`final`, `laboratory`) do not. */
const clinical = [
  'http://snomed.info/sct',
  'http://loinc.org',
  'http://www.nlm.nih.gov/research/umls/rxnorm',
  'http://hl7.org/fhir/sid/',
];

/** Names of people and things that are ordinary words of a database, a time zone, or of our own program. */
const ordinary = new Set(
  'maria,madrid,paris,milan,queens,bronx,brooklyn,weight,height,index,report,visit,patient,nurse,doctor,blood,urine,serum,virtual,video visit,in-person visit,nursing,name,unknown,nausea,encounter,procedure,female,married,spouse,mother,father,daughter,natural child,mild,moderate,severe,normal,active,doctorate'.split(
    ',',
  ),
);

export const isOrdinary = (text: string): boolean => ordinary.has(text.toLowerCase());

/** LOINC codes of the note and its sections: the program names them itself, for every patient alike. */
const ofTheProgram = new Set(['11488-4', '61150-9', '61149-1', '51848-0', '18776-5']);

const plainText = (html: string) =>
  html
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** A whole short text; of a long one the start, the middle and the end. */
function pieces(text: string): string[] {
  if (text.length <= piece * 2) return [text];
  const middle = Math.floor((text.length - piece) / 2);
  return [text.slice(0, piece), text.slice(middle, middle + piece), text.slice(-piece)];
}

const words = (text: string) => text.split(/[\s,]+/);

function wanted(text: string): boolean {
  return text.length >= shortest && !isOrdinary(text);
}

type Take = (text: string, path: string) => void;

function fromName(name: Record<string, unknown>, path: string, take: Take): void {
  const parts = [name['family'], name['text'], ...((name['given'] as unknown[] | undefined) ?? [])];
  for (const part of parts.filter((one) => typeof one === 'string')) {
    take(part, path);
    for (const word of words(part)) take(word, path);
  }
}

function fromCoding(coding: Record<string, unknown>, path: string, take: Take): void {
  const { system, code, display } = coding;
  if (typeof system !== 'string' || !clinical.some((one) => system.startsWith(one))) return;
  if (typeof code !== 'string' || ofTheProgram.has(code)) return;
  take(code, path);
  if (typeof display === 'string' && display.length >= 10) take(display, path);
}

/** One element: what it is, is told by its name and its neighbours, as in every FHIR type. */
function fromElement(element: Record<string, unknown>, path: string, take: Take): void {
  if ('family' in element || 'given' in element) fromName(element, path, take);
  if ('system' in element && 'code' in element) fromCoding(element, path, take);
  for (const [key, value] of Object.entries(element)) {
    const here = `${path}.${key}`;
    if (Array.isArray(value)) {
      for (const one of value as unknown[]) fromValue(one, key, here, take, element);
    } else fromValue(value, key, here, take, element);
  }
}

const prose = new Set([
  'text',
  'conclusion',
  'description',
  'valueString',
  'comment',
  'patientInstruction',
]);

function fromValue(
  value: unknown,
  key: string,
  path: string,
  take: Take,
  parent: Record<string, unknown>,
): void {
  if (typeof value === 'object' && value !== null)
    return fromElement(value as Record<string, unknown>, path, take);
  if (typeof value !== 'string') return;
  if (key === 'div') for (const one of pieces(plainText(value))) take(one, path);
  else if (prose.has(key) && value.length >= 10) for (const one of pieces(value)) take(one, path);
  else if (key === 'line') take(value, path);
  else if (key === 'birthDate') {
    take(value, path);
    // As a number of milliseconds, as a column of times would hold it.
    if (value.length === 10) take(String(Date.parse(value)), path);
  } else if (key === 'value' && /\.(?:identifier|telecom)\b/.test(path)) {
    take(value, path);
    if (parent['system'] === 'phone') take(value.replaceAll(/\D/g, ''), path);
  }
}

/** Resources about nobody: their words are the clinic's, or the program's. */
const impersonal = new Set(['Organization', 'Location', 'Questionnaire', 'PractitionerRole']);

/** Everything to look for in these resources, each text once. */
export function needlesOf(resources: readonly Resource[], more: readonly Needle[] = []): Needle[] {
  const found = new Map<string, Needle>();
  const add = (text: string, from: string) => {
    if (wanted(text) && !found.has(text)) found.set(text, { text, from });
  };
  for (const resource of resources) {
    if (impersonal.has(resource.resourceType)) continue;
    const name = `${resource.resourceType}/${resource.id}`;
    fromElement(resource as unknown as Record<string, unknown>, '', (text, path) =>
      add(text, `${name} ${path.slice(1)}`),
    );
  }
  for (const { text, from, name } of more) {
    for (const one of pieces(text)) add(one, from);
    if (name) for (const word of words(text)) add(word, from);
  }
  return [...found.values()];
}
