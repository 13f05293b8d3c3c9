/** The life of a visit: every state, every event, every step between them; nothing else may change a state. */
import type { VisitState } from './contract.ts';

export type VisitEvent =
  | 'ask'
  | 'confirm'
  | 'arrive'
  | 'admit'
  | 'start'
  | 'return'
  | 'end'
  | 'cancel'
  | 'miss'
  | 'reopen';

export const visitStates: readonly VisitState[] = [
  'requested',
  'booked',
  'waiting',
  'admitted',
  'in-progress',
  'ended',
  'cancelled',
  'no-show',
];

export const visitEvents: readonly VisitEvent[] = [
  'ask',
  'confirm',
  'arrive',
  'admit',
  'start',
  'return',
  'end',
  'cancel',
  'miss',
  'reopen',
];

/**
 * A step back to the same state is a repeat: answered like the first time, nothing written twice.
 * `ended`, `cancelled` are final; a patient who comes after all re-opens a `no-show`;
 * `ask` is a patient's move where the clinic confirms.
 */
const steps: Record<VisitState, Partial<Record<VisitEvent, VisitState>>> = {
  requested: { ask: 'requested', confirm: 'booked', cancel: 'cancelled' },
  booked: {
    ask: 'requested',
    confirm: 'booked',
    arrive: 'waiting',
    cancel: 'cancelled',
    miss: 'no-show',
  },
  waiting: { arrive: 'waiting', admit: 'admitted', cancel: 'cancelled', miss: 'no-show' },
  admitted: {
    arrive: 'admitted',
    admit: 'admitted',
    start: 'in-progress',
    return: 'waiting',
    end: 'ended',
  },
  'in-progress': {
    arrive: 'in-progress',
    admit: 'in-progress',
    start: 'in-progress',
    return: 'waiting',
    end: 'ended',
  },
  ended: { end: 'ended' },
  cancelled: { cancel: 'cancelled' },
  'no-show': { miss: 'no-show', reopen: 'booked' },
};

/** Where `event` leads from `state`, or undefined when it may not happen there. */
export function step(state: VisitState, event: VisitEvent): VisitState | undefined {
  return steps[state][event];
}

/** States in which media may flow: tickets exist, seats can be taken. */
export function isOpen(state: VisitState): boolean {
  return state === 'admitted' || state === 'in-progress';
}

/** Nothing happens in it any more: guests are sent away, links open nothing. */
export function isOver(state: VisitState): boolean {
  return state === 'ended' || state === 'cancelled' || state === 'no-show';
}

/** FHIR Appointment.status that goes with a state [FHIR R4 valueset-appointmentstatus]. */
export const appointmentStatus = {
  requested: 'pending',
  booked: 'booked',
  waiting: 'arrived',
  admitted: 'checked-in',
  'in-progress': 'checked-in',
  ended: 'fulfilled',
  cancelled: 'cancelled',
  'no-show': 'noshow',
} as const satisfies Record<VisitState, string>;

/** FHIR Encounter.status of an admitted visit's state [FHIR R4 valueset-encounter-status]. */
export const encounterStatus = {
  waiting: 'onleave',
  admitted: 'in-progress',
  'in-progress': 'in-progress',
  ended: 'finished',
} as const satisfies Partial<Record<VisitState, string>>;
