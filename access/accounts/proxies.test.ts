/** Whom an account acts for: while the link lives, in the right name, and for nobody else. */
import type { Observation } from '@afar/fhir';
import { describe, expect, it } from 'vitest';
import { callerFor } from '../caller.ts';
import { mayWrite } from '../may-write.ts';
import { actsFor, reachOf } from './proxies.ts';

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [self, child, related, stranger] = [1, 2, 3, 4].map(id) as [string, string, string, string];
const fhirUser = { type: 'Patient', id: self } as const;
const personal = { email: '', name: '', locale: 'en', password: '' };

it('names the RelatedPerson among her principals until the link ends', () => {
  const account = {
    id: id(9),
    role: 'patient' as const,
    fhirUser,
    personal: { ...personal, proxies: [{ related, patient: child, ends: 100 }] },
  };
  expect(reachOf(account, 99).principals).toEqual([self, id(9), related]);
  expect(reachOf(account, 100)).toEqual({ principals: [self, id(9)], proxies: [] });
  expect(reachOf({ ...account, personal }, 99)).toEqual({ principals: [self, id(9)] });
});

describe('a mother', () => {
  const mother = callerFor('patient', { fhirUser, proxies: [{ related, patient: child }] });
  const seen = (patient: string, performer?: string): Observation => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'temperature' },
    subject: { reference: `Patient/${patient}` },
    ...(performer && { performer: [{ reference: performer }] }),
  });

  it('speaks as herself, or as what she is to the child', () => {
    expect(actsFor(mother, self)).toEqual(fhirUser);
    expect(actsFor(mother, child)).toEqual({ type: 'RelatedPerson', id: related });
    expect(actsFor(mother, stranger)).toBeUndefined();
  });

  it('writes in both records and no third one, in no other name', () => {
    for (const one of [
      seen(self),
      seen(child),
      seen(child, `RelatedPerson/${related}`),
      seen(child, `Patient/${self}`),
    ])
      expect(mayWrite(mother, undefined, one)).toBeUndefined();
    for (const one of [
      seen(stranger),
      seen(child, `RelatedPerson/${stranger}`),
      seen(child, `Patient/${child}`),
    ])
      expect(mayWrite(mother, undefined, one)).toMatchObject({ code: 'forbidden' });
  });
});
