/** Free times, holds and bookings in the words of FHIR: `Appointment/$find`, `$hold`, `$book` [IHE ITI Scheduling, ITI-115 to ITI-117]. */
import { randomUUID } from 'node:crypto';
import { may, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment, Bundle } from '@afar/fhir';
import type { Inputs, Operation, OperationCall } from '@afar/records';
import { modeOf } from '../adopt.ts';
import { reasonOf } from '../appointment-view.ts';
import type { BookRequest } from '../contract.ts';
import type { House } from '../house.ts';
import { deedOf, once } from '../idempotency.ts';
import { offeredSchedules } from '../licensing/licensed.ts';
import type { Part } from '../parts.ts';
import { participantOf } from '../participant.ts';
import { book } from './book.ts';
import { readBooking, requireBooker } from './book-request.ts';
import { freeSlots } from './free-slots.ts';
import { hold, readHold } from './holds.ts';
import { offered } from './offered.ts';
import { fault, isInstant, refuseFaults } from './rule.ts';

const definitions = 'https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/';
const holdExtension = 'urn:afar:hold';
const day = 86_400_000;
const longest = 42 * day;
const mostFound = 200;

function proposed(
  id: string,
  clinician: string,
  when: { start: string; end: string },
  status: 'proposed' | 'pending' = 'proposed',
): Appointment {
  return {
    resourceType: 'Appointment',
    id,
    status,
    slot: [{ reference: `Slot/${id}` }],
    start: when.start,
    end: when.end,
    participant: [
      {
        actor: { reference: `Practitioner/${clinician}` },
        required: 'required',
        status: 'needs-action',
      },
    ],
  };
}

const bundleOf = (resources: Appointment[], fhirUrl: string): Bundle => ({
  resourceType: 'Bundle',
  type: 'searchset',
  total: resources.length,
  entry: resources.map((resource) => ({
    fullUrl: `${fhirUrl}/Appointment/${resource.id}`,
    resource,
    search: { mode: 'match' },
  })),
});

/** References as the standard says them (`valueReference`), or as text in a query. */
function referencesOf(inputs: Inputs, name: string): string[] {
  return inputs.all.flatMap((one) => {
    if (one.name !== name) return [];
    const { valueReference, valueString, valueUri } = one;
    return valueReference?.reference ?? valueString ?? valueUri ?? [];
  });
}

const idIn = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);

/** @throws Refusal 'invalid' (422) */
function wholeIn(inputs: Inputs): Appointment | undefined {
  const whole = inputs.resource('appointment-resource');
  if (whole && (whole.resourceType !== 'Appointment' || !('participant' in whole)))
    refuseFaults([fault('appointment-resource', 'an Appointment with its participants')]);
  return whole as Appointment | undefined;
}

/** The time that an input means: the id of what `$find` proposed is its slot's. */
function slotIn({ inputs }: OperationCall): string | undefined {
  const [reference] = referencesOf(inputs, 'appointment-reference');
  const whole = wholeIn(inputs);
  const said = reference ?? whole?.slot?.[0]?.reference ?? whole?.id;
  return said === undefined ? undefined : idIn(said);
}

export function fhirSchedulingPart(house: House): Part {
  const operation = (
    name: string,
    affectsState: boolean,
    run: (call: OperationCall, caller: Caller) => Promise<Bundle>,
  ): Operation => ({
    name,
    definition: `${definitions}appointment-${name}`,
    on: ['type'],
    types: ['Appointment'],
    affectsState,
    run: async (call) => ({ body: await run(call, call.caller) }),
  });

  house.records.operation(
    operation('find', false, async ({ inputs, fhirUrl }, caller) => {
      if (!may(caller, 'search', 'Slot')) throw new Refusal('forbidden');
      const [from, to] = [inputs.need('start'), inputs.need('end')];
      const span = { start: Date.parse(from), end: Date.parse(to) };
      refuseFaults([
        ...(isInstant(from) ? [] : [fault('start', 'an instant')]),
        ...(isInstant(to) && span.end >= span.start && span.end - span.start <= longest
          ? []
          : [fault('end', 'an instant at most 42 days after start')]),
      ]);
      const asked = referencesOf(inputs, 'practitioner').map(idIn);
      const most = Math.min(inputs.count('_count') ?? 50, mostFound);
      const now = house.clock.now();
      const found: Appointment[] = [];
      for (const schedule of await offeredSchedules(house, caller.tenant)) {
        const { clinician } = schedule.rule;
        if (found.length >= most) break;
        if (asked.length && !asked.includes(clinician)) continue;
        const slots = await freeSlots(house.db, caller.tenant, schedule, span, now);
        found.push(...slots.map((one) => proposed(one.id, clinician, one)));
      }
      return bundleOf(found.slice(0, most), fhirUrl);
    }),
  );

  house.records.operation(
    operation('hold', true, async (call, caller) => {
      const made = await hold(house, caller, readHold({ slotId: slotIn(call) }));
      const schedules = await offeredSchedules(house, caller.tenant, made.slotId);
      const own = caller.role === 'patient';
      const { schedule } = offered(schedules, made, house.clock.now(), !own);
      const held: Appointment = {
        ...proposed(made.slotId, schedule.rule.clinician, made, 'pending'),
        extension: [
          {
            url: holdExtension,
            extension: [
              { url: 'id', valueId: made.id },
              { url: 'expires', valueInstant: made.expires },
            ],
          },
        ],
      };
      return bundleOf([held], call.fhirUrl);
    }),
  );

  house.records.operation(
    operation('book', true, async (call, caller) => {
      requireBooker(caller);
      const { inputs } = call;
      const whole = wholeIn(inputs);
      const [named] = referencesOf(inputs, 'patient-reference');
      const patient = named ? idIn(named) : whole && participantOf(whole, 'Patient');
      const held = inputs.text('hold');
      const ask: BookRequest = readBooking({
        slotId: slotIn(call),
        type: whole?.appointmentType ? modeOf(whole) : (inputs.text('type') ?? 'video'),
        reason: (whole && reasonOf(whole)) || inputs.text('reason'),
        ...(patient && { patient }),
        ...(held && { hold: held }),
      });
      const deed = await deedOf(house, call.req, caller, randomUUID());
      const { answer } = await once(house, caller, deed, () => book(house, caller, ask, deed));
      const { resource, owner } = await house.records.read<Appointment>(
        caller,
        'Appointment',
        answer.id,
      );
      if (owner) call.evidence.patients.push(owner);
      return bundleOf([resource], call.fhirUrl);
    }),
  );

  return {};
}
