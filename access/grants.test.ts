/** Care relation: who lets whom into a chart. Every case that could let a clinician in by her own hand is here. */
import type { Appointment, CareTeam, Encounter, RelatedPerson, Resource } from '@afar/fhir';
import { describe, expect, it } from 'vitest';
import { callerFor, type Caller } from './caller.ts';
import { compileGrants, keepsGrants, type GrantOptions } from './grants.ts';
import { openEnd } from './period.ts';

const now = Date.UTC(2026, 10, 21, 9);
const day = 86_400_000;
const uuid = (n: number): string => `018f0000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [anna, ben, doctor, colleague, nurseId, proxy, thing] = [1, 2, 3, 4, 5, 6, 7].map(uuid) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];

const patient = callerFor('patient', { fhirUser: { type: 'Patient', id: anna } });
const other = callerFor('patient', { fhirUser: { type: 'Patient', id: ben } });
const practitioner = callerFor('practitioner', { fhirUser: { type: 'Practitioner', id: doctor } });
const nurse = callerFor('nurse', { fhirUser: { type: 'Practitioner', id: nurseId } });
const house = callerFor('system');
const client = callerFor('system', { kind: 'client', id: uuid(99) });
const administrator = callerFor('administrator');

const never = (): number => 0;
const always = (): number => openEnd;

const appointment = (over: Partial<Appointment> = {}, ...carers: string[]): Appointment => ({
  resourceType: 'Appointment',
  id: thing,
  status: 'booked',
  start: new Date(now + day).toISOString(),
  end: new Date(now + day + 1_800_000).toISOString(),
  participant: [`Patient/${anna}`, ...carers.map((id) => `Practitioner/${id}`)].map(
    (reference) => ({
      actor: { reference },
      status: 'accepted',
    }),
  ),
  ...over,
});

const encounter = (over: Partial<Encounter> = {}, ...carers: string[]): Encounter => ({
  resourceType: 'Encounter',
  id: thing,
  status: 'in-progress',
  class: { code: 'VR' },
  subject: { reference: `Patient/${anna}` },
  participant: carers.map((id) => ({ individual: { reference: `Practitioner/${id}` } })),
  period: { start: new Date(now).toISOString() },
  ...over,
});

const careTeam = (over: Partial<CareTeam> = {}, ...carers: string[]): CareTeam => ({
  resourceType: 'CareTeam',
  id: thing,
  status: 'active',
  subject: { reference: `Patient/${anna}` },
  participant: carers.map((id) => ({ member: { reference: `Practitioner/${id}` } })),
  ...over,
});

const principals = (
  resource: Resource,
  author: Caller,
  holds = false,
  opts?: GrantOptions,
): string[] =>
  compileGrants(resource, author, holds ? always : never, now, opts).map((row) => row.principal);

describe('a clinician who writes herself into a chart gains nothing', () => {
  it.each([
    ['an appointment', appointment({}, doctor)],
    ['an encounter', encounter({}, doctor)],
    ['a care team', careTeam({}, doctor)],
    ['an appointment with a colleague', appointment({}, doctor, colleague)],
    ['a care team of a colleague alone', careTeam({}, colleague)],
    ['an encounter of a colleague alone', encounter({}, colleague)],
  ])('by %s', (_what, resource) => {
    expect(principals(resource, practitioner)).toEqual([]);
    expect(principals(resource, administrator)).toEqual([]);
  });

  it('by a related person she makes up', () => {
    const person: RelatedPerson = {
      resourceType: 'RelatedPerson',
      id: doctor,
      patient: { reference: `Patient/${anna}` },
    };
    expect(principals(person, practitioner)).toEqual([]);
    expect(principals(person, practitioner, true)).toEqual([]);
  });

  it('by rewriting a patient that was registered before', () => {
    const rewritten: Resource = { resourceType: 'Patient', id: anna };
    expect(principals(rewritten, practitioner, false)).toEqual([anna]);
    expect(principals(rewritten, practitioner, true)).toEqual([anna]);
  });

  it('by other resources that name her', () => {
    const named: Resource[] = [
      {
        resourceType: 'Patient',
        id: anna,
        generalPractitioner: [{ reference: `Practitioner/${doctor}` }],
      },
      {
        resourceType: 'EpisodeOfCare',
        id: thing,
        status: 'active',
        patient: { reference: `Patient/${anna}` },
        careManager: { reference: `Practitioner/${doctor}` },
      },
      {
        resourceType: 'ServiceRequest',
        id: thing,
        status: 'active',
        intent: 'order',
        subject: { reference: `Patient/${anna}` },
        performer: [{ reference: `Practitioner/${doctor}` }],
      },
    ];
    for (const resource of named)
      expect(principals(resource, practitioner, true)).not.toContain(doctor);
  });

  it('by naming her account instead of her record', () => {
    const team = careTeam({
      participant: [{ member: { reference: `Practitioner/${practitioner.id}` } }],
    });
    expect(principals(team, nurse, false)).toEqual([]);
    expect(principals(team, practitioner, false)).toEqual([]);
  });
});

describe('nobody lets another in by role alone', () => {
  const second = uuid(8);
  it.each([
    ['a colleague', [doctor]],
    ['herself', [nurseId]],
    ['a second account of hers', [second]],
    ['a colleague and herself', [doctor, nurseId]],
  ])('a nurse who holds nothing books %s', (_who, carers) => {
    expect(principals(appointment({}, ...carers), nurse)).toEqual([]);
    expect(principals(careTeam({}, ...carers), nurse)).toEqual([]);
    expect(principals(encounter({}, ...carers), nurse)).toEqual([]);
  });

  it('she who holds books a colleague', () => {
    expect(principals(appointment({}, doctor), nurse, true)).toEqual([doctor]);
  });

  it.each(['Patient', 'RelatedPerson', 'Device', 'Location', 'HealthcareService', 'Person'])(
    'nor does a %s become a carer by being named',
    (type) => {
      const reference = `${type}/${second}`;
      const named: Resource[] = [
        appointment({
          participant: [
            { actor: { reference: `Patient/${anna}` }, status: 'accepted' },
            { actor: { reference }, status: 'accepted' },
          ],
        }),
        encounter({ participant: [{ individual: { reference } }] }),
        careTeam({ participant: [{ member: { reference } }] }),
      ];
      for (const resource of named)
        for (const author of [patient, house, practitioner])
          expect(principals(resource, author, true)).not.toContain(second);
    },
  );
});

describe('the patient and the house speak freely', () => {
  it.each([
    ['the patient', patient],
    ['the house', house],
    ['a system client', client],
  ])('%s', (_who, author) => {
    expect(principals(appointment({}, doctor), author)).toEqual([doctor]);
    expect(principals(careTeam({}, doctor, colleague), author)).toEqual([doctor, colleague]);
    expect(principals(encounter({}, doctor), author)).toEqual([doctor]);
  });

  it('but a patient speaks for herself alone', () => {
    expect(principals(appointment({}, doctor), other)).toEqual([]);
    expect(principals(careTeam({}, doctor), other, false)).toEqual([]);
    const both = appointment({}, doctor);
    both.participant.push({ actor: { reference: `Patient/${ben}` }, status: 'accepted' });
    expect(compileGrants(both, patient, never, now).map((row) => row.patient)).toEqual([anna]);
  });

  it('a patient with a chart of her own speaks for her dependant, and only while she holds', () => {
    const proxies = [{ related: proxy, patient: anna }];
    const mother = callerFor('patient', { fhirUser: { type: 'Patient', id: ben }, proxies });
    const words = (heldUntil: () => number) =>
      compileGrants(appointment({}, doctor), mother, heldUntil, now).map((row) => row.principal);
    expect([words(always), words(never)]).toEqual([[doctor], []]);
    const stranger = callerFor('patient', { fhirUser: { type: 'Patient', id: ben }, proxies: [] });
    expect(compileGrants(appointment({}, doctor), stranger, always, now)).toEqual([]);
  });

  it('a proxy speaks while she holds', () => {
    const mother = callerFor('patient', { fhirUser: { type: 'RelatedPerson', id: proxy } });
    expect(principals(appointment({}, doctor), mother, true)).toEqual([doctor]);
    expect(principals(appointment({}, doctor), mother, false)).toEqual([]);
  });
});

describe('a holder shares, and does not renew what she holds', () => {
  const until = now + 3 * day;
  it.each([
    ['an appointment', appointment({ end: '2099-01-01T00:00:00Z' }, doctor)],
    ['an encounter left open', encounter({}, doctor)],
    ['an encounter ahead', encounter({ period: { end: '2099-01-01T00:00:00Z' } }, doctor)],
    ['a care team', careTeam({}, doctor)],
  ])('by %s she writes herself', (_what, resource) => {
    const rows = compileGrants(resource, practitioner, () => until, now);
    expect(rows).toEqual([expect.objectContaining({ principal: doctor, ends: until })]);
    // The house writes the visit as it was held: that is the patient's relation, not her word.
    expect(compileGrants(resource, house, never, now)[0]!.ends).toBeGreaterThan(until);
  });

  it('nor by a grant that has run out', () => {
    expect(compileGrants(appointment({}, doctor), practitioner, () => now, now)).toEqual([]);
  });

  it('lets a colleague in', () => {
    expect(principals(careTeam({}, colleague), practitioner, true)).toEqual([colleague]);
  });

  it('never gives herself an open end', () => {
    const [mine, hers] = compileGrants(careTeam({}, doctor, colleague), practitioner, always, now);
    expect(mine).toMatchObject({ principal: doctor, ends: now + 30 * day });
    expect(hers).toMatchObject({ principal: colleague, ends: now + 365 * day });
    const far = appointment({ end: '2099-01-01T00:00:00Z' }, doctor);
    expect(compileGrants(far, practitioner, always, now)[0]!.ends).toBe(now + 30 * day);
  });

  it.each(['practitioner', 'trainee', 'nurse', 'resident', 'pharmacist', 'paramedic'] as const)(
    'two %ss who name each other end a month after what let the first in',
    (role) => {
      const [a, b] = [doctor, colleague].map((id) =>
        callerFor(role, { fhirUser: { type: 'Practitioner', id } }),
      ) as [Caller, Caller];
      const given = now + 3 * day;
      // What each holds, and how far her word reaches: as records keeps them.
      const live = new Map([[doctor, [{ ends: given, ceiling: given + 30 * day }]]]);
      const most = (id: string, at: number, of: 'ends' | 'ceiling') =>
        Math.max(0, ...(live.get(id) ?? []).filter((one) => one.ends > at).map((one) => one[of]));
      for (let at = now; at < now + 400 * day; at += 2 * day)
        for (const [author, to] of [
          [a, colleague],
          [b, doctor],
          [a, doctor],
          [b, colleague],
        ] as const)
          for (const resource of [
            careTeam({}, to),
            encounter({}, to),
            appointment({ start: '2099-01-01T00:00:00Z', end: '2099-01-02T00:00:00Z' }, to),
          ])
            for (const row of compileGrants(
              resource,
              author,
              () => most(author.fhirUser!.id, at, 'ends'),
              at,
              { reachOf: () => most(author.fhirUser!.id, at, 'ceiling') },
            )) {
              expect(row.ends).toBeLessThanOrEqual(given + 30 * day);
              expect(row.ceiling).toBe(given + 30 * day);
              live.set(to, [...(live.get(to) ?? []), { ends: row.ends, ceiling: row.ceiling! }]);
            }
      expect(most(colleague, given + 29 * day, 'ends')).toBe(given + 30 * day);
      expect(most(doctor, given + 30 * day, 'ends')).toBe(0);
    },
  );

  it('passes on nothing of what her word does not reach to', () => {
    const opts = { reachOf: () => 0 };
    expect(compileGrants(careTeam({}, colleague), practitioner, always, now, opts)).toEqual([]);
  });

  it('is asked for each patient', () => {
    const both = appointment({}, colleague);
    both.participant.push({ actor: { reference: `Patient/${ben}` }, status: 'accepted' });
    const rows = compileGrants(both, practitioner, (id) => (id === ben ? openEnd : 0), now);
    expect(rows.map((row) => row.patient)).toEqual([ben]);
  });
});

describe('how long', () => {
  it('an appointment from booking until 30 days after its end', () => {
    const [row] = compileGrants(appointment({}, doctor), patient, never, now);
    expect(row).toEqual({
      principal: doctor,
      patient: anna,
      class: 'chart',
      purpose: 'TREAT',
      source: `Appointment/${thing}`,
      starts: now,
      ends: now + day + 1_800_000 + 30 * day,
    });
    const short = compileGrants(appointment({}, doctor), patient, never, now, { afterMs: 0 });
    expect(short[0]!.ends).toBe(now + day + 1_800_000);
  });

  it.each(['cancelled', 'noshow', 'entered-in-error', 'proposed', 'waitlist'] as const)(
    'not at all when an appointment is %s',
    (status) => expect(principals(appointment({ status }, doctor), patient)).toEqual([]),
  );

  it.each(['cancelled', 'entered-in-error', 'unknown'] as const)(
    'not at all when an encounter is %s',
    (status) => expect(principals(encounter({ status }, doctor), house)).toEqual([]),
  );

  it('an encounter a month after its end, or after its last word while open', () => {
    const ended = new Date(now - 10 * day).toISOString();
    const over = encounter({ status: 'finished', period: { end: ended } }, doctor);
    expect(compileGrants(over, house, never, now)[0]!.ends).toBe(now + 20 * day);
    expect(compileGrants(encounter({}, doctor), house, never, now)[0]!.ends).toBe(now + 30 * day);
  });

  it('an imported encounter of years ago opens nothing', () => {
    const old = encounter({ status: 'finished', period: { end: '2011-02-01T10:00:00Z' } }, doctor);
    expect(principals(old, house)).toEqual([]);
  });

  it('a team as long as the team and the member last', () => {
    const team = careTeam({
      period: { end: '2026-12-31' },
      participant: [
        {
          member: { reference: `Practitioner/${doctor}` },
          period: { start: '2026-12-01T00:00:00Z', end: '2027-06-01' },
        },
        { member: { reference: `Practitioner/${colleague}` }, period: { end: '2026-11-20' } },
      ],
    });
    expect(compileGrants(team, patient, never, now)).toEqual([
      expect.objectContaining({
        principal: doctor,
        starts: Date.UTC(2026, 11, 1),
        ends: Date.UTC(2027, 0, 1),
      }),
    ]);
    expect(principals(careTeam({ status: 'inactive' }, doctor), patient)).toEqual([]);
  });
});

describe('who can hold', () => {
  it('carers of the house, nobody by a name from outside', () => {
    const team = careTeam({
      participant: [
        { member: { reference: `Practitioner/${doctor}` } },
        { member: { reference: `Organization/${colleague}` } },
        { member: { reference: `Patient/${ben}` } },
        { member: { reference: `RelatedPerson/${proxy}` } },
        { member: { reference: `https://elsewhere.example/Practitioner/${nurseId}` } },
        { member: { reference: 'Practitioner/npi-12345' } },
        { member: { identifier: { value: nurseId } } },
        {},
      ],
    });
    expect(principals(team, patient)).toEqual([doctor, colleague]);
  });

  it('not who has declined', () => {
    const it = appointment();
    it.participant.push({ actor: { reference: `Practitioner/${doctor}` }, status: 'declined' });
    expect(principals(it, patient)).toEqual([]);
  });
});

