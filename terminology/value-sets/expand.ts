/** A value set counted out: a page of it, with what the caller wants to know of each code. */
import type { Coding, ValueSetExpansionContains } from '@afar/fhir';
import type { Concept, Designation, Wanted } from '../model.ts';
import { tooCostly } from '../refusals.ts';
import { textOf, valuesOf } from '../memory/choose.ts';
import { designationsOf, displayIn } from './display.ts';
import type { Part, Selection } from './selection.ts';

export interface ExpandOptions {
  readonly filter?: string;
  readonly offset: number;
  /** Undefined: all of it. */
  readonly count?: number;
  readonly activeOnly: boolean;
  /** Leaves out what is not to be chosen by a user. */
  readonly usableOnly: boolean;
  /** True: one level. */
  readonly flat: boolean;
  readonly includeDesignations: boolean;
  /** Uses or languages, `system|code` or `code`; empty: all. */
  readonly designations: readonly string[];
  readonly languages: readonly string[];
  readonly properties: readonly string[];
}

export interface Expansion {
  readonly contains: ValueSetExpansionContains[];
  /** Undefined when counting on would cost too much. */
  readonly total?: number;
}

/** Codes of one answer; more is asked for page by page. */
export const mostCodes = 10_000;

/** Counted no further: a count walks every match, 20,000 of them in about 10 ms. */
const mostCounted = 20_000;

/** Codes that are put under one another. */
const mostNested = 2_000;

/** @throws Refusal `too-costly` (422) when all of it was asked for and that is too much; `not-found` */
export async function expand(selection: Selection, options: ExpandOptions): Promise<Expansion> {
  const { offset, count, filter, activeOnly, usableOnly } = options;
  // One more than may be told says that there are too many.
  const limit = count === undefined ? mostCodes + 1 : Math.min(count, mostCodes);
  let total = 0;
  let exact = true;
  const contains: ValueSetExpansionContains[] = [];
  for (const part of selection.parts) {
    const { source, rule } = part;
    const text = filter?.trim();
    const wanted: Wanted = { rule, activeOnly, usableOnly, ...(text && { text }) };
    const from = Math.max(0, offset - total);
    const missing = limit - contains.length;
    const page = missing > 0 ? await source.page(wanted, from, missing) : [];
    for (const concept of page) contains.push(contained(part, concept, options));
    if (count === undefined && contains.length > mostCodes)
      throw tooCostly(`the value set has more than ${mostCodes} codes`);
    // A page that is not full has counted by itself.
    const ended = page.length < missing && (page.length > 0 || from === 0);
    const counted = ended
      ? { count: from + page.length, exact: true }
      : await source.count(wanted, mostCounted);
    total += counted.count;
    exact &&= counted.exact;
  }
  const whole = count === undefined && offset === 0 && !filter && contains.length <= mostNested;
  const [only] = selection.parts;
  const nested =
    !options.flat && whole && selection.parts.length === 1 && only!.source.hierarchical
      ? await nest(only!, contains)
      : contains;
  return { contains: nested, ...(exact && { total }) };
}

function contained(
  part: Part,
  concept: Concept,
  options: ExpandOptions,
): ValueSetExpansionContains {
  const { source } = part;
  const label = part.labels.get(concept.code);
  const properties = options.properties.flatMap((name) =>
    valuesOf(concept, name).map((value) => ({
      // [FHIR R5 valueset-definitions.html#ValueSet.expansion.contains.property] in R4 as an extension.
      url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property',
      extension: [
        { url: 'code', valueCode: name },
        typeof value === 'string'
          ? { url: 'value', valueString: textOf(value) }
          : { url: 'value', valueCoding: value },
      ],
    })),
  );
  const designation = options.includeDesignations
    ? designationsOf(concept, label).filter((one) => isAsked(one, options.designations))
    : [];
  return {
    ...(properties.length > 0 && { extension: properties }),
    system: source.url,
    ...(concept.abstract && { abstract: true }),
    ...(concept.inactive && { inactive: true }),
    ...(source.version !== undefined && { version: source.version }),
    code: concept.code,
    display: displayIn(concept, label, options.languages, source.language),
    ...(designation.length > 0 && { designation: [...designation] }),
  };
}

function isAsked({ language, use }: Designation, asked: readonly string[]): boolean {
  if (asked.length === 0) return true;
  return asked.some((one) => {
    const [system, code] = one.split('|');
    if (code === undefined) return one === language || one === use?.code;
    return system === 'urn:ietf:bcp:47' ? code === language : matches(use, system!, code);
  });
}

const matches = (use: Coding | undefined, system: string, code: string): boolean =>
  use?.system === system && use.code === code;

/** Under each code those of its children that are in it too; a code of several parents stands under the first. */
async function nest(
  { source }: Part,
  flat: readonly ValueSetExpansionContains[],
): Promise<ValueSetExpansionContains[]> {
  const byCode = new Map(flat.map((one) => [one.code!, { ...one }]));
  const parentOf = new Map<string, string>();
  for (const { code } of flat) {
    const around = await source.around(code!);
    const parent = around?.parents.find((one) => byCode.has(one.code))?.code;
    if (parent !== undefined && !leadsTo(parent, code!, parentOf)) parentOf.set(code!, parent);
  }
  const roots: ValueSetExpansionContains[] = [];
  for (const [code, one] of byCode) {
    const parent = parentOf.get(code);
    if (parent === undefined) roots.push(one);
    else (byCode.get(parent)!.contains ??= []).push(one);
  }
  return roots;
}

function leadsTo(from: string, code: string, parentOf: ReadonlyMap<string, string>): boolean {
  for (let at: string | undefined = from; at !== undefined; at = parentOf.get(at))
    if (at === code) return true;
  return false;
}
