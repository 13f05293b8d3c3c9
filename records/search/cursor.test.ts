/** The cursor: of use to its caller alone, and silent to everyone else. */
import { expect, it } from 'vitest';
import { callerFor } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { freshKey } from '@afar/platform/testing';
import { openCursor, sealCursor } from './cursor.ts';

const key = freshKey('11111111-1111-4111-8111-111111111111', Buffer.alloc(32, 1));
const doctor = callerFor('practitioner');
const cursor = { p: [['name', 'Casares']] as [string, string][], k: 'casares jose', r: 'rid' };

it('comes back as it was', () => {
  const text = sealCursor(cursor, 'Patient', doctor, key);
  expect(openCursor(text, 'Patient', doctor, key)).toEqual(cursor);
  expect(Buffer.from(text, 'base64url').toString('latin1')).not.toMatch(/casares/i);
});

it('is refused to another caller, for another type, and when altered', () => {
  const text = sealCursor(cursor, 'Patient', doctor, key);
  expect(() => openCursor(text, 'Patient', callerFor('practitioner'), key)).toThrow(Refusal);
  expect(() => openCursor(text, 'Person', doctor, key)).toThrow(Refusal);
  const altered = text.slice(0, -2) + (text.endsWith('AA') ? 'BB' : 'AA');
  expect(() => openCursor(altered, 'Patient', doctor, key)).toThrow(Refusal);
  expect(() => openCursor('nonsense', 'Patient', doctor, key)).toThrow(Refusal);
});
