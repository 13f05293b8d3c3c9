/** A patient's consent, enforced: every rule on every way to a row, and everybody who would like it otherwise. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '@afar/access';
import type {
  Bundle,
  CareTeam,
  Consent,
  ConsentProvision,
  Observation,
  Resource,
} from '@afar/fhir';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

type Person = { id: string; caller: Caller };

let world: World;
let ada: Person;
let bea: Person;

beforeAll(async () => {
  world = await openWorld();
  ada = await world.patient({ name: [{ family: 'Ada' }] });
  bea = await world.patient({ name: [{ family: 'Bea' }] });
});
afterAll(() => world.close());

const status = (promise: Promise<unknown>) =>
  promise.then(
    () => 200,
    (error: unknown) => (error as { status?: number }).status ?? String(error),
  );
const refer = (type: string, id: string) => ({ reference: `${type}/${id}` });
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const day = 86_400_000;

const noteOn = (patient: string, label?: string): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'said' },
  subject: refer('Patient', patient),
  ...(label && { meta: { security: [{ system: actCode, code: label }] } }),
});
const consentOf = (
  patient: string,
  provision: ConsentProvision,
  over: Partial<Consent> = {},
): Consent => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ code: 'patient-privacy' }] },
  category: [{ text: 'privacy' }],
  patient: refer('Patient', patient),
  policyRule: { text: 'as said' },
  provision,
  ...over,
});
const actor = (type: string, id: string): ConsentProvision['actor'] => [
  { role: { text: 'may see' }, reference: refer(type, id) },
];
const teamOf = (patient: string, practitioner: string): CareTeam => ({
  resourceType: 'CareTeam',
  status: 'active',
  subject: refer('Patient', patient),
  participant: [{ member: refer('Practitioner', practitioner) }],
});
/** A doctor who cares for this patient, or for nobody. */
async function doctorOf(patient?: string): Promise<Person> {
  const doctor = await world.practitioner();
  if (patient) await world.records.create(world.system, teamOf(patient, doctor.id));
  return doctor;
}
const withdraw = (by: Caller, consent: { id: string; resource: Resource }) =>
  world.records.update(by, { ...(consent.resource as Consent), status: 'inactive' });
const found = async (by: Caller, params: [string, string][]) =>
  ((await world.records.search(by, 'Observation', params)) as Bundle).entry?.map(
    (one) => one.resource!.id,
  ) ?? [];

/** Each way to a row, as this caller: the status, or 200/404 for found or not. */
async function ways(by: Caller, type: string, id: string): Promise<Record<string, unknown>> {
  const { records } = world;
  const listed = async (params: [string, string][]) =>
    ((await records.search(by, type, params)) as Bundle).entry?.some(
      (one) => one.resource?.id === id,
    )
      ? 200
      : 404;
  return {
    read: await status(records.read(by, type, id)),
    vread: await status(records.vread(by, type, id, 1)),
    history: await status(records.history(by, type, id)),
    byId: await listed([['_id', id]]),
    ofPatient: await listed([['patient', ada.id]]),
    anywhere: await listed([]),
  };
}
const all = (value: number) => ({
  read: value,
  vread: value,
  history: value,
  byId: value,
  ofPatient: value,
  anywhere: value,
});

