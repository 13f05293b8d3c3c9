/** $everything: the whole chart and what it names, in pages, and nothing that the caller may not see. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScopes } from '@afar/access';
import type { Caller } from '@afar/access';
import type { Bundle, Encounter, Observation, Resource } from '@afar/fhir';
import { openWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
let ada: { id: string; caller: Caller };
let bea: { id: string; caller: Caller };
let doctor: { id: string; caller: Caller };
let other: { id: string; caller: Caller };
let encounter: string;
let organization: string;
const refer = (type: string, id: string) => ({ reference: `${type}/${id}` });
const create = async <T extends Resource>(resource: T): Promise<string> =>
  (await world.records.create(world.system, resource)).id;

const observation = (patient: string, n: number, more: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: `value ${n}` },
  subject: refer('Patient', patient),
  effectiveDateTime: `2026-0${1 + (n % 9)}-10`,
  ...more,
});

const grant = (principal: string, patient: string, ends: number) =>
  world.data.db.query(
    `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends)
     values (1, $1, $2, 'chart', 'TREAT', 'Test/everything', 0, $3)`,
    [principal, patient, ends],
  );

beforeAll(async () => {
  world = await openWorld();
  http = await world.http();
  [ada, bea] = [await world.patient(), await world.patient({ name: [{ family: 'Bea' }] })];
  [doctor, other] = [await world.practitioner(), await world.practitioner()];
  organization = await create({ resourceType: 'Organization', name: 'Clinic' });
  await grant(doctor.id, ada.id, Date.now() + 3_600_000);
  encounter = await create<Encounter>({
    resourceType: 'Encounter',
    status: 'finished',
    class: { code: 'VR' },
    subject: refer('Patient', ada.id),
    serviceProvider: refer('Organization', organization),
    period: { start: '2026-03-01', end: '2026-03-01' },
  });
  for (let n = 0; n < 7; n++) await create(observation(ada.id, n));
  await create(observation(ada.id, 8, { encounter: refer('Encounter', encounter) }));
  await create({
    resourceType: 'AllergyIntolerance',
    patient: refer('Patient', ada.id),
    recorder: refer('Practitioner', doctor.id),
    clinicalStatus: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
          code: 'active',
        },
      ],
    },
  });
  // Another's chart that names her, and one that does not.
  await create(observation(bea.id, 1, { performer: [refer('Patient', ada.id)] }));
  await create(observation(bea.id, 2));
});
afterAll(() => world.close());

async function ask(as: Caller, url: string) {
  const answer = await http.inject({ as, method: 'GET', url: `/fhir/R4/${url}` });
  const bundle = JSON.parse(answer.text) as Bundle;
  const named = (mode: string) =>
    (bundle.entry ?? [])
      .filter((one) => one.search?.mode === mode)
      .map((one) => `${one.resource!.resourceType}/${one.resource!.id}`);
  return { ...answer, bundle, matches: named('match'), includes: named('include') };
}
const next = (bundle: Bundle) =>
  bundle.link?.find((one) => one.relation === 'next')?.url.split('/fhir/R4/')[1];
const typesOf = (names: string[]) => names.map((name) => name.replace(/\/.*/, '')).toSorted();

