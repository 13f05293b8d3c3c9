/** What `_sort` asks for, and who can do it: the index, the directory, or the page itself over few matches. */
import type { SearchQuery, SortKey } from '@afar/fhir';
import { demographic, directoryTypes } from '../directory/entry.ts';
import { partsOf, soundOf } from '../directory/parts.ts';
import { clinicalDateParam } from '../write/clinical-date.ts';
import type { Key, Order } from './order.ts';

export interface DirectorySort {
  param: string;
  descending: boolean;
  /** What its values are in an entry. Default: text. */
  kind?: 'date' | 'token';
}

export type Sorting =
  | { kind: 'natural' }
  | { kind: 'order'; order: Order }
  | { kind: 'directory'; keys: DirectorySort[] }
  /** No index knows the order: all matches are read and put in order, if they are few. */
  | { kind: 'memory'; keys: SortKey[] };

/** [FHIR R4 search.html#sort] Several keys, the first that differs decides; ids break ties. */
export function sortingOf({ type, sort }: SearchQuery): Sorting {
  // Nothing is equal in its id: what is asked after it decides nothing.
  const unique = sort.findIndex((key) => key.param === '_id');
  const all = unique < 0 ? sort : sort.slice(0, unique + 1);
  const [first] = all;
  if (!first) return { kind: 'natural' };
  const tie = all.length > 1 && unique >= 0 ? all.at(-1) : undefined;
  const keys = tie ? all.slice(0, -1) : all;
  const indexed = byIndex(type, keys);
  if (indexed && (!tie || tie.descending === tieOf(indexed))) {
    return { kind: 'order', order: indexed };
  }
  const listed = keys.map((key) => inDirectory(type, key));
  if (listed.every((key) => key !== undefined) && !tie?.descending) {
    return { kind: 'directory', keys: listed };
  }
  return { kind: 'memory', keys: all };
}

function byIndex(type: string, keys: readonly SortKey[]): Order | undefined {
  const found = keys.map((key) => inIndex(type, key));
  if (!found.every((key) => key !== undefined)) return undefined;
  const [first, ...further] = found;
  return further.length > 0 ? { ...first!, further } : first!;
}

/** Whether ids that break ties come in descending order. */
function tieOf({ by, descending, further }: Order): boolean {
  return !further && by !== 'period' && descending;
}

function inIndex(type: string, { param, type: kind, descending }: SortKey): Key | undefined {
  if (param === '_id') return { by: 'rid', descending };
  if (param === '_lastUpdated') return { by: 'updated', descending };
  if (kind !== 'date') return undefined;
  if (param === clinicalDateParam(type)) return { by: 'at', descending };
  // Dates of people are in the directory only; other dates have their rows in records.period.
  return directoryTypes.has(type) ? undefined : { by: 'period', param, descending };
}

function inDirectory(
  type: string,
  { param, type: kind, descending }: SortKey,
): DirectorySort | undefined {
  if (!directoryTypes.has(type) || param in soundOf) return undefined;
  if (kind === 'date' && !param.startsWith('_')) return { param, descending, kind: 'date' };
  // A whole is held as its parts; only a name is put together again.
  if (kind === 'string')
    return param === 'name' || !(param in partsOf) ? { param, descending } : undefined;
  const held = kind === 'token' && demographic.has(param) && !contact.has(param);
  return held ? { param, descending, kind: 'token' } : undefined;
}

/** Held without their punctuation: no order a person would know. */
const contact: ReadonlySet<string> = new Set(['phone', 'email', 'telecom']);

/** How one key of a type is sorted by, for the documentation. */
export function sortOf(type: string, key: SortKey): Sorting['kind'] | undefined {
  return ['composite', 'special'].includes(key.type)
    ? undefined
    : sortingOf({ type, sort: [key] } as SearchQuery).kind;
}