describe('a permit', () => {
  it('opens the chart to one who held nothing, until it is withdrawn', async () => {
    const { records, system } = world;
    const note = await records.create(system, noteOn(ada.id));
    const doctor = await doctorOf();
    expect(await ways(doctor.caller, 'Observation', note.id)).toEqual(all(404));
    const permit = { type: 'permit' as const, actor: actor('Practitioner', doctor.id) };
    const consent = await records.create(ada.caller, consentOf(ada.id, permit));
    expect(await ways(doctor.caller, 'Observation', note.id)).toEqual(all(200));
    expect(await status(records.create(doctor.caller, noteOn(ada.id)))).toBe(200);
    await withdraw(ada.caller, consent);
    expect(await ways(doctor.caller, 'Observation', note.id)).toEqual(all(404));
    expect(await status(records.create(doctor.caller, noteOn(ada.id)))).toBe(403);
  });

  it('is not outlived by what was written under it: she stays only where something else lets her in', async () => {
    const { records, system } = world;
    const note = await records.create(system, noteOn(ada.id));
    const [doctor, booked] = [await doctorOf(), await doctorOf(ada.id)];
    for (const { caller, id } of [doctor, booked]) {
      const permit = { type: 'permit' as const, actor: actor('Practitioner', id) };
      const consent = await records.create(ada.caller, consentOf(ada.id, permit));
      await records.create(caller, {
        resourceType: 'CareTeam',
        status: 'active',
        subject: refer('Patient', ada.id),
        participant: [{ member: refer('Practitioner', id) }],
      });
      await withdraw(ada.caller, consent);
    }
    expect(await ways(doctor.caller, 'Observation', note.id)).toEqual(all(404));
    expect(await ways(booked.caller, 'Observation', note.id)).toEqual(all(200));
  });

  it('of a type, or of one thing, opens no more than that, and lets nobody write', async () => {
    const { records, system } = world;
    const [one, two] = [
      await records.create(system, noteOn(ada.id)),
      await records.create(system, noteOn(ada.id)),
    ];
    const doctor = await doctorOf();
    const single = await records.create(
      ada.caller,
      consentOf(ada.id, {
        type: 'permit',
        actor: actor('Practitioner', doctor.id),
        data: [{ meaning: 'instance', reference: refer('Observation', one.id) }],
      }),
    );
    expect(await ways(doctor.caller, 'Observation', one.id)).toEqual(all(200));
    expect(await ways(doctor.caller, 'Observation', two.id)).toEqual(all(404));
    expect(await status(records.read(doctor.caller, 'Patient', ada.id))).toBe(404);
    await withdraw(ada.caller, single);
    await records.create(
      ada.caller,
      consentOf(ada.id, {
        type: 'permit',
        actor: actor('Practitioner', doctor.id),
        class: [{ code: 'Observation' }],
      }),
    );
    expect(await ways(doctor.caller, 'Observation', two.id)).toEqual(all(200));
    expect(await status(records.read(doctor.caller, 'Patient', ada.id))).toBe(404);
    for (const attempt of [
      () => records.create(doctor.caller, noteOn(ada.id)),
      () => records.update(doctor.caller, { ...(two.resource as Observation), status: 'amended' }),
      // Nor does she let others in, or herself further.
      () => records.create(doctor.caller, teamOf(ada.id, doctor.id)),
    ])
      expect(await status(attempt())).toBe(403);
  });

  it('for research opens to research alone, and lets nobody write', async () => {
    const { records, system } = world;
    const note = await records.create(system, noteOn(ada.id));
    const doctor = await doctorOf();
    await records.create(
      ada.caller,
      consentOf(ada.id, {
        type: 'permit',
        actor: actor('Practitioner', doctor.id),
        purpose: [{ code: 'HRESCH' }],
      }),
    );
    const as = (purpose: string) => ({ ...doctor.caller, purpose });
    expect(await ways(as('TREAT'), 'Observation', note.id)).toEqual(all(404));
    expect(await ways(as('HPAYMT'), 'Observation', note.id)).toEqual(all(404));
    expect(await ways(as('HRESCH'), 'Observation', note.id)).toEqual(all(200));
    expect(await status(records.create(as('HRESCH'), noteOn(ada.id)))).toBe(403);
    // Who cares for her looks for research no further than she was let.
    const carer = await doctorOf(ada.id);
    expect(await status(records.read(carer.caller, 'Observation', note.id))).toBe(200);
    const research = { ...carer.caller, purpose: 'HRESCH' };
    expect(await status(records.read(research, 'Observation', note.id))).toBe(404);
  });

  it('holds from its first day to its last', async () => {
    const { records, system } = world;
    const note = await records.create(system, noteOn(ada.id));
    const doctor = await doctorOf();
    const on = (days: number) => new Date(Date.now() + days * day).toISOString();
    await records.create(
      ada.caller,
      consentOf(ada.id, {
        type: 'permit',
        actor: actor('Practitioner', doctor.id),
        period: { start: on(2), end: on(5) },
      }),
    );
    const seen = (days: number) =>
      status(
        records.read({ ...doctor.caller, at: Date.now() + days * day }, 'Observation', note.id),
      );
    expect([await seen(0), await seen(3), await seen(6)]).toEqual([404, 200, 404]);
  });
});

