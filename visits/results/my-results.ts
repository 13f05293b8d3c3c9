/** What a patient is told of her orders and results: what waits, what is being looked at, what she can read, what was decided. */
import { actsFor, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Communication, ServiceRequest } from '@afar/fhir';
import type { MyResults } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { named } from '../orders/orders.ts';
import { isWatched } from '../orders/kinds.ts';
import { orderView } from '../orders/resource.ts';
import { clinicianBrief } from '../people.ts';
import { isUuid } from '../scheduling/rule.ts';
import { dateOf, isPreliminary } from './content.ts';
import { seenBy } from './inbox.ts';
import { levels } from './level.ts';
import { resultColumns, type ResultRow } from './rows.ts';
import { settingsOf } from './settings.ts';
import { forever } from './take-in.ts';
import { valuesIn, words } from './values.ts';

const most = 50;

async function rowsOf(house: House, tenant: number, patient: string): Promise<ResultRow[]> {
  const { rows } = await house.db.query<ResultRow>({
    name: 'visits.results-of-patient',
    text: `select ${resultColumns} from visits.result where tenant = $1 and patient = $2
      and state in ('waiting', 'acknowledged') order by arrived desc limit ${most}`,
    values: [tenant, patient],
  });
  return rows;
}

/** What was written to her with the answer. */
async function messageOf(
  house: House,
  caller: Caller,
  row: ResultRow,
): Promise<string | undefined> {
  if (row.decision !== 'message') return undefined;
  const { entry = [] } = await house.records.search(caller, 'Communication', [
    ['patient', `Patient/${row.patient}`],
    ['_sort', '-sent'],
    ['_count', '100'],
  ]);
  const found = entry.find(
    ({ resource }) =>
      resource?.resourceType === 'Communication' &&
      (resource as Communication).about?.some((one) => one.reference === `${row.type}/${row.rid}`),
  );
  return (found?.resource as Communication | undefined)?.payload?.[0]?.contentString;
}

async function resultOf(
  house: House,
  caller: Caller,
  row: ResultRow,
): Promise<MyResults['results'][number] | undefined> {
  // What was deleted, or is kept back, is not there for her.
  const seen = await seenBy(house, caller, { ...row, standing: 'new' });
  if (!seen || row.visible_from > house.clock.now() || row.standing === 'retracted')
    return undefined;
  const { resource, values } = seen;
  const by = row.acknowledged_by && (await clinicianBrief(house, caller, row.acknowledged_by));
  const message = await messageOf(house, caller, row);
  const conclusion = resource.resourceType === 'DiagnosticReport' ? resource.conclusion : undefined;
  return {
    id: row.id,
    reference: `${row.type}/${row.rid}`,
    title: words(resource.code),
    at: iso(dateOf(resource) ?? row.arrived),
    level: levels[row.level]!,
    ...(conclusion && { conclusion }),
    values: valuesIn(values),
    preliminary: isPreliminary(resource),
    ...(by &&
      row.acknowledged_at !== null && {
        seen: {
          at: iso(row.acknowledged_at),
          by: { id: by.id, name: by.name },
          decision: row.decision!,
          ...(message && { message }),
        },
      }),
  };
}

async function ordersOf(house: House, caller: Caller, patient: string): Promise<ServiceRequest[]> {
  const { entry = [] } = await house.records.search(caller, 'ServiceRequest', [
    ['patient', `Patient/${patient}`],
    ['_sort', '-authored'],
    ['_count', String(most)],
  ]);
  return entry
    .flatMap(({ resource }) =>
      resource?.resourceType === 'ServiceRequest' ? [resource as ServiceRequest] : [],
    )
    .filter((one) => one.status !== 'draft' && isWatched(one));
}

async function visitsOf(house: House, tenant: number, orders: readonly string[]) {
  const { rows } = await house.db.query<{ rid: string; visit: string }>({
    name: 'visits.visits-of-orders',
    text: 'select rid, visit from visits.placed_order where tenant = $1 and rid = any($2::uuid[])',
    values: [tenant, orders],
  });
  return new Map(rows.map((row) => [row.rid, row.visit]));
}

/** @throws Refusal 'not-found' for whom she does not speak for */
export async function myResults(
  house: House,
  caller: Caller,
  asked: unknown,
): Promise<{ mine: MyResults; patient: string }> {
  const patient = isUuid(asked) ? asked : caller.fhirUser?.id;
  if (!patient || !actsFor(caller, patient)) throw new Refusal('not-found');
  const now = house.clock.now();
  const [settings, rows, requests] = await Promise.all([
    settingsOf(house.db, caller.tenant),
    rowsOf(house, caller.tenant, patient),
    ordersOf(house, caller, patient),
  ]);
  const found = await Promise.all(rows.map((row) => resultOf(house, caller, row)));
  const visits = await visitsOf(
    house,
    caller.tenant,
    requests.map((one) => one.id!).filter(isUuid),
  );
  const orders = await Promise.all(
    requests.map(async (request): Promise<MyResults['orders'][number]> => {
      const view = await named(house, caller, orderView(request));
      const mine = rows.filter((row) => row.ordered === request.id && row.standing !== 'retracted');
      const ready = mine.some((row) => row.visible_from <= now);
      const held = mine.find((row) => row.visible_from > now);
      const state =
        view.status === 'cancelled'
          ? 'cancelled'
          : ready
            ? 'ready'
            : held
              ? 'arrived'
              : view.status === 'done'
                ? 'done'
                : 'waiting';
      return {
        id: request.id!,
        text: view.text,
        kind: view.kind,
        orderedAt: view.orderedAt,
        ...(view.due && { due: view.due }),
        ...(view.instructions && { instructions: view.instructions }),
        ...(view.target?.name && { target: view.target.name }),
        ...(visits.get(request.id!) && { visit: visits.get(request.id!)! }),
        state,
        ...(view.cancelled && { cancelled: view.cancelled }),
        ...(state === 'arrived' &&
          held &&
          held.visible_from < forever && { visibleBy: iso(held.visible_from) }),
      };
    }),
  );
  const { release, releaseHours } = settings;
  return {
    mine: {
      release,
      ...(releaseHours !== undefined && { releaseHours }),
      orders,
      results: found.filter((one) => one !== undefined),
    },
    patient,
  };
}
