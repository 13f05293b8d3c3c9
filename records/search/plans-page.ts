/** docs/search-parameters.md, made from the plans. Run this file to write it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SearchParam } from '@afar/fhir';
import { resourceClass, resourceTypes, searchParams } from '@afar/fhir';
import { clinicalDateParam } from '../write/clinical-date.ts';
import { unique } from '../tokens.ts';
import { planOf } from './compile.ts';
import { ownerParams } from './owner-params.ts';
import { sortOf } from './sorting.ts';
import type { PlanKind } from './types.ts';

type Shown = PlanKind | 'clinic';

const meaning: Record<Shown, string> = {
  id: 'the id itself',
  exact:
    'a token of the blind index: under the key of the chart when a patient owns the resource, else under the clinic’s. Asked without a patient: each chart of the caller’s panel; above 1,000 charts a bounded scan',
  clinic: 'a token under the clinic’s key: one probe, whoever owns the resource',
  directory:
    'the directory in memory: prefix, `:exact`, `:contains`, ranges, phonetic; sorts by `name`, `family`, `given`, `birthdate`',
  edge: 'an edge between random ids; chains, `_has`, `_include` and `_revinclude` follow it. An absolute or canonical address is a token under the clinic’s key',
  date: 'the interval of the date, in the clear',
  verify:
    'no index of its own: the other parameters (or the order of dates) lead to candidates, each decrypted body decides; 2,000 bodies a page at most, a short page has a `next`',
};

function shownPlan(type: string, param: SearchParam): Shown {
  const plan = planOf(type, { param: param.code, type: param.type });
  return plan === 'exact' && unique.has(param.code) ? 'clinic' : plan;
}

/** Columns as wide as their widest cell, as Prettier writes them. */
function table(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, at) => Math.max(3, ...rows.map((row) => row[at]!.length)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`;
  const [head, ...body] = rows;
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}

function rowsOf(type: string): string[][] {
  const owners = ownerParams(type);
  return [...searchParams(type).values()]
    .filter(({ code }) => !code.startsWith('_'))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map((param) => {
      const notes: string[] = [];
      if (owners.has(param.code)) notes.push('names the chart');
      if (clinicalDateParam(type) === param.code) notes.push('the order of lists');
      const sorts = sortOf(type, { param: param.code, type: param.type, descending: false });
      if (sorts && sorts !== 'memory') notes.push('sorts');
      return [param.code, param.type, shownPlan(type, param), notes.join(', ')];
    });
}

/** The page's text. */
export function searchParametersPage(): string {
  const lines = [
    '# Search parameters',
    '',
    'Made from the code by `node records/search/plans-page.ts`; a test fails when the two differ.',
    '',
    'Whatever the plan, the decrypted body has the last word on every match, and the policy is inside every query.',
    '',
    ...Object.entries(meaning).map(([plan, text]) => `- **${plan}**: ${text}`),
    '',
    'On every type: `_id` (id), `_lastUpdated` (date, indexed), `_security`, `_source` (exact), `_profile`, `_tag`, `_text`,',
    '`_content` (verify), `_list` (the ids a List names), `_has`, `_filter`; `_count`, `_sort`, `_total`, `_elements`, `_summary`,',
    '`_include` and `_revinclude` (`*`, a target type, `:iterate` over three hops, 1,000 resources at most). `_contained` only as',
    '`false`; `_query` is refused.',
    '',
    '## Modifiers',
    '',
    ...table([
      ['modifier', 'of', 'how'],
      [
        '`:missing`',
        'all but `_text`, `_content`, `_list`',
        'verify; in the directory for its parameters',
      ],
      ['`:exact`, `:contains`', 'string', 'directory, else verify'],
      ['`:not`, `:text`', 'token', 'verify'],
      ['`:of-type`', 'token', 'a token of the value for `identifier`, then the body'],
      [
        '`:in`, `:not-in`',
        'token',
        'up to 1,000 codes of the value set each like a code asked for; of a larger one each body’s codes are asked about',
      ],
      [
        '`:below`, `:above`',
        'token',
        'the code’s relatives by its code system, each like a code asked for',
      ],
      ['`:below`, `:above`', 'uri', 'verify: whole steps of the path'],
      [
        '`:below`, `:above`',
        'canonical reference',
        'a token of the address, then its version: `2` is above `2.1`',
      ],
      [
        '`:below`, `:above`',
        'reference',
        'where the target is part of others of its type (`partof`, `part-of`): edges, 1,000 parts, 12 levels',
      ],
      ['`:identifier`, `:[type]`', 'reference', 'a token under the clinic’s key; an edge'],
    ]),
    '',
    'Without a terminology service the four that need codes are refused, as is every modifier a parameter does not take.',
    'An unknown parameter is refused under `Prefer: handling=strict`, else said in an OperationOutcome entry.',
    '',
    '## Chains',
    '',
    'Eight links deep, sixteen in one search, each with the policy of its own. A hop that finds up to 1,000 resources leads to',
    'the rows by their ids (patients by their keys); of more, each batch of rows asks about what it points at. All hops together',
    'look at 20,000 resources at most, then the search is refused.',
    '',
    '## Order and totals',
    '',
    '`_sort` takes several keys, missing last, ids break ties. Parameters marked _sorts_, `_lastUpdated` and `_id` have an index',
    'for their order. Any other is sorted over at most 1,000 matches; of more it is refused. Several types at once are sorted by',
    '`_lastUpdated` only. `_total=accurate` is counted by the index, or over at most 1,000 matches; `estimate` by the index.',
    '',
    '## Quantities',
    '',
    'With UCUM’s system, units that measure the same thing are converted: `61|http://unitsofmeasure.org|kg` is [60.5 kg, 61.5 kg),',
    'whatever the unit of the value. No index holds quantities: the conversion is made on the decrypted body, so that a create',
    'pays nothing for it.',
    '',
    '## `_filter`',
    '',
    'All operators of the standard, `and` and `or` read from left to right, strings without regard to case. `ne` is the contrary',
    'of `eq`. Conditions in brackets are refused.',
    '',
  ];
  for (const type of resourceTypes) {
    const rows = rowsOf(type);
    if (rows.length === 0) continue;
    lines.push(`## ${type}`, '', `Class: ${resourceClass[type]}.`, '');
    lines.push(...table([['parameter', 'type', 'plan', ''], ...rows]), '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

export const pagePath = join(import.meta.dirname, '..', '..', 'docs', 'search-parameters.md');

if (import.meta.main) writeFileSync(pagePath, searchParametersPage());
