/** What a request says about its form: media types, preferences, conditions. */
import type { FastifyRequest } from 'fastify';
import { Refusal, shapeOf } from '@afar/fhir';
import type { Shape } from '@afar/fhir';

export const fhirJson = 'application/fhir+json; charset=utf-8';

/** [FHIR R4 http.html#mime-type] JSON in its spellings. */
const spoken = new Set([
  '*/*',
  'application/*',
  'application/fhir+json',
  'application/json',
  'application/json+fhir',
  'text/json',
  'json',
]);

/** @throws Refusal `not-acceptable` (406) when nothing but other formats is accepted; `_format` wins over Accept */
export function speaksJson(req: FastifyRequest): void {
  const format = (req.query as { _format?: unknown } | undefined)?._format;
  const wanted = typeof format === 'string' ? format : req.headers.accept;
  if (!wanted) return;
  // A browser's address line asks for HTML first and takes anything else as well.
  if (!wanted.split(',').some(isSpoken))
    throw new Refusal('not-acceptable', {
      diagnostics: 'application/fhir+json of FHIR 4.0 is what there is',
    });
}

/** [FHIR R4 versioning.html#mt-version] `application/fhir+json; fhirVersion=4.0`: this one version is spoken. */
export function isSpoken(wanted: string): boolean {
  const [type = '', ...parameters] = wanted.split(';').map((one) => one.trim().toLowerCase());
  // In an address a plus that was not escaped is a space.
  if (!spoken.has(type.replace(' ', '+'))) return false;
  const version = parameters.find((one) => one.startsWith('fhirversion='));
  return version === undefined || version === 'fhirversion=4.0';
}

/** @throws Refusal `unsupported-media` (415) */
export function bodyIs(...types: string[]): (req: FastifyRequest) => void {
  return (req) => {
    const type = (req.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
    if (!types.includes(type))
      throw new Refusal('unsupported-media', { diagnostics: `expected: ${types.join(', ')}` });
  };
}

export type Return = 'representation' | 'minimal' | 'OperationOutcome';

/** [FHIR R4 http.html#ops] What to send back of a write; undefined when the client does not say. */
export function preferredReturn(req: FastifyRequest): Return | undefined {
  const found = /(?:^|[,;\s])return=(representation|minimal|OperationOutcome)\b/.exec(
    headerOf(req, 'prefer') ?? '',
  );
  return found?.[1] as Return | undefined;
}

/** [FHIR R4 search.html#handling] */
export function isStrict(req: FastifyRequest): boolean {
  return /(?:^|[,;\s])handling=strict\b/.test(headerOf(req, 'prefer') ?? '');
}

export function headerOf(req: FastifyRequest, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

/** [FHIR R4 http.html#parameters] */
export function isPretty(req: FastifyRequest): boolean {
  return req.raw.url?.includes('_pretty=true') ?? false;
}

/**
 * The part of a resource that is asked for; undefined for the whole.
 * @throws Refusal `invalid`
 */
export function shapeIn(req: FastifyRequest): Shape | undefined {
  const url = req.raw.url ?? '';
  const mark = url.indexOf('?');
  if (mark < 0) return undefined;
  const asked = shapeOf([...new URLSearchParams(url.slice(mark + 1))]);
  if (asked?.summary === 'count')
    throw new Refusal('invalid', { diagnostics: '_summary=count: there is one' });
  return asked;
}
