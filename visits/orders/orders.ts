/** Orders of a visit: given once for each key, shown to who may see them, taken back with a reason. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Organization } from '@afar/fhir';
import type { OrderView, Orders } from '../contract.ts';
import type { House } from '../house.ts';
import { keepAnswer, type Deed } from '../idempotency.ts';
import { requireLicensed } from '../licensing/licensed.ts';
import { readIfSeen } from '../people.ts';
import { isUuid } from '../scheduling/rule.ts';
import { lockVisit, type VisitRow } from '../visit-row.ts';
import type { Order } from './read-order.ts';
import { orderResource, orderView, takenBack, type OrderResource } from './resource.ts';

/** With the name of whoever is to do it, as the directory says it now. */
export async function named(house: House, caller: Caller, view: OrderView): Promise<OrderView> {
  const [type, id] = view.target?.reference.split('/') ?? [];
  if (!view.target || view.target.name || !isUuid(id)) return view;
  const name =
    type === 'Practitioner'
      ? (await house.directory.clinician(caller.tenant, id)).name
      : ((await readIfSeen<Organization>(house, caller, 'Organization', id))?.name ?? '');
  return { ...view, target: { ...view.target, name } };
}

/** The orders of a visit that this caller may see, in the order in which they were given. */
export async function ordersOf(house: House, caller: Caller, row: VisitRow): Promise<OrderView[]> {
  const { rows } = await house.db.query<{ type: OrderResource['resourceType']; rid: string }>({
    name: 'visits.orders',
    text: 'select type, rid from visits.placed_order where tenant = $1 and visit = $2 order by at, rid',
    values: [row.tenant, row.rid],
  });
  const found = await Promise.all(
    rows.map(({ type, rid }) => readIfSeen<OrderResource>(house, caller, type, rid)),
  );
  const views = found.filter((one) => one !== undefined).map(orderView);
  return Promise.all(views.map((one) => named(house, caller, one)));
}

/** Who is to do it must be there: an order to nobody is never answered. */
async function requireTargets(house: House, caller: Caller, orders: readonly Order[]) {
  for (const { target } of orders) {
    if (!target) continue;
    const found = await readIfSeen(house, caller, target.type, target.id);
    if (!found)
      throw new Refusal('invalid', {
        status: 422,
        diagnostics: 'nobody of that id is in the directory',
        expression: ['target'],
      });
  }
}

/** Orders all of them, once for this idempotency key. @throws Refusal 'conflict' before admission, 'licence-required', 'invalid' (422) */
export async function placeOrders(
  house: House,
  caller: Caller,
  visit: VisitRow,
  orders: readonly Order[],
  deed: Deed,
): Promise<Orders> {
  const { tenant, rid } = visit;
  await requireLicensed(house, visit);
  await requireTargets(house, caller, orders);
  const now = house.clock.now();
  return house.records.write(caller, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    if (!row?.encounter) throw new Refusal('conflict', { detail: `state ${row?.state}` });
    const views: OrderView[] = [];
    for (const [at, order] of orders.entries()) {
      const stored = await tx.create<OrderResource>(orderResource(row, order, now));
      await tx.sql.query({
        name: 'visits.place-order',
        text: 'insert into visits.placed_order (tenant, visit, type, rid, at) values ($1, $2, $3, $4, $5)',
        // Those of one set keep the order they were written in.
        values: [tenant, rid, stored.resource.resourceType, stored.rid, now + at],
      });
      views.push(await named(house, caller, orderView(stored.resource)));
    }
    const answer = { orders: views };
    await keepAnswer(tx, deed, row.patient, answer, now);
    return answer;
  });
}

/**
 * Takes an order back, and says why. Repeating it says the first reason again. What has come of it stays in the inbox.
 * @throws Refusal 'not-found' for an order of another visit, 'conflict' when it was done
 */
export async function cancelOrder(
  house: House,
  caller: Caller,
  visit: VisitRow,
  order: string,
  reason: string,
): Promise<OrderView> {
  const { rows } = await house.db.query<{ type: OrderResource['resourceType'] }>({
    name: 'visits.order',
    text: 'select type from visits.placed_order where tenant = $1 and visit = $2 and rid = $3',
    values: [visit.tenant, visit.rid, order],
  });
  const type = rows[0]?.type;
  if (!type) throw new Refusal('not-found');
  const by = { reference: `Practitioner/${caller.fhirUser!.id}` };
  const view = await house.records.write(caller, async (tx) => {
    const { resource } = await tx.read<OrderResource>(type, order);
    const after = takenBack(resource, reason, by, house.clock.now());
    const before = orderView(resource);
    if (!after && before.status !== 'cancelled')
      throw new Refusal('conflict', { diagnostics: 'it was done already' });
    return after ? orderView((await tx.update<OrderResource>(after)).resource) : before;
  });
  return named(house, caller, view);
}
