/** Trends: the usual order, one unit per chart, nothing invented. */
import type { Observation } from '@medplum/fhirtypes';
import { expect, it } from 'vitest';
import { trends } from './trends.ts';

const weight = (at: string, value: number, unit = 'kg'): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ code: '29463-7' }], text: 'Body weight' },
  effectiveDateTime: at,
  valueQuantity: { value, unit },
});

const pressure = (at: string, systolic: number, diastolic: number): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ code: '85354-9' }], text: 'Blood pressure' },
  effectiveDateTime: at,
  component: [
    { code: { text: 'Systolic' }, valueQuantity: { value: systolic, unit: 'mm[Hg]' } },
    { code: { text: 'Diastolic' }, valueQuantity: { value: diastolic, unit: 'mm[Hg]' } },
  ],
});

it('charts blood pressure as two lines, before weight, oldest point first', () => {
  const made = trends(
    [
      weight('2026-02-01', 71.5),
      weight('2026-01-01', 72),
      pressure('2026-02-01', 131, 82),
      pressure('2026-01-01', 140, 90),
    ],
    'en',
  );
  expect(made.map((trend) => trend.title)).toEqual(['Blood pressure', 'Body weight']);
  expect(made[0]!.latest.text).toBe('131 / 82 mmHg');
  expect(made[0]!.series.map((one) => one.points.map(([, value]) => value))).toEqual([
    [140, 131],
    [90, 82],
  ]);
});

it('leaves out other units, entered-in-error results and single values', () => {
  expect(trends([weight('2026-01-01', 158, 'lb'), weight('2026-02-01', 72)], 'en')).toEqual([]);
  expect(
    trends(
      [{ ...weight('2026-01-01', 700), status: 'entered-in-error' }, weight('2026-02-01', 72)],
      'en',
    ),
  ).toEqual([]);
});

it('says systolic before diastolic, however the panel was written', () => {
  const part = (code: string, value: number) => ({
    code: { coding: [{ code }], text: code },
    valueQuantity: { value, unit: 'mm[Hg]' },
  });
  const panel = (at: string): Observation => ({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ code: '85354-9' }], text: 'Blood pressure' },
    effectiveDateTime: at,
    component: [part('8462-4', 73.44), part('8480-6', 112.91)],
  });
  const [made] = trends([panel('2026-01-01'), panel('2026-02-01')], 'en');
  expect(made!.latest.text).toBe('113 / 73 mmHg');
  expect(made!.series.map((one) => one.label)).toEqual(['8480-6', '8462-4']);
});