describe('a denial', () => {
  it('of one clinician shuts her whole way in, for reading and writing; others stay', async () => {
    const { records, system } = world;
    const note = await records.create(system, noteOn(ada.id));
    const [shut, other] = [await doctorOf(ada.id), await doctorOf(ada.id)];
    const consent = await records.create(
      ada.caller,
      consentOf(ada.id, { type: 'deny', actor: actor('Practitioner', shut.id) }),
    );
    expect(await ways(shut.caller, 'Observation', note.id)).toEqual(all(404));
    expect(await ways(other.caller, 'Observation', note.id)).toEqual(all(200));
    expect(await ways(ada.caller, 'Observation', note.id)).toEqual(all(200));
    for (const attempt of [
      () => records.create(shut.caller, noteOn(ada.id)),
      () => records.create(shut.caller, teamOf(ada.id, shut.id)),
    ])
      expect(await status(attempt())).toBe(403);
    // Nor can she take it back.
    expect(await status(withdraw(shut.caller, consent))).not.toBe(200);
    expect(await status(withdraw(other.caller, consent))).not.toBe(200);
    await withdraw(ada.caller, consent);
    expect(await ways(shut.caller, 'Observation', note.id)).toEqual(all(200));
  });

  it('of everybody spares the patient, the house, and whom it says', async () => {
    const { records, system } = world;
    const note = await records.create(system, noteOn(ada.id));
    const [shut, spared, stranger] = [
      await doctorOf(ada.id),
      await doctorOf(ada.id),
      await doctorOf(),
    ];
    const consent = await records.create(
      ada.caller,
      consentOf(ada.id, {
        type: 'deny',
        provision: [
          {
            type: 'permit',
            actor: [...actor('Practitioner', spared.id)!, ...actor('Practitioner', stranger.id)!],
            provision: [{ type: 'deny', class: [{ code: 'CareTeam' }] }],
          },
        ],
      }),
    );
    expect(await ways(shut.caller, 'Observation', note.id)).toEqual(all(404));
    expect(await ways(spared.caller, 'Observation', note.id)).toEqual(all(200));
    // To be spared is not to be let in.
    expect(await ways(stranger.caller, 'Observation', note.id)).toEqual(all(404));
    expect(await ways(ada.caller, 'Observation', note.id)).toEqual(all(200));
    expect(await ways(system, 'Observation', note.id)).toEqual(all(200));
    const teams = await records.search(spared.caller, 'CareTeam', [['patient', ada.id]]);
    expect(teams.entry ?? []).toEqual([]);
    // Another patient's chart is as it was.
    const hers = await records.create(system, noteOn(bea.id));
    await records.create(system, teamOf(bea.id, shut.id));
    expect(await status(records.read(shut.caller, 'Observation', hers.id))).toBe(200);
    await withdraw(ada.caller, consent);
  });

  it('of a type, of one thing, for a purpose, for a time', async () => {
    const { records, system } = world;
    const [one, two] = [
      await records.create(system, noteOn(ada.id)),
      await records.create(system, noteOn(ada.id)),
    ];
    const doctor = await doctorOf(ada.id);
    const reads = async (by: Caller = doctor.caller) => [
      await status(records.read(by, 'Observation', one.id)),
      await status(records.vread(by, 'Observation', two.id, 1)),
      await status(records.read(by, 'Patient', ada.id)),
    ];
    const denied = async (
      provision: ConsentProvision,
      expected: number[],
      by: Caller = doctor.caller,
    ) => {
      const said = { type: 'deny' as const, actor: actor('Practitioner', doctor.id), ...provision };
      const consent = await records.create(ada.caller, consentOf(ada.id, said));
      expect(await reads(by)).toEqual(expected);
      await withdraw(ada.caller, consent);
      expect(await reads()).toEqual([200, 200, 200]);
    };
    await denied({ class: [{ code: 'Observation' }] }, [404, 404, 200]);
    await denied(
      { data: [{ meaning: 'instance', reference: refer('Observation', one.id) }] },
      [404, 200, 200],
    );
    await denied({ purpose: [{ code: 'HRESCH' }] }, [200, 200, 200]);
    await denied({ purpose: [{ code: 'TREAT' }] }, [404, 404, 404]);
    const on = (days: number) => new Date(Date.now() + days * day).toISOString();
    await denied({ period: { start: on(1) } }, [200, 200, 200]);
    await denied({ period: { start: on(1), end: on(2) } }, [404, 404, 404], {
      ...doctor.caller,
      at: Date.now() + 1.5 * day,
    });
  });

  it('of a type lets nobody write it either', async () => {
    const { records } = world;
    const doctor = await doctorOf(ada.id);
    const consent = await records.create(
      ada.caller,
      consentOf(ada.id, {
        type: 'deny',
        actor: actor('Practitioner', doctor.id),
        class: [{ code: 'Observation' }],
      }),
    );
    expect(await status(records.create(doctor.caller, noteOn(ada.id)))).toBe(403);
    const condition: Resource = {
      resourceType: 'Condition',
      subject: refer('Patient', ada.id),
      code: { text: 'x' },
    };
    expect(await status(records.create(doctor.caller, condition))).toBe(200);
    await withdraw(ada.caller, consent);
  });

  it('by label hides what carries it, its narrower kinds, and all its history', async () => {
    const { records, system } = world;
    const [plain, psy] = [
      await records.create(system, noteOn(ada.id)),
      await records.create(system, noteOn(ada.id, 'PSY')),
    ];
    const doctor = await doctorOf(ada.id);
    const consent = await records.create(
      ada.caller,
      consentOf(ada.id, { type: 'deny', securityLabel: [{ system: actCode, code: 'MH' }] }),
    );
    expect(await ways(doctor.caller, 'Observation', plain.id)).toEqual(all(200));
    expect(await ways(doctor.caller, 'Observation', psy.id)).toEqual(all(404));
    // A label that came later shuts the versions before it.
    await records.update(system, { ...noteOn(ada.id, 'PSY'), id: plain.id });
    expect(await ways(doctor.caller, 'Observation', plain.id)).toEqual(all(404));
    expect(await found(ada.caller, [['_id', psy.id]])).toEqual([psy.id]);
    await withdraw(ada.caller, consent);
  });

  it('of a patient who is named beside the owner counts, everybody’s too', async () => {
    const { records, system } = world;
    const doctor = await doctorOf(ada.id);
    const both = await records.create(system, {
      resourceType: 'Appointment',
      status: 'booked',
      start: new Date(Date.now() + 3_600_000).toISOString(),
      end: new Date(Date.now() + 5_400_000).toISOString(),
      participant: [ada.id, bea.id].map((id) => ({
        actor: refer('Patient', id),
        status: 'accepted' as const,
      })),
    });
    expect(await status(records.read(doctor.caller, 'Appointment', both.id))).toBe(200);
    const consent = await records.create(bea.caller, consentOf(bea.id, { type: 'deny' }));
    expect(await status(records.read(doctor.caller, 'Appointment', both.id))).toBe(404);
    await withdraw(bea.caller, consent);
  });
});

