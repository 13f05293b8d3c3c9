/** docs/search-parameters.md, made from the plans. Run this file to write it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SearchParam } from '@afar/fhir';
import { resourceClass, resourceTypes, searchParams } from '@afar/fhir';
import { clinicalDateParam } from '../write/clinical-date.ts';
import { unique } from '../tokens.ts';
import { bySortKey } from './choose.ts';
import { planOf } from './compile.ts';
import { ownerParams } from './owner-params.ts';
import type { PlanKind } from './types.ts';

type Shown = PlanKind | 'clinic' | 'none';

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
  none: 'not supported',
};

function shownPlan(type: string, param: SearchParam): Shown {
  if (param.type === 'special') return 'none';
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
      const sorts = bySortKey(type, { param: param.code, type: param.type, descending: false });
      if (sorts) notes.push('sorts');
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
    'On every type: `_id` (id), `_lastUpdated` (date), `_profile`, `_tag` (verify), `_security`, `_source` (exact);',
    '`_count`, `_sort`, `_total`, `_include`, `_revinclude` (with `:iterate`, three hops), `_has`, chains of four links,',
    '`_elements`, `_summary` (`count`, `text`, `data`). `:missing`, `:not` and `:text` are verified on the body, and so',
    'are `system|` without a code and composites. `:in`, `:not-in`, and `:above` and `:below` of codes are refused.',
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
