/** What a booking asks for, checked; and for whom this caller books. */
import { actsFor, may, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { BookRequest, VisitMode } from '../contract.ts';
import { placeFaults } from '../licensing/place.ts';
import { readWish } from './along.ts';
import { fault, isUuid, refuseFaults, visitModes } from './rule.ts';

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readBooking(body: unknown): BookRequest {
  const asked = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { slotId, type, reason, patient, place, hold, urgent } = asked;
  const words = typeof reason === 'string' ? reason.trim() : '';
  refuseFaults([
    ...(isUuid(slotId) ? [] : [fault('slotId', 'the id of a free time')]),
    ...(visitModes.includes(type as VisitMode) ? [] : [fault('type', visitModes.join(', '))]),
    ...(words && words.length <= 500 ? [] : [fault('reason', '1 to 500 characters')]),
    ...(patient === undefined || isUuid(patient) ? [] : [fault('patient', 'a Patient id')]),
    ...(hold === undefined || isUuid(hold) ? [] : [fault('hold', 'the id of a hold')]),
    ...(urgent === undefined || typeof urgent === 'boolean'
      ? []
      : [fault('urgent', 'true or false')]),
    ...placeFaults(place),
  ]);
  return {
    slotId: slotId as string,
    type: type as VisitMode,
    reason: words,
    ...(patient !== undefined && { patient: patient as string }),
    ...(place !== undefined && { place: place as string }),
    ...(hold !== undefined && { hold: hold as string }),
    ...(urgent === true && { urgent }),
    ...readWish(asked),
  };
}

/** Whom this caller books for. A patient books for herself and her dependants; the record store has the last word on everybody else. */
export function bookedFor(caller: Caller, asked: string | undefined): string {
  const { role, fhirUser } = caller;
  if (role === 'patient') {
    const own = fhirUser?.type === 'Patient' ? (asked ?? fhirUser.id) : asked;
    if (!own || (fhirUser?.type === 'Patient' && !actsFor(caller, own)))
      throw new Refusal('forbidden');
    return own;
  }
  if (role !== 'practitioner' && role !== 'nurse' && role !== 'system')
    throw new Refusal('forbidden');
  if (asked === undefined) refuseFaults([fault('patient', 'say for whom')]);
  return asked!;
}

/** Whoever books, and whose app or token reaches appointments. @throws Refusal 'forbidden' */
export function requireBooker(caller: Caller): void {
  const books = ['patient', 'practitioner', 'nurse', 'system'].includes(caller.role);
  if (!books || !may(caller, 'create', 'Appointment')) throw new Refusal('forbidden');
}

/** Rooms and interpreters by name are for the clinic to choose. @throws Refusal 'forbidden' */
export function requireMayChoose(caller: Caller, along: readonly string[] | undefined): void {
  if (along?.length && caller.role === 'patient') throw new Refusal('forbidden');
}