describe('what somebody belongs to', () => {
  /** As she signs in: her account, with what it acts as and belongs to. */
  async function signedIn(id: string): Promise<Caller> {
    const fhirUser = { type: 'Practitioner' as const, id };
    const { id: account } = await world.access.accounts.create({
      tenant: 1,
      role: 'practitioner',
      email: `${id}@clinic.example`,
      name: 'Someone',
      password: { hash: 'x' },
      totpSecret: 'JBSWY3DPEHPK3PXP',
      fhirUser,
    });
    return (await world.access.standIn({ tenant: 1, kind: 'user', id: account }, 'test'))!;
  }

  it('an organisation that is let in, or shut out, is everybody who works there now', async () => {
    const { records, system } = world;
    const note = await records.create(system, noteOn(ada.id));
    const doctor = await world.practitioner();
    const house = await records.create(system, { resourceType: 'Organization', name: 'Lab' });
    const role = await records.create(system, {
      resourceType: 'PractitionerRole',
      practitioner: refer('Practitioner', doctor.id),
      organization: refer('Organization', house.id),
    });
    const permit = await records.create(
      ada.caller,
      consentOf(ada.id, { type: 'permit', actor: actor('Organization', house.id) }),
    );
    const caller = await signedIn(doctor.id);
    const again = () => signedIn(doctor.id);
    expect(await ways(caller, 'Observation', note.id)).toEqual(all(200));
    await records.update(system, { ...role.resource, active: false } as Resource);
    expect(await ways(await again(), 'Observation', note.id)).toEqual(all(404));
    await records.update(system, { ...role.resource, active: true } as Resource);
    const deny = await records.create(
      ada.caller,
      consentOf(ada.id, { type: 'deny', actor: actor('Organization', house.id) }),
    );
    await records.create(system, teamOf(ada.id, doctor.id));
    expect(await ways(await again(), 'Observation', note.id)).toEqual(all(404));
    await withdraw(ada.caller, deny);
    await withdraw(ada.caller, permit);
    await records.remove(system, 'PractitionerRole', role.id);
    const { rows } = await world.data.ownerDb.query('select from access.membership');
    expect(rows.length).toBe(
      (
        await world.data.ownerDb.query(
          `select from access.membership where source like 'CareTeam/%'`,
        )
      ).rows.length,
    );
  });

  it('nobody enters a team that another patient has let in, by a chart she holds', async () => {
    const { records, system } = world;
    const secret = await records.create(system, noteOn(bea.id));
    const doctor = await doctorOf(ada.id);
    const team = await records.create(system, {
      ...teamOf(ada.id, (await world.practitioner()).id),
    });
    const permit = await records.create(
      bea.caller,
      consentOf(bea.id, { type: 'permit', actor: actor('CareTeam', team.id) }),
    );
    await records.update(doctor.caller, {
      ...(team.resource as CareTeam),
      participant: [
        ...(team.resource as CareTeam).participant!,
        { member: refer('Practitioner', doctor.id) },
      ],
    });
    const caller = await signedIn(doctor.id);
    expect(await ways(caller, 'Observation', secret.id)).toMatchObject({ read: 404, byId: 404 });
    // The house adds her.
    const now = await records.read(system, 'CareTeam', team.id);
    await records.update(system, now.resource);
    expect(await status(records.read(await signedIn(doctor.id), 'Observation', secret.id))).toBe(
      200,
    );
    await withdraw(bea.caller, permit);
  });
});