describe('a patient', () => {
  it('always holds her own record', () => {
    expect(compileGrants({ resourceType: 'Patient', id: anna }, house, never, now)).toEqual([
      {
        principal: anna,
        patient: anna,
        class: 'chart',
        purpose: 'PATRQT',
        source: `Patient/${anna}`,
        starts: now,
        ends: openEnd,
      },
    ]);
  });

  it('newly registered is seen by the one who registered her, for a month', () => {
    const rows = compileGrants({ resourceType: 'Patient', id: anna }, practitioner, never, now, {
      created: true,
    });
    expect(rows[1]).toMatchObject({ principal: doctor, ends: now + 30 * day });
    expect(
      principals({ resourceType: 'Patient', id: anna }, nurse, false, { created: true }),
    ).toEqual([anna]);
  });

  it('may name a proxy', () => {
    const person: RelatedPerson = {
      resourceType: 'RelatedPerson',
      id: proxy,
      patient: { reference: `Patient/${anna}` },
      period: { end: '2026-11-30' },
    };
    expect(compileGrants(person, patient, never, now)).toEqual([
      expect.objectContaining({ principal: proxy, patient: anna, ends: Date.UTC(2026, 11, 1) }),
    ]);
    expect(principals(person, other)).toEqual([]);
    expect(principals({ ...person, active: false }, patient)).toEqual([]);
  });
});

