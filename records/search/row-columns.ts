/** Rows of a gathered statement as lists of columns: what the question says itself does not travel back with each row. */
import type { Row } from '../vault.ts';

/** `n`, the place of the question the row answers, and the columns of `rowSelected`. */
export type RowColumns = [
  n: number,
  rid: string,
  version: number,
  updated: number,
  verb: Row['verb'],
  at: number,
  until: number,
  owner: string | null,
  compartmentHash: Buffer,
  labels: Row['labels'],
  body: Buffer,
];

const names = [
  'rid',
  'version',
  'updated',
  'verb',
  'at',
  'until',
  'owner',
  'compartment_hash',
  'labels',
  'body',
];

export function rowSelected(alias: string): string {
  return names.map((name) => `${alias}.${name}`).join(', ');
}

/** A row that was asked for by its type, and not deleted. Were it another, its seal would not open. */
export function rowOf(type: string, columns: readonly [...RowColumns, ...unknown[]]): Row {
  return {
    type,
    rid: columns[1],
    version: columns[2],
    updated: columns[3],
    verb: columns[4],
    deleted: false,
    at: columns[5],
    until: columns[6],
    owner: columns[7],
    compartment_hash: columns[8],
    labels: columns[9],
    body: columns[10],
  };
}