describe('who may see a chart', () => {
  it('is told to the patient and her proxy, to nobody else', async () => {
    const { records, system } = world;
    const doctor = await doctorOf();
    const consent = await records.create(
      ada.caller,
      consentOf(ada.id, { type: 'permit', actor: actor('Practitioner', doctor.id) }),
    );
    const holders = await records.holders(ada.caller, ada.id);
    expect(holders.filter((one) => one.principal === doctor.id)).toMatchObject([
      { class: 'chart', purpose: 'TREAT', source: `Consent/${consent.id}` },
    ]);
    const person = await records.create(system, {
      resourceType: 'RelatedPerson',
      patient: refer('Patient', ada.id),
    });
    const mother = world.caller('patient', { fhirUser: { type: 'RelatedPerson', id: person.id } });
    expect((await records.holders(mother, ada.id)).length).toBeGreaterThan(1);
    for (const by of [doctor.caller, bea.caller, world.caller('auditor')])
      expect(await status(records.holders(by, ada.id))).toBe(403);
    await withdraw(ada.caller, consent);
    const after = await records.holders(ada.caller, ada.id);
    expect(after.filter((one) => one.principal === doctor.id)).toEqual([]);
  });
});

describe('two consents', () => {
  it('that conflict: the denial holds, whichever came first', async () => {
    const { records, system } = world;
    const note = await records.create(system, noteOn(ada.id));
    const doctor = await doctorOf();
    const permit = consentOf(ada.id, { type: 'permit', actor: actor('Practitioner', doctor.id) });
    const deny = consentOf(ada.id, { type: 'deny', class: [{ code: 'Observation' }] });
    const first = await records.create(ada.caller, permit);
    const second = await records.create(ada.caller, deny);
    expect(await status(records.read(doctor.caller, 'Observation', note.id))).toBe(404);
    expect(await status(records.read(doctor.caller, 'Patient', ada.id))).toBe(200);
    await withdraw(ada.caller, first);
    const third = await records.create(ada.caller, permit);
    expect(await status(records.read(doctor.caller, 'Observation', note.id))).toBe(404);
    await withdraw(ada.caller, second);
    expect(await status(records.read(doctor.caller, 'Observation', note.id))).toBe(200);
    await withdraw(ada.caller, third);
  });
});

