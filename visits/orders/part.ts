/** The endpoints of orders: `/api/visits/:id/orders`. */
import { Refusal } from '@afar/fhir';
import {
  requireAdmitted,
  requireCarer,
  requireOwnClinician,
  requirePractitioner,
  requireVisitor,
} from '../checks.ts';
import type { House } from '../house.ts';
import { deedOf, once } from '../idempotency.ts';
import type { Part } from '../parts.ts';
import { isUuid } from '../scheduling/rule.ts';
import { cancelOrder, ordersOf, placeOrders } from './orders.ts';
import { readCancelReason, readOrder, readOrderSet } from './read-order.ts';

export function ordersPart(house: House): Part {
  return {
    routes(on) {
      on.onVisit(
        'GET',
        '/visits/:id/orders',
        { action: 'orders', verb: 'R' },
        [requireVisitor],
        async ({ caller, row }) => ({ orders: await ordersOf(house, caller, row) }),
      );

      on.onVisit(
        'POST',
        '/visits/:id/orders',
        { action: 'order', verb: 'C' },
        [requireOwnClinician, requireAdmitted],
        async ({ caller, row, req, reply }) => {
          const deed = await deedOf(house, req, caller);
          const order = readOrder(req.body);
          const { answer } = await once(house, caller, deed, () =>
            placeOrders(house, caller, row, [order], deed),
          );
          void reply.code(201);
          return answer.orders[0];
        },
      );

      on.onVisit(
        'POST',
        '/visits/:id/order-set',
        { action: 'order-set', verb: 'C' },
        [requireOwnClinician, requireAdmitted],
        async ({ caller, row, req, reply }) => {
          const deed = await deedOf(house, req, caller);
          const orders = readOrderSet(req.body);
          const { answer } = await once(house, caller, deed, () =>
            placeOrders(house, caller, row, orders, deed),
          );
          void reply.code(201);
          return answer;
        },
      );

      on.onVisit(
        'POST',
        '/visits/:id/orders/:order/cancel',
        { action: 'cancel-order', verb: 'U' },
        [requirePractitioner, requireCarer],
        async ({ caller, row, req }) => {
          const { order } = req.params as { order?: string };
          if (!isUuid(order)) throw new Refusal('not-found');
          return cancelOrder(house, caller, row, order, readCancelReason(req.body));
        },
      );
    },
  };
}
