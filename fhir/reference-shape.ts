/** What a literal reference looks like [FHIR R4 references.html#literal], taken apart without its version. */
import { isResourceType } from './resource-class.ts';

export interface Literal {
  /** Set for `Type/id`, and for an absolute address that ends so. */
  type?: string;
  id?: string;
  version?: string;
  /** Everything before `Type/id`, `''` when relative. */
  base?: string;
  /** `Practitioner?identifier=...`: resolved inside a transaction [FHIR R4 http.html#trules]. */
  conditional?: boolean;
  /** `#id` */
  local?: string;
}

const literal =
  /^(?:([a-z][a-z0-9+.-]*:\/\/[^?#]*\/))?([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;
const conditional = /^([A-Z][A-Za-z]+)\?\S+$/;

/** Takes a reference apart; an empty object for an address of another kind (urn:, https://host/page). */
export function parseReference(reference: string): Literal {
  if (reference.startsWith('#')) return { local: reference.slice(1) };
  const found = literal.exec(reference);
  if (found && isResourceType(found[2]!)) {
    return {
      base: found[1] ?? '',
      type: found[2]!,
      id: found[3]!,
      ...(found[4] ? { version: found[4] } : {}),
    };
  }
  const query = conditional.exec(reference);
  return query && isResourceType(query[1]!) ? { type: query[1]!, conditional: true } : {};
}

const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;
const uuid = /^urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/** What is wrong with a reference that does not start with `#`; undefined when nothing is. */
export function referenceFault(
  reference: string,
  declared: string | undefined,
  targets: string[] | undefined,
): string | undefined {
  const { type, base } = parseReference(reference);
  if (type === undefined) {
    if (reference.startsWith('urn:uuid:') && !uuid.test(reference)) return 'Expected a UUID';
    return absolute.test(reference) ? undefined : 'Expected Type/id, an absolute URI, or #id';
  }
  if (declared !== undefined && declared !== type)
    return 'It leads to another type than Reference.type';
  // Other servers' addresses may merely look like ours.
  if (targets && !base && !targets.includes(type))
    return `It may lead to ${targets.join(', ')} only`;
  return undefined;
}
