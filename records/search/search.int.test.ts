/** What a search promises beside its matches: round trips, paging while others write, handling, totals, shapes, hops. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerFor, systemCaller } from '@afar/access';
import type { Bundle, Observation, Patient, Practitioner, Resource } from '@afar/fhir';
import { testStore } from './testing.ts';
import type { TestStore } from './testing.ts';

let store: TestStore;
let ada: Patient;
let bob: Patient;
let nora: Practitioner;
const caller = () => systemCaller(1, store.clock, 'test');
const create = async <T extends Resource>(resource: T) =>
  (await store.records.create<T>(caller(), resource)).resource;
const search = (type: string, query: string, who = caller()): Promise<Bundle> =>
  store.records.search(who, type, [...new URLSearchParams(query)] as [string, string][]);
const resources = <T extends Resource>(bundle: Bundle): T[] =>
  (bundle.entry ?? [])
    .filter((one) => one.search?.mode === 'match')
    .map((one) => one.resource as T);
const ids = async (type: string, query: string) =>
  resources(await search(type, query)).map((one) => one.id!);
const nextOf = (bundle: Bundle) => bundle.link!.find((one) => one.relation === 'next')?.url;
const sent = () => store.roundTrips().filter((sql) => !sql.text.includes('records.change'));

const weight = (patient: Patient, day: number, more: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7', display: 'Body weight' }] },
  category: [{ coding: [{ code: 'vital-signs' }] }],
  subject: { reference: `Patient/${patient.id}` },
  effectiveDateTime: new Date(Date.UTC(2026, 0, day)).toISOString(),
  valueQuantity: {
    value: 60 + day / 10,
    unit: 'kg',
    code: 'kg',
    system: 'http://unitsofmeasure.org',
  },
  ...more,
});

beforeAll(async () => {
  store = await testStore();
  nora = await create<Practitioner>({
    resourceType: 'Practitioner',
    name: [{ family: 'Quill', given: ['Nora'] }],
    identifier: [{ system: 'urn:npi', value: '77' }],
  });
  const person = (family: string): Patient => ({
    resourceType: 'Patient',
    name: [{ family, given: ['Kim'] }],
    birthDate: family === 'Adams' ? '1970-01-01' : '1990-06-15',
    generalPractitioner: [{ reference: `Practitioner/${nora.id}` }],
  });
  ada = await create(person('Adams'));
  bob = await create(person('Brown'));
  for (let day = 1; day <= 30; day++) {
    await create(
      weight(ada, day, day % 3 ? {} : { performer: [{ reference: `Practitioner/${nora.id}` }] }),
    );
    if (day <= 5) await create(weight(bob, day));
  }
});
afterAll(() => store?.close());

describe('one round trip', () => {
  it.each([
    ['Observation', 'patient=$a&code=http://loinc.org|29463-7'],
    ['Observation', 'patient=$a&_sort=-date&_count=20'],
    ['Observation', 'patient=$a&date=ge2026-01-10&status=final'],
    ['Patient', 'name=Adams'],
    ['Patient', 'identifier=urn:mrn|1'],
    ['Patient', '_id=$a'],
    ['Patient', 'general-practitioner=$n'],
    ['Practitioner', 'identifier=77'],
  ])('%s?%s', async (type, template) => {
    const query = template.replace('$a', ada.id!).replace('$n', `Practitioner/${nora.id}`);
    await search(type, query);
    sent();
    await search(type, query);
    expect(sent().map((sql) => sql.text)).toHaveLength(1);
  });

  it('is enough for a clinician with a panel who names a patient', async () => {
    const doctor = callerFor('practitioner', { at: store.clock.now() });
    await store.db.query(
      `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends)
       select 1, $1, case when n = 0 then $2::uuid else gen_random_uuid() end, 'chart', 'TREAT', 'T/1', 0, $3
       from generate_series(0, 399) n`,
      [doctor.id, ada.id, store.clock.now() + 1000],
    );
    const query = `patient=${ada.id}&code=29463-7`;
    await search('Observation', query, doctor);
    sent();
    const bundle = await search('Observation', query, doctor);
    expect(resources(bundle)).toHaveLength(20);
    expect(sent()).toHaveLength(1);
    // Without a patient: her panel, then all of its charts in one statement.
    await search('Observation', 'code=29463-7', doctor);
    sent();
    expect(resources(await search('Observation', 'code=29463-7', doctor))).toHaveLength(20);
    expect(sent().length).toBeLessThanOrEqual(3);
  });
});

describe('paging [FHIR R4 http.html#paging]', () => {
  it('gives every match that does not change exactly once while others come, change and go', async () => {
    const stable = new Set(await ids('Observation', `patient=${ada.id}&_count=100`));
    const extra = await create(weight(ada, 15));
    const seen: string[] = [];
    let bundle = await search('Observation', `patient=${ada.id}&_count=4&_sort=-date`);
    for (let page = 0; ; page++) {
      seen.push(...resources(bundle).map((one) => one.id!));
      const next = nextOf(bundle);
      if (!next) break;
      // A newer one, an older one, and one on the very border come in; one goes.
      const made = await create(weight(ada, 31 - page));
      await create(weight(ada, 1 + page));
      if (page === 1) await store.records.remove(caller(), 'Observation', extra.id!);
      if (page === 2) await store.records.remove(caller(), 'Observation', made.id!);
      bundle = await search('Observation', new URL(next).search);
    }
    expect(new Set(seen).size).toBe(seen.length);
    for (const id of stable) expect(seen).toContain(id);
  });

  it('goes on over a short page: verified rows that do not match are no end', async () => {
    const rare = await create(
      weight(ada, 2, { note: [{ text: 'x' }], valueQuantity: { value: 999 } }),
    );
    let found: string[] = [];
    let url: string | undefined = `?patient=${ada.id}&value-quantity=gt900&_count=2`;
    for (let pages = 0; url && pages < 50; pages++) {
      const bundle: Bundle = await search('Observation', new URL(url, 'http://x').search);
      found = [...found, ...resources(bundle).map((one) => one.id!)];
      url = nextOf(bundle);
    }
    expect(found).toEqual([rare.id]);
    await store.records.remove(caller(), 'Observation', rare.id!);
  });

  it('keeps the query out of the address of the next page', async () => {
    const first = await search('Patient', 'given=Kim&_count=1');
    const next = new URL(nextOf(first)!);
    expect([...next.searchParams.keys()]).toEqual(['_cursor']);
    const second = await search('Patient', next.search);
    const families = [first, second].flatMap((page) =>
      resources<Patient>(page).map((one) => one.name![0]!.family!),
    );
    expect(families.sort((x, y) => (x < y ? -1 : 1))).toEqual(['Adams', 'Brown']);
  });
});

describe('handling [FHIR R4 search.html#errors]', () => {
  const strict = (type: string, query: string) => {
    const params = [...new URLSearchParams(query)] as [string, string][];
    return store.records.write(caller(), (tx) => tx.search(type, params));
  };
  it('lenient: an unknown parameter is ignored, said, and not in the self link', async () => {
    const bundle = await search('Patient', 'family=Adams&shoe-size=43');
    expect(resources(bundle)).toHaveLength(1);
    const outcome = bundle.entry!.find((one) => one.search!.mode === 'outcome')!.resource;
    expect(JSON.stringify(outcome)).toContain('shoe-size');
    const self = bundle.link!.find((one) => one.relation === 'self')!.url;
    expect(self).toContain('family=Adams');
    expect(self).not.toContain('shoe-size');
  });
  it('an unsupported modifier or sort is refused, never passed over', async () => {
    await expect(strict('Observation', 'code:in=http://x')).rejects.toMatchObject({ status: 400 });
    await expect(search('Observation', 'code:in=http://x')).rejects.toMatchObject({ status: 400 });
    await expect(search('Observation', '_sort=colour')).rejects.toMatchObject({ status: 400 });
    await expect(search('Observation', '_sort=code-value-quantity')).rejects.toMatchObject({
      status: 400,
    });
  });
});

describe('totals [FHIR R4 search.html#total]', () => {
  it('is there when all fits, when asked for, and alone', async () => {
    expect((await search('Patient', 'given=Kim')).total).toBe(2);
    expect((await search('Observation', `patient=${bob.id}&_count=2`)).total).toBeUndefined();
    expect((await search('Observation', `patient=${bob.id}&_count=2&_total=accurate`)).total).toBe(
      5,
    );
    for (const ask of ['_summary=count', '_count=0']) {
      const alone = await search('Observation', `patient=${bob.id}&value-quantity=gt60.2&${ask}`);
      expect(alone.total).toBe(3);
      expect(alone.entry).toBeUndefined();
    }
  });
});

describe('shapes [FHIR R4 search.html#elements]', () => {
  it('gives parts of a resource and says so', async () => {
    const [one] = resources<Observation>(
      await search('Observation', `patient=${bob.id}&_count=1&_elements=status`),
    );
    // What is mandatory stays, so that the part is a resource still.
    expect(Object.keys(one!).sort()).toEqual(['code', 'id', 'meta', 'resourceType', 'status']);
    expect(one!.meta!.tag).toContainEqual(expect.objectContaining({ code: 'SUBSETTED' }));
  });
});

describe('hops', () => {
  it('chains [FHIR R4 search.html#chaining]', async () => {
    const all = await ids('Observation', `patient=${bob.id}&_count=100`);
    for (const query of [
      'subject:Patient.name=Brown',
      'patient.family=brown',
      'patient.birthdate=1990',
      'subject:Patient._id=' + bob.id,
    ]) {
      expect((await ids('Observation', `${query}&_count=100`)).sort()).toEqual([...all].sort());
    }
    expect(await ids('Observation', 'patient.name=Nobody')).toEqual([]);
    expect(await ids('Observation', `patient=${ada.id}&patient.name=Brown`)).toEqual([]);
    // Two hops: whose practitioner is Quill.
    const both = await ids('Observation', 'patient.general-practitioner.name=Quill&_count=1000');
    expect(both.length).toBeGreaterThan(all.length);
  });

  it('_has [FHIR R4 search.html#has]', async () => {
    expect(
      await ids('Patient', '_has:Observation:patient:performer=Practitioner/' + nora.id),
    ).toEqual([ada.id]);
    expect((await ids('Patient', '_has:Observation:patient:code=29463-7')).sort()).toEqual(
      [ada.id!, bob.id!].sort(),
    );
    expect(await ids('Patient', '_has:Observation:patient:code=nothing')).toEqual([]);
    expect(await ids('Practitioner', '_has:Patient:general-practitioner:family=Brown')).toEqual([
      nora.id,
    ]);
  });

  it('_include and _revinclude [FHIR R4 search.html#revinclude]', async () => {
    const included = (bundle: Bundle) =>
      bundle.entry!.filter((one) => one.search!.mode === 'include').map((one) => one.resource!.id!);
    const up = await search('Observation', `patient=${bob.id}&_include=Observation:subject`);
    expect(included(up)).toEqual([bob.id]);
    const typed = `patient=${bob.id}&_include=Observation:subject:Group`;
    expect(included(await search('Observation', typed))).toEqual([]);
    const iterated = `patient=${bob.id}&_include=Observation:subject&_include:iterate=Patient:general-practitioner`;
    expect(included(await search('Observation', iterated)).sort()).toEqual(
      [bob.id!, nora.id!].sort(),
    );
    const down = await search('Patient', `_id=${bob.id}&_revinclude=Observation:subject`);
    expect(included(down).sort()).toEqual(
      (await ids('Observation', `patient=${bob.id}&_count=100`)).sort(),
    );
  });

  it('an edge forged in the database leads nowhere', async () => {
    const [first] = await ids('Observation', `patient=${bob.id}&_count=1`);
    await store.db.query(
      `insert into records.edge (tenant, source_type, source, target_type, target, params)
       values (1, 'Observation', $1, 'Patient', $2, '{subject,patient}'),
              (1, 'Observation', $1, 'Practitioner', $3, '{performer}')`,
      [first, ada.id, nora.id],
    );
    expect(await ids('Observation', `performer=Practitioner/${nora.id}&_count=1000`)).not.toContain(
      first,
    );
    const bundle = await search('Observation', `_id=${first}&_include=Observation:subject`);
    expect(JSON.stringify(bundle)).not.toContain('Adams');
    const back = await search('Patient', `_id=${ada.id}&_revinclude=Observation:subject`);
    expect(back.entry!.map((one) => one.resource!.id)).not.toContain(first);
  });

  it('a token forged in the database shows nothing', async () => {
    const [mine] = await ids('Observation', `patient=${ada.id}&_count=1`);
    const [theirs] = await ids('Observation', `patient=${bob.id}&_count=1`);
    await store.db.query(
      `insert into records.token (tenant, token, at, rid)
       select t.tenant, t.token, r.at, r.rid from records.token t, records.resource r
       where t.rid = $1 and r.rid = $2 on conflict do nothing`,
      [mine, theirs],
    );
    expect(await ids('Observation', `patient=${ada.id}&code=29463-7&_count=1000`)).not.toContain(
      theirs,
    );
    expect(await ids('Observation', `patient=${ada.id}&_count=1000`)).not.toContain(theirs);
  });
});

describe('ids that are no UUIDs', () => {
  it('are found as ids, as references and through hops', async () => {
    const who: Patient = { resourceType: 'Patient', id: 'mrn-1', name: [{ family: 'Aliased' }] };
    await store.records.update(caller(), who);
    const made = await create(weight(who, 3));
    expect(await ids('Patient', '_id=mrn-1')).toEqual(['mrn-1']);
    expect(await ids('Observation', 'patient=mrn-1')).toEqual([made.id]);
    expect(await ids('Observation', 'patient=Patient/mrn-1&code=29463-7')).toEqual([made.id]);
    expect(await ids('Observation', 'patient.name=Aliased')).toEqual([made.id]);
    expect(await ids('Patient', '_has:Observation:patient:date=2026-01-03&name=Aliased')).toEqual([
      'mrn-1',
    ]);
    const bundle = await search('Observation', 'patient=mrn-1&_include=Observation:patient');
    expect(bundle.entry!.map((one) => one.resource!.id)).toEqual([made.id, 'mrn-1']);
    expect(await ids('Observation', 'patient=mrn-unknown')).toEqual([]);
  });
});

describe('virtual types', () => {
  it('come as pages of the provider with a cursor of their own', async () => {
    const slots = Array.from({ length: 7 }, (_, n) => ({
      key: String(n),
      resource: {
        resourceType: 'Slot' as const,
        id: `slot-${n}`,
        status: 'free' as const,
        schedule: { reference: 'Schedule/1' },
        start: '2026-01-01T00:00:00Z',
        end: '2026-01-01T00:30:00Z',
      },
    }));
    store.records.virtual('Slot', {
      read: async (_, id) => slots.find((one) => one.resource.id === id)?.resource,
      async *stream(_, __, after) {
        for (const slot of slots) if (after === undefined || slot.key > after) yield slot;
      },
    });
    const seen: string[] = [];
    let bundle = await search('Slot', '_count=3');
    for (;;) {
      seen.push(...resources(bundle).map((one) => one.id!));
      const next = nextOf(bundle);
      if (!next) break;
      bundle = await search('Slot', new URL(next).search);
    }
    expect(seen).toEqual(slots.map((one) => one.resource.id));
    // [FHIR R4 search.html#summary, #total]
    for (const query of ['_summary=count', '_count=0']) {
      const counted = await search('Slot', query);
      expect([counted.total, counted.entry]).toEqual([slots.length, undefined]);
    }
    expect((await search('Slot', '_count=3&_total=accurate')).total).toBe(slots.length);
    expect((await search('Slot', '_count=3')).total).toBeUndefined();
    expect((await search('Slot', '')).total).toBe(slots.length);
    const auditor = callerFor('auditor', { at: store.clock.now() });
    await expect(search('Slot', '', auditor)).rejects.toMatchObject({ status: 403 });
  });
});