describe('nobody consents for another', () => {
  it('a clinician, another patient, a proxy who is none', async () => {
    const { records, system } = world;
    const doctor = await doctorOf(ada.id);
    const permit: ConsentProvision = { type: 'permit', actor: actor('Practitioner', doctor.id) };
    for (const by of [doctor.caller, bea.caller, world.caller('administrator')]) {
      expect(await status(records.create(by, consentOf(ada.id, permit)))).toBe(403);
      expect(
        await status(
          records.transaction(by, {
            resourceType: 'Bundle',
            type: 'transaction',
            entry: [
              {
                resource: consentOf(ada.id, permit),
                request: { method: 'POST', url: 'Consent' },
              },
            ],
          }),
        ),
      ).toBe(403);
    }
    // One whom the patient lets see, as family, does not thereby speak for her.
    const aunt = await records.create(system, {
      resourceType: 'RelatedPerson',
      active: false,
      patient: refer('Patient', ada.id),
    });
    const guest = world.caller('patient', { fhirUser: { type: 'RelatedPerson', id: aunt.id } });
    const shown = await records.create(
      ada.caller,
      consentOf(ada.id, { type: 'permit', actor: actor('RelatedPerson', aunt.id) }),
    );
    expect(await status(records.read(guest, 'Patient', ada.id))).toBe(200);
    expect(await status(records.create(guest, consentOf(ada.id, permit)))).toBe(403);
    await withdraw(ada.caller, shown);
  });

  it('a proxy does, and the patient shuts out her proxy', async () => {
    const { records, system } = world;
    const person = await records.create(system, {
      resourceType: 'RelatedPerson',
      patient: refer('Patient', ada.id),
    });
    const mother = world.caller('patient', { fhirUser: { type: 'RelatedPerson', id: person.id } });
    const doctor = await doctorOf(ada.id);
    const byMother = await records.create(mother, consentOf(ada.id, { type: 'deny' }));
    expect(await status(records.read(doctor.caller, 'Patient', ada.id))).toBe(404);
    expect(await status(records.read(mother, 'Patient', ada.id))).toBe(200);
    await withdraw(mother, byMother);
    expect(await status(records.read(doctor.caller, 'Patient', ada.id))).toBe(200);
    // What an adolescent keeps from her parents.
    const note = await records.create(system, noteOn(ada.id, 'SEX'));
    const hers = await records.create(
      ada.caller,
      consentOf(ada.id, {
        type: 'deny',
        actor: actor('RelatedPerson', person.id),
        securityLabel: [{ system: actCode, code: 'SEX' }],
      }),
    );
    expect(await ways(mother, 'Observation', note.id)).toEqual(all(404));
    expect(await status(records.read(mother, 'Patient', ada.id))).toBe(200);
    await withdraw(ada.caller, hers);
  });
});

