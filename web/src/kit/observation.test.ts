/** Results as people read them. */
import type { Observation } from '@medplum/fhirtypes';
import { expect, it } from 'vitest';
import { resultValue } from './observation.ts';

const base: Observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };

it("writes quantities in the reader's way", () => {
  const item = { ...base, valueQuantity: { value: 5.6789, unit: '%' } };
  expect(resultValue(item, 'en')).toBe('5.68 %');
  expect(resultValue(item, 'es')).toBe('5,68 %');
});

it('puts systolic before diastolic whatever the order', () => {
  const part = (code: string, value: number) => ({
    code: { coding: [{ code }] },
    valueQuantity: { value, unit: 'mm[Hg]' },
  });
  const pressure = { ...base, component: [part('8462-4', 83.6), part('8480-6', 131.2)] };
  expect(resultValue(pressure, 'en')).toBe('131 / 84 mmHg');
});

it('names concepts, and says nothing where nothing is', () => {
  expect(resultValue({ ...base, valueCodeableConcept: { text: 'Never smoker' } }, 'en')).toBe(
    'Never smoker',
  );
  expect(resultValue(base, 'en')).toBe('');
});