describe('a proxy', () => {
  const person: RelatedPerson = {
    resourceType: 'RelatedPerson',
    id: proxy,
    patient: { reference: `Patient/${anna}` },
  };
  const phoned = { ...person, telecom: [{ system: 'phone' as const, value: '555 0100' }] };
  const mother = callerFor('patient', { fhirUser: { type: 'RelatedPerson', id: proxy } });

  it('stays one when somebody who could not have made her one corrects her record', () => {
    for (const author of [practitioner, nurse, mother])
      expect(keepsGrants(person, phoned, author, now)).toBe(true);
  });

  it('ends when the record says so, or names another patient', () => {
    const ended = { ...person, period: { end: '2026-11-01' } };
    const moved = { ...person, patient: { reference: `Patient/${ben}` } };
    for (const after of [{ ...person, active: false }, ended, moved])
      expect(keepsGrants(person, after, practitioner, now)).toBe(false);
    expect(keepsGrants(undefined, person, practitioner, now)).toBe(false);
  });

  it('is compiled anew by those whose word makes one', () => {
    for (const author of [patient, house])
      expect(keepsGrants(person, phoned, author, now)).toBe(false);
  });

  it('no other source is kept', () => {
    expect(keepsGrants(appointment({}, doctor), appointment(), practitioner, now)).toBe(false);
  });
});
