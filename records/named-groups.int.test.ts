/** Of a clinician's hundreds of care teams only those that something names are among her principals; no denial is late for it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Caller } from '@afar/access';
import type { CareTeam, Consent, Observation, Resource } from '@afar/fhir';
import { openWorld, type World } from './testing/world.ts';

let world: World;
let ada: { id: string; caller: Caller };
let note: string;
beforeAll(async () => {
  world = await openWorld();
  ada = await world.patient({ name: [{ family: 'Ada' }] });
  note = (await world.records.create(world.system, noteOn(ada.id))).id;
});
afterAll(() => world.close());

const refer = (type: string, id: string) => ({ reference: `${type}/${id}` });
const noteOn = (patient: string): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'said' },
  subject: refer('Patient', patient),
});
const teamOf = (patient: string, ...members: { reference: string }[]): CareTeam => ({
  resourceType: 'CareTeam',
  status: 'active',
  subject: refer('Patient', patient),
  participant: members.map((member) => ({ member })),
});
const consent = (type: 'permit' | 'deny', actor: string): Consent => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ code: 'patient-privacy' }] },
  category: [{ text: 'privacy' }],
  patient: refer('Patient', ada.id),
  policyRule: { text: 'as said' },
  provision: { type, actor: [{ role: { text: 'who' }, reference: { reference: actor } }] },
});

/** A clinician with an account; `now`: as her next request finds her. */
async function clinician(): Promise<{ id: string; now(): Promise<Caller> }> {
  const { id } = await world.practitioner();
  const account = await world.access.accounts.create({
    tenant: 1,
    role: 'practitioner',
    email: `${id}@clinic.example`,
    name: 'Someone',
    password: { hash: 'x' },
    totpSecret: 'JBSWY3DPEHPK3PXP',
    fhirUser: { type: 'Practitioner', id },
  });
  return {
    id,
    now: async () =>
      (await world.access.standIn({ tenant: 1, kind: 'user', id: account.id }, 'test'))!,
  };
}
const sees = (caller: Caller) =>
  world.records.read(caller, 'Observation', note).then(
    () => true,
    () => false,
  );

it('a team that nothing names is none of her principals; one that is denied shuts her out at the next request', async () => {
  const { records, system } = world;
  const doctor = await clinician();
  const alone = (await doctor.now()).principals;
  const team = await records.create(system, teamOf(ada.id, refer('Practitioner', doctor.id)));
  for (let n = 0; n < 3; n++) {
    const { id } = await world.patient({ name: [{ family: 'Other' }] });
    await records.create(system, teamOf(id, refer('Practitioner', doctor.id)));
  }
  expect((await doctor.now()).principals).toEqual(alone);
  expect(await sees(await doctor.now())).toBe(true);

  const deny = await records.create(ada.caller, consent('deny', `CareTeam/${team.id}`));
  expect(await sees(await doctor.now())).toBe(false);
  expect((await doctor.now()).principals).toEqual([...alone, team.id]);

  // Who enters a team that was named long ago is covered from then on; and who entered before its role did.
  const late = await clinician();
  await records.create(system, teamOf(ada.id, refer('Practitioner', late.id)));
  expect(await sees(await late.now())).toBe(true);
  await records.update(system, {
    ...(team.resource as CareTeam),
    participant: [doctor, late].map(({ id }) => ({ member: refer('Practitioner', id) })),
  } as Resource);
  expect(await sees(await late.now())).toBe(false);
  await records.update(ada.caller, { ...(deny.resource as Consent), status: 'inactive' });
  expect(await sees(await late.now())).toBe(true);
});

it('her role in an organisation that is in a named team reaches her, whichever was written last', async () => {
  const { records, system } = world;
  const doctor = await clinician();
  const house = await records.create(system, { resourceType: 'Organization', name: 'Lab' });
  const team = await records.create(system, teamOf(ada.id, refer('Organization', house.id)));
  await records.create(system, {
    resourceType: 'PractitionerRole',
    practitioner: refer('Practitioner', doctor.id),
    organization: refer('Organization', house.id),
  });
  expect(await sees(await doctor.now())).toBe(true);
  await records.create(ada.caller, consent('deny', `CareTeam/${team.id}`));
  expect(await sees(await doctor.now())).toBe(false);
});

it('nobody gives herself more time by the name of a team that nothing has named yet', async () => {
  const { records, system } = world;
  const doctor = await clinician();
  const { id: bea } = await world.patient({ name: [{ family: 'Bea' }] });
  const day = 86_400_000;
  const soon = new Date(Date.now() + day).toISOString();
  // What she holds ends in two days, what a holder may pass on a month after.
  await records.create(system, {
    ...teamOf(bea, refer('Practitioner', doctor.id)),
    period: { end: soon },
  } as CareTeam);
  const { id: other } = await world.patient({ name: [{ family: 'Cleo' }] });
  const team = await records.create(system, teamOf(other, refer('Practitioner', doctor.id)));
  const visit = await records.create(await doctor.now(), {
    resourceType: 'CareTeam',
    status: 'active',
    subject: refer('Patient', bea),
    participant: [{ member: refer('CareTeam', team.id) }],
  });
  const { rows } = await world.data.ownerDb.query<{ ends: number }>(
    'select ends from records."grant" where source = $1',
    [`CareTeam/${visit.id}`],
  );
  expect(rows.map((row) => Number(row.ends))).toEqual([Date.parse(soon)]);
});

it('who names a group and who enters it see each other, though neither has committed when the other begins', async () => {
  const { db, ownerDb } = world.data;
  const deny = (group: string) => ({
    text: `insert into records.deny (tenant, principal, patient, label, source) values (1, $1, $2, 0, 'test')`,
    values: [group, ada.id],
  });
  const join = (group: string) => ({
    text: `insert into access.membership (tenant, person, principal, source, starts, ends) values (1, $1, $2, 'test', 0, 9)`,
    values: [randomUUID(), group],
  });
  for (const [first, second] of [
    [deny, join],
    [join, deny],
  ] as const) {
    const group = randomUUID();
    let later: Promise<unknown> | undefined;
    await ownerDb.tx(async (tx) => {
      await tx.query(first(group));
      later = db.query(second(group));
      const waits = `select from pg_locks where locktype = 'advisory' and not granted`;
      await expect.poll(async () => (await tx.query(waits)).rows.length).toBe(1);
    });
    await later;
    const { rows } = await ownerDb.query(
      'select counts from access.membership where principal = $1',
      [group],
    );
    expect(rows).toEqual([{ counts: true }]);
  }
});
