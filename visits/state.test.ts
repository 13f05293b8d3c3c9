/** Every state meets every event: the whole table, written out a second time by hand. */
import { describe, expect, it } from 'vitest';
import { appointmentStatus, isOpen, step, visitEvents, visitStates } from './state.ts';

/** Rows: states; columns in the order of visitEvents; `.` = refused. */
const expected: Record<string, string> = {
  //             ask confirm arrive      admit       start       return  end   cancel    miss    reopen
  requested:
    'requested booked  .           .           .           .       .     cancelled .       .',
  booked: 'requested booked  waiting     .           .           .       .     cancelled no-show .',
  waiting: '. .       waiting     admitted    .           .       .     cancelled no-show .',
  admitted: '. .       admitted    admitted    in-progress waiting ended .         .       .',
  'in-progress': '. .       in-progress in-progress in-progress waiting ended .         .       .',
  ended: '. .       .           .           .           .       ended .         .       .',
  cancelled: '. .       .           .           .           .       .     cancelled .       .',
  'no-show': '. .       .           .           .           .       .     .         no-show booked',
};

describe('the life of a visit', () => {
  it('knows each state of the table and no other', () => {
    expect([...visitStates].toSorted()).toEqual(Object.keys(expected).toSorted());
    expect(Object.keys(appointmentStatus).toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  for (const state of visitStates)
    for (const [column, event] of visitEvents.entries())
      it(`${state} + ${event}`, () => {
        const cell = expected[state]!.split(/ +/)[column];
        expect(step(state, event) ?? '.').toBe(cell);
      });

  it('opens media only between admission and end', () => {
    expect(visitStates.filter(isOpen)).toEqual(['admitted', 'in-progress']);
  });
});