describe('an emergency', () => {
  it('opens what consent shuts, but not what is labelled V, nor one thing shut by name', async () => {
    const { records, system } = world;
    const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
    const very = {
      ...noteOn(ada.id),
      meta: { security: [{ system: confidentiality, code: 'V' }] },
    };
    const [plain, psy, secret, named] = [
      await records.create(system, noteOn(ada.id)),
      await records.create(system, noteOn(ada.id, 'PSY')),
      await records.create(system, very),
      await records.create(system, noteOn(ada.id)),
    ];
    const doctor = await doctorOf();
    const consents = [
      await records.create(ada.caller, consentOf(ada.id, { type: 'deny' })),
      await records.create(
        ada.caller,
        consentOf(ada.id, {
          type: 'deny',
          securityLabel: [
            { system: actCode, code: 'PSY' },
            { system: confidentiality, code: 'V' },
          ],
        }),
      ),
      await records.create(
        ada.caller,
        consentOf(ada.id, {
          type: 'deny',
          data: [{ meaning: 'instance', reference: refer('Observation', named.id) }],
        }),
      ),
    ];
    const at = Date.now();
    await records.write(system, (tx) =>
      tx.grants.give([
        {
          principal: doctor.id,
          patient: ada.id,
          class: 'chart',
          purpose: 'ETREAT',
          source: 'BreakGlass/1',
          starts: at - 60_000,
          ends: at + 3_600_000,
        },
      ]),
    );
    const reads = () =>
      Promise.all(
        [plain, psy, secret, named].map(({ id }) =>
          status(records.read(doctor.caller, 'Observation', id)),
        ),
      );
    expect(await reads()).toEqual([200, 200, 404, 404]);
    expect(await status(records.vread(doctor.caller, 'Observation', psy.id, 1))).toBe(200);
    // It is no emergency of a researcher's.
    const research = { ...doctor.caller, purpose: 'HRESCH' };
    expect(await status(records.read(research, 'Observation', plain.id))).toBe(404);
    // What was opened in an emergency is nobody's to pass on: she writes, and nobody is let in by it.
    const second = await doctorOf();
    for (const one of [doctor, second])
      expect(await status(records.create(doctor.caller, teamOf(ada.id, one.id)))).toBe(200);
    expect(await status(records.read(second.caller, 'Patient', ada.id))).toBe(404);
    await records.write(system, (tx) => tx.grants.withdraw('BreakGlass/1'));
    expect(await reads()).toEqual([404, 404, 404, 404]);
    for (const one of consents) await withdraw(ada.caller, one);
  });
});

describe('a consent that cannot be followed', () => {
  it('is refused, and nothing of it is kept', async () => {
    const { records } = world;
    const before = (await records.search(ada.caller, 'Consent', [['patient', ada.id]])).total;
    for (const provision of [
      { type: 'deny', code: [{ text: 'my divorce' }] },
      { type: 'deny', actor: [{ role: { text: 'x' }, reference: { display: 'my ex' } }] },
      { type: 'permit' },
    ] as ConsentProvision[])
      expect(await status(records.create(ada.caller, consentOf(ada.id, provision)))).toBe(422);
    const after = (await records.search(ada.caller, 'Consent', [['patient', ada.id]])).total;
    expect(after).toBe(before);
  });

  it('is not there after an update that is refused: the version before still holds', async () => {
    const { records } = world;
    const doctor = await doctorOf(ada.id);
    const consent = await records.create(
      ada.caller,
      consentOf(ada.id, { type: 'deny', actor: actor('Practitioner', doctor.id) }),
    );
    const worse = { ...(consent.resource as Consent), provision: { type: 'permit' as const } };
    expect(await status(records.update(ada.caller, worse))).toBe(422);
    expect(await status(records.read(doctor.caller, 'Patient', ada.id))).toBe(404);
    await withdraw(ada.caller, consent);
  });

  it('its deletion by the house takes its rules along', async () => {
    const { records, system } = world;
    const doctor = await doctorOf(ada.id);
    const consent = await records.create(
      ada.caller,
      consentOf(ada.id, { type: 'deny', actor: actor('Practitioner', doctor.id) }),
    );
    expect(await status(records.read(doctor.caller, 'Patient', ada.id))).toBe(404);
    await records.remove(system, 'Consent', consent.id);
    expect(await status(records.read(doctor.caller, 'Patient', ada.id))).toBe(200);
    const { rows } = await world.data.ownerDb.query('select from records.deny where patient = $1', [
      ada.id,
    ]);
    expect(rows).toHaveLength(0);
  });
});
