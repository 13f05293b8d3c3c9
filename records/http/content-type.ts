/** Media types of a Binary's own content: which may stand in a header, which one is wanted [RFC 9110 8.3, 12.5.1]. */
import type { FastifyRequest } from 'fastify';
import { isSpoken } from './negotiate.ts';

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const essence = new RegExp(`^${token}/${token}$`);
const parameter = `${token}=(?:${token}|"[ !#-\\[\\]-~]*")`;
const whole = new RegExp(`^${token}/${token}(?:[ \\t]*;[ \\t]*${parameter})*$`);
const longest = 255;

const unknown = 'application/octet-stream';

/** Parameters without which the content cannot be read; the others speak of the message, not of what it carries. */
const kept = /^(?:charset|boundary)=/i;

/** FHIR's own formats that are not read or written here: content of such a type would be taken for a resource. */
const fhirXml = new Set(['application/fhir+xml', 'application/xml+fhir']);
const notTaken = new Set([...fhirXml, 'application/json+fhir', 'application/xml', 'text/xml']);

const partsOf = (value: string): string[] => value.split(';').map((one) => one.trim());

/** What may be sent as `Content-Type`: what was stored when it is a media type, else that of bytes nobody knows. */
export function sentAs(contentType: unknown): string {
  return typeof contentType === 'string' && contentType.length <= longest && whole.test(contentType)
    ? contentType
    : unknown;
}

/** What is kept of the header as `Binary.contentType`; undefined when content of this type is not taken. */
export function keptOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length > longest || !whole.test(header)) return undefined;
  const [type = '', ...parameters] = partsOf(header);
  const name = type.toLowerCase();
  if (notTaken.has(name)) return undefined;
  return [name, ...parameters.filter((one) => kept.test(one))].join('; ');
}

interface Range {
  type: string;
  /** [RFC 9110 12.4.2] from 0, never, to 1. */
  weight: number;
  /** True when FHIR JSON is an answer to it. */
  json: boolean;
}

function rangesOf(accept: string): Range[] {
  return accept.split(',').map((one) => {
    const [type = '', ...parameters] = partsOf(one.toLowerCase());
    const said = parameters.find((each) => each.startsWith('q='));
    const weight = said === undefined ? 1 : Number(said.slice(2));
    return { type, weight: weight >= 0 && weight <= 1 ? weight : 0, json: isSpoken(one) };
  });
}

/** True when the request may want the content itself: its Accept names something that is no form of FHIR. */
export function mayWantContent(req: FastifyRequest): boolean {
  const { accept } = req.headers;
  if (!accept || (req.query as { _format?: unknown } | undefined)?._format !== undefined)
    return false;
  return rangesOf(accept).some(
    ({ type, json }) => !json && essence.test(type) && !fhirXml.has(type),
  );
}

/** Which of the two forms of a Binary an Accept prefers; JSON where it does not care, undefined for neither. */
export function preferredForm(accept: string, contentType: string): 'content' | 'json' | undefined {
  const ranges = rangesOf(accept);
  const type = partsOf(contentType.toLowerCase())[0]!;
  // [RFC 9110 12.5.1] the most specific range decides; `*/*` and `application/*` are answered in JSON.
  const named = (wanted: string) => ranges.find((one) => !one.json && one.type === wanted)?.weight;
  const content = fhirXml.has(type)
    ? 0
    : (named(type) ?? named(`${type.slice(0, type.indexOf('/'))}/*`) ?? 0);
  const json = Math.max(0, ...ranges.filter((one) => one.json).map((one) => one.weight));
  if (content > json) return 'content';
  return json > 0 ? 'json' : undefined;
}
