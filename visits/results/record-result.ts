/** A result that came on paper or by telephone, written down by staff: values and a report that answers the order. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { DiagnosticReport, Observation, ServiceRequest } from '@afar/fhir';
import type { RecordResultRequest } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { isWatched, kindOf } from '../orders/kinds.ts';
import { codingFaults } from '../orders/read-order.ts';
import { readIfSeen } from '../people.ts';
import { fault, isUuid, refuseFaults } from '../scheduling/rule.ts';

const mostValues = 40;
const interpretations = ['N', 'L', 'H', 'A', 'LL', 'HH', 'AA'];
const interpretationSystem = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
const observationCategory = 'http://terminology.hl7.org/CodeSystem/observation-category';

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isText = (value: unknown, most: number): boolean =>
  typeof value === 'string' && value.trim().length > 0 && value.length <= most;

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readResult(body: unknown): RecordResultRequest {
  const { status, conclusion, values } = (body ?? {}) as Record<string, unknown>;
  const given = Array.isArray(values) ? (values as unknown[]) : [];
  const listed = Array.isArray(values) && given.length <= mostValues;
  refuseFaults([
    ...(status === 'preliminary' || status === 'final'
      ? []
      : [fault('status', 'preliminary or final')]),
    ...(conclusion === undefined || isText(conclusion, 10_000)
      ? []
      : [fault('conclusion', '1 to 10000 characters')]),
    ...(listed ? [] : [fault('values', `at most ${mostValues}`)]),
    ...(listed && given.length === 0 && conclusion === undefined
      ? [fault('values', 'a value, or a conclusion')]
      : []),
    ...given.slice(0, mostValues).flatMap((one, at) => {
      const value = (one ?? {}) as Record<string, unknown>;
      const here = `values[${at}]`;
      return [
        ...(isText(value['name'], 200) ? [] : [fault(`${here}.name`, '1 to 200 characters')]),
        ...(isNumber(value['value']) ? [] : [fault(`${here}.value`, 'a number')]),
        ...(isText(value['unit'], 40) ? [] : [fault(`${here}.unit`, '1 to 40 characters')]),
        ...(['low', 'high'] as const).flatMap((name) =>
          value[name] === undefined || isNumber(value[name])
            ? []
            : [fault(`${here}.${name}`, 'a number')],
        ),
        ...(value['interpretation'] === undefined ||
        interpretations.includes(value['interpretation'] as string)
          ? []
          : [fault(`${here}.interpretation`, interpretations.join(', '))]),
        ...codingFaults(value['code'], `${here}.code`),
      ];
    }),
  ]);
  return body as RecordResultRequest;
}

/** The order, read as the caller. @throws Refusal 'not-found', 'conflict' for one that no result answers */
export async function seeOrder(house: House, caller: Caller, id: unknown): Promise<ServiceRequest> {
  const order = isUuid(id)
    ? await readIfSeen<ServiceRequest>(house, caller, 'ServiceRequest', id)
    : undefined;
  if (!order) throw new Refusal('not-found');
  if (!isWatched(order)) throw new Refusal('conflict', { diagnostics: 'no result answers this' });
  return order;
}

function observation(
  order: ServiceRequest,
  value: RecordResultRequest['values'][number],
  status: RecordResultRequest['status'],
  now: string,
): Observation {
  const { name, code, unit, low, high, interpretation } = value;
  const quantity = (number: number) => ({ value: number, unit });
  return {
    resourceType: 'Observation',
    status,
    basedOn: [{ reference: `ServiceRequest/${order.id}` }],
    category: [
      {
        coding: [
          {
            system: observationCategory,
            code: kindOf(order) === 'imaging' ? 'imaging' : 'laboratory',
          },
        ],
      },
    ],
    code: { ...(code && { coding: [code] }), text: name },
    subject: { reference: order.subject.reference! } as Observation['subject'] & object,
    effectiveDateTime: now,
    issued: now,
    valueQuantity: quantity(value.value),
    ...(interpretation && {
      interpretation: [{ coding: [{ system: interpretationSystem, code: interpretation }] }],
    }),
    ...((low !== undefined || high !== undefined) && {
      referenceRange: [
        {
          ...(low !== undefined && { low: quantity(low) }),
          ...(high !== undefined && { high: quantity(high) }),
        },
      ],
    }),
  };
}

/** @returns id of the report */
export async function recordResult(
  house: House,
  caller: Caller,
  order: ServiceRequest,
  { status, conclusion, values }: RecordResultRequest,
): Promise<{ report: string }> {
  // Who may not sign writes a first word; a colleague makes it final.
  const said = caller.role === 'trainee' ? 'preliminary' : status;
  const now = iso(house.clock.now());
  const report = await house.records.write(caller, async (tx) => {
    const ids: string[] = [];
    for (const value of values)
      ids.push((await tx.create(observation(order, value, said, now))).rid);
    const made: DiagnosticReport = {
      resourceType: 'DiagnosticReport',
      status: said,
      basedOn: [{ reference: `ServiceRequest/${order.id}` }],
      ...(order.category && { category: order.category }),
      code: order.code ?? { text: '' },
      subject: { reference: order.subject.reference! } as DiagnosticReport['subject'] & object,
      ...(order.encounter && { encounter: order.encounter }),
      effectiveDateTime: now,
      issued: now,
      ...(ids.length > 0 && { result: ids.map((id) => ({ reference: `Observation/${id}` })) }),
      ...(conclusion && { conclusion }),
    };
    return (await tx.create(made)).rid;
  });
  return { report };
}