describe('Patient/[id]/$everything [patient-operation-everything.html]', () => {
  it('holds the patient, her chart, and the people and places it names', async () => {
    const { matches, includes, bundle } = await ask(ada.caller, `Patient/${ada.id}/$everything`);
    expect(typesOf(matches)).toEqual([
      'AllergyIntolerance',
      'Encounter',
      ...Array<string>(8).fill('Observation'),
      'Patient',
    ]);
    expect(new Set(includes)).toEqual(
      new Set([`Practitioner/${doctor.id}`, `Organization/${organization}`]),
    );
    expect(bundle.total).toBe(11);
  });

  it('comes in pages that repeat and skip nothing, also while others write', async () => {
    const seen: string[] = [];
    let url: string | undefined = `Patient/${ada.id}/$everything?_count=3`;
    for (let page = 0; url; page++) {
      const { matches, bundle } = await ask(doctor.caller, url);
      expect(matches.length).toBeLessThanOrEqual(3);
      seen.push(...matches);
      if (page === 1) await create({ ...observation(bea.id, 3) });
      url = next(bundle);
    }
    expect(seen).toHaveLength(11);
    expect(new Set(seen).size).toBe(11);
  });

  it('narrows by _type, _since, start and end', async () => {
    const at = `Patient/${ada.id}/$everything`;
    expect(typesOf((await ask(ada.caller, `${at}?_type=Encounter,Patient`)).matches)).toEqual([
      'Encounter',
      'Patient',
    ]);
    const future = new Date(Date.now() + 3_600_000).toISOString();
    expect((await ask(ada.caller, `${at}?_since=${future}`)).matches).toEqual([]);
    const march = await ask(
      ada.caller,
      `${at}?_type=Observation,Encounter&start=2026-03-01&end=2026-03-31`,
    );
    expect(typesOf(march.matches)).toEqual(['Encounter', 'Observation']);
    for (const bad of ['_type=Nothing', '_since=x', 'start=13', '_count=0', '_count=x']) {
      const { status } = await ask(ada.caller, `${at}?${bad}`);
      expect([bad, status]).toEqual([bad, 400]);
    }
  });

  it('is not found for whoever does not hold the chart, existing or not', async () => {
    const absent = '77777777-0000-4000-8000-000000000000';
    for (const id of [ada.id, absent])
      expect((await ask(other.caller, `Patient/${id}/$everything`)).status).toBe(404);
  });

  it('ends with the grant: the next page of a chart that was taken away is not found', async () => {
    const [cara, mine] = [await world.patient(), await world.practitioner()];
    for (let n = 0; n < 4; n++) await create(observation(cara.id, n));
    await grant(mine.id, cara.id, Date.now() + 3_600_000);
    const first = await ask(mine.caller, `Patient/${cara.id}/$everything?_count=2`);
    expect(first.matches).toHaveLength(2);
    await world.data.db.query(`delete from records."grant" where principal = $1`, [mine.id]);
    expect((await ask(mine.caller, next(first.bundle)!)).status).toBe(404);
  });

  it('takes the page address of nobody else', async () => {
    const { bundle } = await ask(doctor.caller, `Patient/${ada.id}/$everything?_count=2`);
    expect((await ask(ada.caller, next(bundle)!)).status).toBe(400);
    const moved = next(bundle)!.replace(ada.id, bea.id);
    expect((await ask(world.system, moved)).status).toBe(400);
  });

  it('leaves in the trail whose data it told', async () => {
    const { headers } = await ask(doctor.caller, `Patient/${ada.id}/$everything?_count=2`);
    const { rows } = await world.data.ownerDb.query(
      'select action, patients, params from access.audit_event where request = $1',
      [headers['x-request-id']],
    );
    expect(rows).toEqual([{ action: 'everything', patients: [ada.id], params: ['_count'] }]);
  });

  it('goes through the scopes of a token, granular ones too', async () => {
    const scopes = parseScopes('system/Patient.rs system/Observation.rs?category=laboratory');
    const client = world.caller('system', { id: crypto.randomUUID(), kind: 'client', scopes });
    const { matches, includes } = await ask(client, `Patient/${ada.id}/$everything`);
    expect([matches, includes]).toEqual([[`Patient/${ada.id}`], []]);
  });

  it('tells of an encounter’s patient only within the scopes of the token', async () => {
    const asked = async (scope: string) => {
      const scopes = parseScopes(scope);
      const client = world.caller('system', { id: crypto.randomUUID(), kind: 'client', scopes });
      const { status, matches } = await ask(client, `Encounter/${encounter}/$everything`);
      return [status, matches];
    };
    const alone = [200, [`Encounter/${encounter}`]];
    expect(await asked('system/Encounter.rs')).toEqual(alone);
    // She is not inactive, so she is outside.
    expect(await asked('system/Encounter.rs system/Patient.rs?active=false')).toEqual(alone);
    expect(await asked('system/Encounter.rs system/Patient.rs')).toEqual([
      200,
      [`Encounter/${encounter}`, `Patient/${ada.id}`],
    ]);
  });
});

describe('twin worlds: hidden rows change no byte of $everything', () => {
  it('neither a denied label, nor what only a hidden row names, nor another chart that names her', async () => {
    const [dora, reader] = [await world.patient(), await world.practitioner()];
    await grant(reader.id, dora.id, Date.now() + 3_600_000);
    for (let n = 0; n < 3; n++) await create(observation(dora.id, n));
    const at = `Patient/${dora.id}/$everything`;
    const before = (await ask(reader.caller, at)).text;
    // The clinic fills with what she must not learn of.
    const security = [
      { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
    ];
    const specialist = await world.practitioner();
    const secret = await world.records.create(world.system, {
      ...observation(dora.id, 4, { performer: [refer('Practitioner', specialist.id)] }),
      meta: { security },
    });
    const { rows } = await world.data.ownerDb.query<{ label: string }>(
      'select labels[1]::text as label from records.resource where rid = $1',
      [secret.id],
    );
    await world.data.db.query(
      `insert into records.deny (tenant, principal, patient, label, source) values (1, $1, $2, $3, 'Test/1')`,
      [reader.id, dora.id, rows[0]!.label],
    );
    await create(observation(bea.id, 5, { performer: [refer('Patient', dora.id)] }));
    expect((await ask(reader.caller, at)).text).toBe(before);
    expect((await ask(world.system, at)).text).toContain(secret.id);
  });
});

describe('Patient/$everything', () => {
  it('walks every chart the caller holds, each resource once', async () => {
    const reader = await world.practitioner();
    for (const { id } of [ada, bea]) await grant(reader.id, id, Date.now() + 3_600_000);
    const seen: string[] = [];
    let url: string | undefined = 'Patient/$everything?_count=5';
    while (url) {
      const { matches, bundle } = await ask(reader.caller, url);
      seen.push(...matches);
      url = next(bundle);
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((name) => name.startsWith('Patient/')).toSorted()).toEqual(
      [`Patient/${ada.id}`, `Patient/${bea.id}`].toSorted(),
    );
    expect((await ask(other.caller, 'Patient/$everything')).matches).toEqual([]);
    expect(seen.filter((name) => name.startsWith('Observation/')).length).toBeGreaterThan(9);
  });
});

describe('Encounter/[id]/$everything [encounter-operation-everything.html]', () => {
  it('holds the encounter, its patient and what belongs to it', async () => {
    const { matches, includes } = await ask(doctor.caller, `Encounter/${encounter}/$everything`);
    expect(typesOf(matches)).toEqual(['Encounter', 'Observation', 'Patient']);
    expect(includes).toEqual([`Organization/${organization}`]);
    expect((await ask(other.caller, `Encounter/${encounter}/$everything`)).status).toBe(404);
  });
});
