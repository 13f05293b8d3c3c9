/** What is remembered is only ever what opening would give. */
import { randomBytes, randomUUID } from 'node:crypto';
import { seal, type DataKey } from '@afar/platform';
import { freshKey } from '@afar/platform/testing';
import { describe, expect, it } from 'vitest';
import { OpenedRows } from './opened-rows.ts';
import type { Row } from './vault.ts';

const newKey = () => freshKey(randomUUID(), randomBytes(32));

const rowWith = (body: Buffer): Row => ({
  type: 'Patient',
  rid: randomUUID(),
  version: 1,
  updated: 5,
  verb: 'POST',
  deleted: false,
  at: 3,
  until: 4,
  owner: randomUUID(),
  compartment_hash: Buffer.from([1, 2]),
  labels: [7, '9223372036854775807'],
  body,
});

const text = '{"resourceType":"Patient"}';

function kept(now?: () => number): { rows: OpenedRows; key: DataKey; row: Row } {
  const rows = new OpenedRows(now);
  const key = newKey();
  const row = rowWith(seal(text, key, Buffer.from('place')));
  rows.keep(1, key, row, Buffer.from(text));
  return { rows, key, row };
}

describe('an opened row', () => {
  it('is found again by the same key, bytes and place', () => {
    const { rows, key, row } = kept();
    const again = { ...row, body: Buffer.from(row.body), labels: [...row.labels] };
    expect(rows.find(1, key, again)?.toString()).toBe(text);
  });

  it('is not found when any byte of the body has changed', () => {
    const { rows, key, row } = kept();
    for (let i = 0; i < row.body.length; i++) {
      const body = Buffer.from(row.body);
      body[i]! ^= 1;
      expect(rows.find(1, key, { ...row, body })).toBeUndefined();
    }
  });

  it('is not found when any column that its seal vouches for has changed', () => {
    const { rows, key, row } = kept();
    const edited: Record<keyof Row, unknown> = {
      type: 'Person',
      rid: randomUUID(),
      version: 2,
      updated: 6,
      verb: 'PUT',
      deleted: true,
      at: 4,
      until: 5,
      owner: null,
      compartment_hash: Buffer.alloc(0),
      labels: [7],
      body: Buffer.alloc(row.body.length),
    };
    // A column that is added one day and forgotten here does not type-check.
    const unseen = Object.entries(edited).filter(([column, value]) =>
      rows.find(1, key, { ...row, [column]: value } as Row),
    );
    expect(unseen).toEqual([]);
    expect(rows.find(1, key, { ...row, labels: [8, row.labels[1]!] })).toBeUndefined();
  });

  it('is not found for another clinic, or under another key of the same id', () => {
    const { rows, key, row } = kept();
    expect(rows.find(2, key, row)).toBeUndefined();
    expect(rows.find(1, { ...key }, row)).toBeUndefined();
  });

  it('is forgotten after a minute, and leaves memory when the next is kept', () => {
    let now = 0;
    const { rows, key, row } = kept(() => now);
    const one = rows.bytes;
    now = 60_001;
    expect(rows.find(1, key, row)).toBeUndefined();
    rows.keep(1, key, rowWith(seal('{}', key, Buffer.from('place'))), Buffer.from('{}'));
    expect(rows.bytes).toBeLessThan(one);
  });

  it('is kept once, in its version opened last', () => {
    const { rows, key, row } = kept();
    const one = rows.bytes;
    const next = { ...row, version: 2 };
    rows.keep(1, key, next, Buffer.from(text));
    expect(rows.bytes).toBe(one);
    expect([rows.find(1, key, row), rows.find(1, key, next)?.toString()]).toEqual([
      undefined,
      text,
    ]);
  });
});

describe('memory', () => {
  it('stays below 16 MB, and one large document is not kept', () => {
    const rows = new OpenedRows();
    const key = newKey();
    const keep = (size: number): Row => {
      const row = rowWith(randomBytes(size));
      rows.keep(1, key, row, Buffer.alloc(size));
      return row;
    };
    expect(rows.find(1, key, keep(1024 * 1024))).toBeUndefined();
    const first = keep(10_000);
    expect(rows.find(1, key, first)).toBeDefined();
    for (let i = 0; i < 2000; i++) keep(10_000);
    expect(rows.find(1, key, first)).toBeUndefined();
    expect(rows.bytes).toBeLessThanOrEqual(16 * 1024 * 1024);
  });
});
