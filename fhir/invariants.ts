/** The standard's own invariants that cost little and catch much, by type; keys as in the specification. */
import { tryDateInterval } from './dates.ts';

type Json = Record<string, unknown>;

export interface Invariant {
  key: string;
  text: string;
  holds(value: Json): boolean;
}

const has = (value: Json, ...names: string[]): boolean =>
  names.some((name) => value[name] !== undefined || value[`_${name}`] !== undefined);
const hasChoice = (value: Json, name: string): boolean =>
  Object.keys(value).some((key) => key.startsWith(name) && /[A-Z]/.test(key[name.length] ?? ''));
const items = (value: unknown): Json[] =>
  Array.isArray(value)
    ? value.filter((one): one is Json => typeof one === 'object' && one !== null)
    : [];

/** Whether `a` may be no later than `b`; anything that is no date is left to the format checks. */
function ordered(a: unknown, b: unknown): boolean {
  if (typeof a !== 'string' || typeof b !== 'string') return true;
  const [start, end] = [tryDateInterval(a), tryDateInterval(b)];
  return !start || !end || start.start < end.end;
}

const extension: Invariant = {
  key: 'ext-1',
  text: 'an extension has either extensions or a value',
  holds: (value) => has(value, 'extension') !== hasChoice(value, 'value') || hasShadow(value),
};
function hasShadow(value: Json): boolean {
  return !has(value, 'extension') && Object.keys(value).some((key) => key.startsWith('_value'));
}

const quantity: Invariant = {
  key: 'qty-3',
  text: 'a code for the unit needs its system',
  holds: (value) => !has(value, 'code') || has(value, 'system'),
};

const meta = (one: Json): Json => (one.meta ?? {}) as Json;

/** By type name; `DomainResource` holds for every one of them. */
export const invariants: Record<string, Invariant[]> = {
  DomainResource: [
    {
      key: 'dom-2',
      text: 'a contained resource contains none itself',
      holds: (value) =>
        value.contained === undefined ||
        items(value.contained).every((one) => !has(one, 'contained')),
    },
    {
      key: 'dom-4',
      text: 'a contained resource has no version and no time of update',
      holds: (value) =>
        value.contained === undefined ||
        items(value.contained).every((one) => !has(meta(one), 'versionId', 'lastUpdated')),
    },
  ],
  Extension: [extension],
  Quantity: [quantity],
  Age: [quantity],
  Duration: [quantity],
  Count: [quantity],
  Distance: [quantity],
  Period: [
    {
      key: 'per-1',
      text: 'it ends before it starts',
      holds: ({ start, end }) => ordered(start, end),
    },
  ],
  ContactPoint: [
    {
      key: 'cpt-2',
      text: 'a value needs a system',
      holds: (value) => !has(value, 'value') || has(value, 'system'),
    },
  ],
  Attachment: [
    {
      key: 'att-1',
      text: 'data needs a content type',
      holds: (value) => !has(value, 'data') || has(value, 'contentType'),
    },
  ],
  Observation: [
    {
      key: 'obs-6',
      text: 'a reason for absent data stands only where there is no value',
      holds: (value) => !has(value, 'dataAbsentReason') || !hasChoice(value, 'value'),
    },
  ],
  'Patient.contact': [
    {
      key: 'pat-1',
      text: 'a contact has a name, an address, a phone or an organization',
      holds: (value) => has(value, 'name', 'telecom', 'address', 'organization'),
    },
  ],
  Appointment: [
    {
      key: 'app-2',
      text: 'start and end come together or not at all',
      holds: (value) => has(value, 'start') === has(value, 'end'),
    },
    {
      key: 'app-3',
      text: 'only proposed, cancelled or waitlisted appointments have no start',
      holds: (value) =>
        has(value, 'start') || ['proposed', 'cancelled', 'waitlist'].includes(String(value.status)),
    },
  ],
  'Appointment.participant': [
    {
      key: 'app-1',
      text: 'a participant has a type or an actor',
      holds: (value) => has(value, 'type', 'actor'),
    },
  ],
  Slot: [
    {
      key: 'slot-end',
      text: 'it ends before it starts',
      holds: ({ start, end }) => ordered(start, end),
    },
  ],
  'Composition.section': [
    {
      key: 'cmp-1',
      text: 'a section has text, entries or sections',
      holds: (value) => has(value, 'text', 'entry', 'section'),
    },
  ],
  'Bundle.entry': [
    {
      key: 'bdl-5',
      text: 'an entry has a resource, a request or a response',
      holds: (value) => has(value, 'resource', 'request', 'response'),
    },
  ],
};
