/** `_typeFilter`: which of some resources a search would have found, asked of the search itself. */
import type { Caller } from '@afar/access';
import { isResourceType, Refusal } from '@afar/fhir';
import type { Records, Stored } from '@afar/records';

/** What shapes a page of results has no meaning in a file [Bulk Data Access 2.0, _typeFilter]. */
const shaping =
  /^_(?:sort|count|include|revinclude|total|summary|elements|cursor|format|pretty|contained|containedType|score)(?::|$)/;

/** Filters of one request: each is a search of its own for every page of its type. */
const mostFilters = 20;
/** Ids in one question; the search takes 200 values. */
const atATime = 100;

/** @throws Refusal `invalid` */
export function parseTypeFilters(texts: readonly string[]): Record<string, [string, string][][]> {
  const filters: Record<string, [string, string][][]> = {};
  const all = texts.flatMap(split);
  if (all.length > mostFilters) throw new Refusal('too-costly', { diagnostics: '_typeFilter' });
  for (const text of all) {
    const mark = text.indexOf('?');
    const type = mark < 0 ? text : text.slice(0, mark);
    if (mark < 0 || !isResourceType(type)) throw wrong('Type?query is expected');
    const params = [...new URLSearchParams(text.slice(mark + 1))];
    if (params.length === 0) throw wrong('a query is expected');
    const shapes = params.find(([name]) => shaping.test(name));
    if (shapes) throw wrong('only criteria are taken');
    (filters[type] ??= []).push(params);
  }
  return filters;
}

/** Older clients join several with commas [Bulk Data Access 1.0]: a comma before `Type?` parts them. */
function split(text: string): string[] {
  return text.split(/,(?=[A-Z][A-Za-z]{1,40}\?)/);
}

const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * Asks each filter for nothing, strictly, so that what a search would refuse is refused at the kickoff.
 * @throws Refusal of the search
 */
export async function requireFilters(
  records: Records,
  caller: Caller,
  filters: Record<string, [string, string][][]>,
): Promise<void> {
  for (const [type, queries] of Object.entries(filters))
    for (const params of queries)
      await records.search(caller, type, [['_id', nobody], ...params], { strict: true });
}

/** Those of a page that fit any of the queries, in their order. */
export async function filtered(
  records: Records,
  caller: Caller,
  type: string,
  queries: readonly [string, string][][] | undefined,
  docs: readonly Stored[],
): Promise<Stored[]> {
  if (!queries) return [...docs];
  const fits = new Set<string>();
  for (let from = 0; from < docs.length; from += atATime) {
    const ids = docs.slice(from, from + atATime).map((doc) => doc.id);
    for (const params of queries) {
      const asked: [string, string][] = [
        ['_id', ids.join()],
        ...params,
        ['_count', String(atATime)],
      ];
      const { entry = [] } = await records.search(caller, type, asked);
      for (const { search, resource } of entry)
        if (search?.mode === 'match' && resource?.id) fits.add(resource.id);
    }
  }
  return docs.filter((doc) => fits.has(doc.id));
}

function wrong(what: string): Refusal {
  return new Refusal('invalid', {
    diagnostics: `_typeFilter: ${what}`,
    expression: ['_typeFilter'],
  });
}
