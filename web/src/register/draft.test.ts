/** What is missing of a person: said before the server is asked, by the calendar. */
import { expect, it } from 'vitest';
import { faultsOf, isOfAge, stepsOf } from './draft.ts';

const ada = { given: 'Ada', family: 'Okonjo', birthDate: '1984-02-29', sex: 'female' } as const;

it('names each fault', () => {
  expect(faultsOf(ada, 18, '2026-11-22')).toEqual([]);
  expect(faultsOf({ ...ada, given: ' ', family: '', birthDate: '' }, 18, '2026-11-22')).toEqual([
    'given',
    'family',
    'birthDate',
  ]);
  expect(faultsOf({ ...ada, birthDate: '2030-01-01' }, 18, '2026-11-22')).toEqual(['birthDate']);
  expect(faultsOf({ ...ada, birthDate: '2010-01-01' }, 18, '2026-11-22')).toEqual(['young']);
  expect(faultsOf({ ...ada, relation: 'child' }, 18, '2026-11-22')).toEqual(['grown']);
  expect(faultsOf({ ...ada, relation: 'parent' }, 18, '2026-11-22')).toEqual([]);
});

it('counts the birthday itself', () => {
  expect(isOfAge('2008-11-22', 18, '2026-11-22')).toBe(true);
  expect(isOfAge('2008-11-23', 18, '2026-11-22')).toBe(false);
});

it('asks for four small pages, five with an invitation', () => {
  expect(stepsOf(false)).toHaveLength(4);
  expect(stepsOf(true)).toHaveLength(5);
});
