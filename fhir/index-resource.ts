/** Everything searchable in one resource: runs all of its type's search parameters. */
import type { Resource } from '@medplum/fhirtypes';
import type { Indexed } from './indexed.ts';
import { dateOf } from './index-dates.ts';
import { numberOf, quantityOf } from './index-quantities.ts';
import { parseReference } from './reference-shape.ts';
import type { Found } from './path-program.ts';
import { searchParams } from './search-params.ts';
import type { SearchType } from './search-query.ts';
import { tokensOf } from './index-tokens.ts';

type Json = Record<string, unknown>;
type Emit = (param: string, found: Found, out: Indexed) => void;

const nameParts = ['text', 'family', 'given', 'prefix', 'suffix'];
const addressParts = ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'];

const emitters: Record<string, Emit> = {
  token(param, found, out) {
    for (const token of tokensOf(found)) out.tokens.push({ param, ...token });
  },
  reference: emitReference,
  date(param, found, out) {
    const interval = dateOf(found);
    if (interval) out.dates.push({ param, start: interval.start, end: interval.end });
  },
  string: emitString,
  number(param, found, out) {
    const range = numberOf(found);
    if (range) out.numbers.push({ param, ...range });
  },
  quantity(param, found, out) {
    const quantity = quantityOf(found);
    if (quantity) out.quantities.push({ param, ...quantity });
  },
  uri(param, { value }, out) {
    if (typeof value !== 'string') return;
    out.uris.push({ param, value });
    const bar = value.indexOf('|');
    if (bar > 0) out.uris.push({ param, value: value.slice(0, bar) });
  },
};

function emitString(param: string, { type, value }: Found, out: Indexed): void {
  if (typeof value === 'string') {
    out.strings.push({ param, value });
    return;
  }
  const parts = type === 'HumanName' ? nameParts : type === 'Address' ? addressParts : [];
  for (const part of parts) {
    const held = (value as Json)[part];
    for (const one of Array.isArray(held) ? (held as unknown[]) : [held])
      if (typeof one === 'string') out.strings.push({ param, value: one });
  }
}

function emitReference(param: string, { type, value }: Found, out: Indexed): void {
  if (typeof value === 'string') {
    // canonical and uri: the version after the bar is not part of the identity.
    const [url = '', version] = value.split('|');
    if (url && !value.startsWith('#'))
      out.references.push({ param, url, ...(version ? { version } : {}) });
    return;
  }
  const { reference, identifier, url, resourceType, id } = value as Record<string, unknown>;
  if (type === 'Resource' && typeof resourceType === 'string' && typeof id === 'string')
    out.references.push({ param, type: resourceType, id });
  if (type === 'Attachment' && typeof url === 'string') out.references.push({ param, url });
  const logical = (identifier ?? {}) as { system?: string; value?: string };
  const name =
    typeof logical.value === 'string'
      ? {
          identifier: {
            ...(logical.system ? { system: logical.system } : {}),
            value: logical.value,
          },
        }
      : undefined;
  if (typeof reference === 'string' && !reference.startsWith('#')) {
    const literal = parseReference(reference);
    const target =
      literal.type !== undefined && literal.id !== undefined
        ? literal.base === ''
          ? { type: literal.type, id: literal.id }
          : { url: `${literal.base}${literal.type}/${literal.id}` }
        : { url: reference };
    out.references.push({ param, ...target, ...name });
  } else if (name) out.references.push({ param, ...name });
}

/**
 * Everything searchable in a resource by the standard's own parameters (`_id`, `_tag`, `_lastUpdated` among them).
 * Composites are made of other parameters and are not listed; `near` is not indexed. Expects a valid resource.
 */
export function index(resource: Resource): Indexed {
  const out: Indexed = {
    tokens: [],
    references: [],
    dates: [],
    strings: [],
    numbers: [],
    quantities: [],
    uris: [],
  };
  for (const param of searchParams(resource.resourceType).values()) {
    const emit = emitters[param.type];
    if (emit) for (const found of param.find(resource)) emit(param.code, found, out);
  }
  return out;
}

/** The same for one parameter whose elements were found already: what a decrypted candidate is verified with. */
export function indexFound(param: string, type: SearchType, found: Found[]): Indexed {
  const out: Indexed = {
    tokens: [],
    references: [],
    dates: [],
    strings: [],
    numbers: [],
    quantities: [],
    uris: [],
  };
  for (const one of found) emitters[type]?.(param, one, out);
  return out;
}
