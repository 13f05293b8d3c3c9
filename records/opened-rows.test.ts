/** What is remembered is only ever what opening would give. */
import { randomBytes, randomUUID } from 'node:crypto';
import { open, seal, type DataKey } from '@afar/platform';
import { freshKey } from '@afar/platform/testing';
import { describe, expect, it } from 'vitest';
import { OpenedRows } from './opened-rows.ts';

const newKey = (): DataKey => freshKey(randomUUID(), randomBytes(32));
const facts = Buffer.from('resource 1 Patient a 1');

function kept(now?: () => number): { rows: OpenedRows; key: DataKey; sealed: Buffer } {
  const rows = new OpenedRows(now);
  const key = newKey();
  const sealed = seal('{"resourceType":"Patient"}', key, facts);
  rows.keep(key, sealed, facts, open(sealed, key, facts));
  return { rows, key, sealed };
}

describe('an opened row', () => {
  it('is found again by the same key, bytes and place', () => {
    const { rows, key, sealed } = kept();
    expect(rows.find(key, Buffer.from(sealed), Buffer.from(facts))?.toString()).toBe(
      '{"resourceType":"Patient"}',
    );
  });

  it('is not found when any byte of the row has changed', () => {
    const { rows, key, sealed } = kept();
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed);
      changed[i]! ^= 1;
      expect(rows.find(key, changed, facts)).toBeUndefined();
    }
  });

  it('is not found in another place, or under another key of the same id', () => {
    const { rows, key, sealed } = kept();
    expect(rows.find(key, sealed, Buffer.from('resource 1 Patient a 2'))).toBeUndefined();
    expect(rows.find({ ...key }, sealed, facts)).toBeUndefined();
  });

  it('is forgotten after a minute, and leaves memory when the next is kept', () => {
    let now = 0;
    const { rows, key, sealed } = kept(() => now);
    const one = rows.bytes;
    now = 60_001;
    expect(rows.find(key, sealed, facts)).toBeUndefined();
    const next = seal('{}', key, facts);
    rows.keep(key, next, facts, Buffer.from('{}'));
    expect(rows.bytes).toBeLessThan(one);
  });
});

describe('memory', () => {
  it('stays below 16 MB, and one large document is not kept', () => {
    const rows = new OpenedRows();
    const key = newKey();
    const keep = (size: number): Buffer => {
      const sealed = Buffer.concat([randomBytes(128), Buffer.alloc(size)]);
      rows.keep(key, sealed, facts, Buffer.alloc(size));
      return sealed;
    };
    expect(rows.find(key, keep(1024 * 1024), facts)).toBeUndefined();
    const first = keep(10_000);
    expect(rows.find(key, first, facts)).toBeDefined();
    for (let i = 0; i < 2000; i++) keep(10_000);
    expect(rows.find(key, first, facts)).toBeUndefined();
    expect(rows.bytes).toBeLessThanOrEqual(16 * 1024 * 1024);
  });
});
