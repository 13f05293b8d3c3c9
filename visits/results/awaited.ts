/** Orders that wait for a result, kept from the record store's changes. */
import { systemCaller } from '@afar/access';
import type { ServiceRequest } from '@afar/fhir';
import type { House } from '../house.ts';
import { daysToWait, isWatched, kindOf } from '../orders/kinds.ts';
import { isUuid } from '../scheduling/rule.ts';
import { idIn } from './content.ts';
import { lastWords } from './gather.ts';
import { requesterOf, responsibleFor } from './responsible.ts';
import { findAwaited, putAwaited, type AwaitedRow } from './rows.ts';

const dayMs = 86_400_000;
const orderIntents = ['order', 'original-order', 'reflex-order', 'filler-order', 'instance-order'];

/** When its result should be there: the day it was asked for by, to its end, else by kind and priority. */
function dueOf(it: ServiceRequest, placed: number): number {
  const said = Date.parse(it.occurrenceDateTime ?? it.occurrencePeriod?.end ?? '');
  const waits = daysToWait(kindOf(it), it.priority) * dayMs;
  // What is to happen on a day has its result some days after.
  return Number.isNaN(said) ? placed + waits : Math.max(said + dayMs, placed + dayMs);
}

function stateOf(it: ServiceRequest, deleted: boolean): AwaitedRow['state'] {
  if (deleted || !orderIntents.includes(it.intent)) return 'closed';
  return it.status === 'active' || it.status === 'on-hold' ? 'open' : 'closed';
}

/** Safe to repeat. An order that is no longer one keeps its row: results of it are still hers who ordered. */
export async function followOrder(house: House, tenant: number, rid: string): Promise<void> {
  const caller = systemCaller(tenant, house.clock, 'orders');
  const last = await lastWords<ServiceRequest>(house, caller, 'ServiceRequest', rid);
  const patient = idIn(last?.resource.subject.reference, 'Patient');
  if (!last || !isUuid(patient)) return;
  const { resource, version, deleted } = last;
  const known = await findAwaited(house.db, tenant, rid);
  if (known ? known.version >= version : !isWatched(resource) || resource.status === 'draft')
    return;
  const clinician =
    (await requesterOf(house, caller, resource)) ??
    (await responsibleFor(house, caller, resource, patient));
  const said = Date.parse(resource.authoredOn ?? '');
  const placed = known?.placed ?? (Number.isNaN(said) ? house.clock.now() : said);
  await putAwaited(house.db, {
    tenant,
    rid,
    patient,
    clinician: clinician ?? null,
    placed,
    due: dueOf(resource, placed),
    state: stateOf(resource, deleted),
    version,
  });
}
