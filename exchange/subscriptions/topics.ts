/** The catalogue of topics: what may be subscribed to besides plain criteria. */
import { resourceClass } from '@afar/fhir';
import type { Extension, Resource } from '@afar/fhir';
import { extensions, topicPrefix } from './vocabulary.ts';

export type Interaction = 'create' | 'update' | 'delete';

export interface Topic {
  /** Canonical address. */
  readonly url: string;
  readonly type: string;
  readonly interactions: readonly Interaction[];
  /** The state that has to begin with the change; absent: every change. */
  readonly state?: (resource: Resource) => boolean;
}

/** Computed, the house's own trail, or about subscriptions themselves. */
const silent = new Set(['AuditEvent', 'Provenance', 'Slot', 'Subscription', 'Parameters']);

/** `MedicationRequest` -> `medication-request`. */
const kebab = (type: string): string =>
  type.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();

const statusIn =
  (...wanted: string[]) =>
  (resource: Resource): boolean =>
    wanted.includes((resource as { status?: string }).status ?? '');

const begins = (name: string, type: string, ...status: string[]): Topic => ({
  url: topicPrefix + name,
  type,
  interactions: ['create', 'update'],
  state: statusIn(...status),
});

export const isTold = (type: string): boolean =>
  Object.hasOwn(resourceClass, type) && !silent.has(type);

/** A `-change` topic for each type of a chart and of the directory, and the beginnings that a clinic acts on. */
export const topics: ReadonlyMap<string, Topic> = new Map(
  [
    ...Object.keys(resourceClass)
      .filter((type) => isTold(type) && ['patient', 'directory'].includes(resourceClass[type]!))
      .map((type): Topic => ({
        url: `${topicPrefix}${kebab(type)}-change`,
        type,
        interactions: ['create', 'update', 'delete'],
      })),
    begins('appointment-booked', 'Appointment', 'booked'),
    begins('appointment-cancelled', 'Appointment', 'cancelled', 'noshow'),
    begins('encounter-start', 'Encounter', 'in-progress'),
    begins('encounter-end', 'Encounter', 'finished', 'cancelled'),
    begins('result-final', 'DiagnosticReport', 'final', 'amended', 'corrected'),
    begins('document-final', 'Composition', 'final', 'amended'),
  ].map((topic) => [topic.url, topic]),
);

/** For `/metadata`: R4 has no SubscriptionTopic [backport 1.1 "Topic-Based Subscriptions - FHIR R4", Topics]. */
export const servedTopics: Extension[] = [...topics.keys()].map((valueCanonical) => ({
  url: extensions.topicServed,
  valueCanonical,
}));
