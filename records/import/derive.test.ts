/** Derived ids: stable, keyed, and apart for what is apart. */
import { createSecretKey } from 'node:crypto';
import { expect, it } from 'vitest';
import { derivedId, nameOf } from './derive.ts';

const key = createSecretKey(Buffer.alloc(32, 1));
const other = createSecretKey(Buffer.alloc(32, 2));

it('is a version 8 UUID, the same every time [RFC 9562 5.8]', () => {
  const id = derivedId(key, 'urn:uuid:1');
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(derivedId(key, 'urn:uuid:1')).toBe(id);
});

it('cannot be guessed from a record number without the key', () => {
  const name = 'https://clinic.example/Patient/MRN-1';
  expect(derivedId(key, name)).not.toBe(derivedId(other, name));
});

it('keeps local ids of two sources apart, and global ones together', () => {
  expect(nameOf('a', 'Patient/1')).not.toBe(nameOf('b', 'Patient/1'));
  expect(nameOf('a', 'urn:uuid:1')).toBe(nameOf('b', 'urn:uuid:1'));
});
