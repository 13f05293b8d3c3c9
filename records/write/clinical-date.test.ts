/** Which date stands on the row, and which dates never do. */
import { describe, expect, it } from 'vitest';
import { resourceTypes, searchParams } from '@afar/fhir';
import { clinicalDateParam, clinicalDates, noDate, openStart, openUntil } from './clinical-date.ts';

describe('the clinical date', () => {
  it('is when it happened before when it was written down', () => {
    expect(
      ['Observation', 'Encounter', 'Condition', 'MedicationRequest', 'Immunization'].map(
        clinicalDateParam,
      ),
    ).toEqual(['date', 'date', 'onset-date', 'authoredon', 'date']);
  });

  it('is a date parameter of its type, and never says who someone is', () => {
    const chosen = resourceTypes.map((type) => ({ type, param: clinicalDateParam(type) }));
    const wrong = chosen.filter(
      ({ type, param }) =>
        param !== undefined &&
        (searchParams(type).get(param)?.type !== 'date' ||
          ['birthdate', 'death-date'].includes(param)),
    );
    expect(wrong).toEqual([]);
    expect(chosen.filter(({ param }) => param !== undefined).length).toBeGreaterThan(50);
  });

  it('leaves birth and death to the directory', () => {
    const dates = [
      { param: 'birthdate', start: 1, end: 2 },
      { param: 'death-date', start: 3, end: 4 },
      { param: '_lastUpdated', start: 5, end: 6 },
    ];
    expect(clinicalDates('Patient', dates, 99)).toEqual({ at: 99, until: 99, periods: [] });
  });

  it('puts what has none last, keeps open ends finite, spans several values', () => {
    expect(clinicalDates('Observation', [], 99)).toMatchObject({ at: noDate, until: noDate });
    const open = [{ param: 'date', start: -Infinity, end: Infinity }];
    expect(clinicalDates('Encounter', open, 99)).toMatchObject({ at: openStart, until: openUntil });
    const two = [
      { param: 'date', start: 50, end: 60 },
      { param: 'date', start: 10, end: 20 },
      { param: 'value-date', start: 1, end: 2 },
    ];
    expect(clinicalDates('Observation', two, 99)).toEqual({
      at: 10,
      until: 60,
      periods: [{ param: 'value-date', starts: 1, until: 2 }],
    });
    expect(noDate).toBeLessThan(openStart);
    expect(Number.isSafeInteger(noDate)).toBe(true);
  });
});
