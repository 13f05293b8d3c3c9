/** What is sent: bundles of the backport [1.1.0 "R5 Subscription Notification R4"], and the Parameters in them. */
import { randomUUID } from 'node:crypto';
import type { Caller } from '@afar/access';
import type { Bundle, BundleEntry, Parameters, ParametersParameter, Resource } from '@afar/fhir';
import { KeyErased } from '@afar/platform';
import { fhirUrl, type House } from './house.ts';
import { isAnswer } from './matching.ts';
import type { Content, Plan } from './plan.ts';
import type { About, EventRow, Kept } from './rows.ts';
import { profiles } from './vocabulary.ts';

export type NotificationType =
  | 'handshake'
  | 'heartbeat'
  | 'event-notification'
  | 'query-status'
  | 'query-event';

/** An event with what the creator may see of it at this moment. */
export interface Told extends EventRow {
  /** False: it has been hidden from her since. Its number is told, nothing else. */
  visible: boolean;
  /** The current version; absent when it is gone, or not asked for. */
  resource?: Resource;
}

/**
 * Each event as the creator sees it now: nothing is sent that she could not read herself.
 * @param whole with the resource's content
 */
export async function look(
  house: House,
  caller: Caller,
  events: readonly EventRow[],
  whole: boolean,
): Promise<Told[]> {
  return Promise.all(
    events.map(async (event): Promise<Told> => {
      const { type, id, interaction } = event.about;
      try {
        const { resource } = await house.records.read(caller, type, id);
        return { ...event, visible: true, ...(whole && interaction !== 'delete' && { resource }) };
      } catch (error) {
        // Erased since: not there, for her as for everybody. What waits behind it does not wait for ever.
        if (error instanceof KeyErased) return { ...event, visible: false };
        if (!isAnswer(error)) throw error;
        return { ...event, visible: error.code === 'gone' };
      }
    }),
  );
}

/** The patients whose data a notification tells of. */
export function disclosedBy(told: readonly Told[]): string[] {
  const owners = told.map(({ visible, about }) => (visible ? about.owner : undefined));
  return [...new Set(owners.filter((one) => one !== undefined))];
}

const text = (name: string, value: string | number): ParametersParameter => ({
  name,
  valueString: String(value),
});

/** SubscriptionStatus as R4 writes it. */
export function statusOf(
  house: House,
  kept: Kept,
  plan: Plan | undefined,
  type: NotificationType,
  { events = [], content = 'empty' }: { events?: readonly Told[]; content?: Content } = {},
): Parameters {
  const base = fhirUrl(house, kept.tenant);
  const topic = plan?.topic?.url;
  return {
    resourceType: 'Parameters',
    id: randomUUID(),
    meta: { profile: [profiles.status] },
    parameter: [
      {
        name: 'subscription',
        valueReference: { reference: `${base}/Subscription/${kept.id}` },
      },
      ...(topic ? [{ name: 'topic', valueCanonical: topic }] : []),
      { name: 'status', valueCode: kept.status },
      { name: 'type', valueCode: type },
      text('events-since-subscription-start', kept.events),
      ...events.map((event) => ({
        name: 'notification-event',
        part: [
          text('event-number', event.number),
          { name: 'timestamp', valueInstant: new Date(event.at).toISOString() },
          ...(content !== 'empty' && event.visible
            ? [
                {
                  name: 'focus',
                  valueReference: { reference: `${base}/${placeOf(event.about)}` },
                },
              ]
            : []),
        ],
      })),
      ...(kept.resource.error
        ? [{ name: 'error', valueCodeableConcept: { text: kept.resource.error } }]
        : []),
    ],
  };
}

export const placeOf = ({ type, id }: About): string => `${type}/${id}`;

const methods = { create: 'POST', update: 'PUT', delete: 'DELETE' } as const;
const answers = { create: '201', update: '200', delete: '204' } as const;

/** The bundle; resources that would make it longer than `mostBytes` are told by reference. */
export function notification(
  house: House,
  kept: Kept,
  plan: Plan,
  type: NotificationType,
  { events = [], content = plan.content }: { events?: readonly Told[]; content?: Content } = {},
): Bundle {
  const base = fhirUrl(house, kept.tenant);
  let room = house.limits.notificationBytes;
  // One entry for a resource, however many events it has: the last says how it ended.
  const focus = new Map(events.map((event) => [placeOf(event.about), event]));
  const entries: BundleEntry[] = [];
  for (const [place, { visible, about, resource }] of content === 'empty' ? [] : focus) {
    if (!visible) continue;
    const bytes =
      content === 'full-resource' && resource ? Buffer.byteLength(JSON.stringify(resource)) : 0;
    const fits = bytes > 0 && bytes <= room;
    if (fits) room -= bytes;
    entries.push({
      fullUrl: `${base}/${place}`,
      ...(fits && { resource: resource! }),
      request: {
        method: methods[about.interaction],
        url: about.interaction === 'create' ? about.type : place,
      },
      response: { status: answers[about.interaction] },
    });
  }
  const status = statusOf(house, kept, plan, type, { events, content });
  return {
    resourceType: 'Bundle',
    id: randomUUID(),
    meta: { profile: [profiles.notification] },
    type: 'history',
    timestamp: new Date(house.clock.now()).toISOString(),
    entry: [
      {
        fullUrl: `urn:uuid:${status.id}`,
        resource: status,
        request: { method: 'GET', url: `${base}/Subscription/${kept.id}/$status` },
        response: { status: '200' },
      },
      ...entries,
    ],
  };
}
