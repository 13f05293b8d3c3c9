/** Parameters that look at a resource as a whole, or at a place: `_text`, `_content`, `near`. */
import type { Criterion, NearValue, Resource, WordsValue } from '@afar/fhir';
import { fold, wordStarts } from '../directory/fold.ts';

/** Whether the resource answers `_text`, `_content` or `near`; each is decided on the body alone. */
export function wholeMatches(resource: Resource, { param, values }: Criterion): boolean {
  return values.some((value) => {
    if (value.kind === 'near') return isNear(resource, value);
    if (value.kind !== 'words') return false;
    return hasWords(param === '_text' ? [narrativeOf(resource)] : textsOf(resource), value);
  });
}

/** [FHIR R4 search.html#content] each word begins a word of some text. */
function hasWords(texts: readonly string[], { words }: WordsValue): boolean {
  const starts = texts.flatMap((text) => wordStarts(fold(text)));
  return words.every((word) => {
    const wanted = fold(word);
    return wanted !== '' && starts.some((start) => start.startsWith(wanted));
  });
}

function narrativeOf(resource: Resource): string {
  const { div = '' } = (resource as { text?: { div?: string } }).text ?? {};
  return plainOf(div);
}

/** What is between the tags. */
function plainOf(div: string): string {
  // Cut, not matched: a pattern over a thousand open brackets would go back and forth.
  const between = div.split('<').map((part) => part.slice(part.indexOf('>') + 1));
  return between.join(' ').replace(/&#?\w{1,8};/g, ' ');
}

/** All texts of a resource, however deep: bodies are valid, so their depth is bounded. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value.startsWith('<div') ? plainOf(value) : value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

function isNear(resource: Resource, { latitude, longitude, km }: NearValue): boolean {
  const { position } = resource as { position?: { latitude?: number; longitude?: number } };
  if (position?.latitude === undefined || position.longitude === undefined) return false;
  return distance(latitude, longitude, position.latitude, position.longitude) <= km;
}

/** Mean radius of the earth [IUGG], km. */
const radius = 6_371.0088;

/** Along the great circle by the haversine formula, km; degrees. Within 0.6 % of the ellipsoid's. */
export function distance(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const rad = Math.PI / 180;
  const across = Math.sin(((lat2 - lat1) * rad) / 2) ** 2;
  const along = Math.sin(((lon2 - lon1) * rad) / 2) ** 2;
  const h = across + Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * along;
  return 2 * radius * Math.asin(Math.min(1, Math.sqrt(h)));
}
