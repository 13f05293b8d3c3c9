/** Searches over imported charts equal a naive filter over the files, page by page, for a client and for a clinician. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerFor, systemCaller } from '@afar/access';
import type { Caller } from '@afar/access';
import type {
  Bundle,
  Claim,
  Condition,
  Encounter,
  Immunization,
  MedicationRequest,
  Observation,
  Patient,
  Practitioner,
  Reference,
  Resource,
} from '@afar/fhir';
import { derivedId } from '../import/derive.ts';
import { importFiles } from '../import/import-files.ts';
import { importing } from '../import/importing.ts';
import { testStore } from './testing.ts';
import type { TestStore } from './testing.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'synthea');
const files = globSync('*.json', { cwd: folder }).sort();

type Check<T extends Resource> = (resource: T, patient: string) => boolean;

/** A query, the type it asks for, and what the answer is by the plain JSON. `$p` is the full URL of a patient. */
interface Question {
  type: string;
  query: string;
  check: Check<never>;
}
function ask<T extends Resource>(
  type: T['resourceType'],
  query: string,
  check: Check<T>,
): Question {
  return { type, query, check: check as Check<never> };
}

const plain = (text = '') => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const loinc = (resource: Observation, code: string) =>
  (resource.code.coding ?? []).some(
    (one) => one.system === 'http://loinc.org' && one.code === code,
  );
const ms = (text: string | undefined) => (text === undefined ? NaN : Date.parse(text));
const within = (text: string | undefined, from: string, to: string) =>
  ms(text) >= ms(from) && ms(text) < ms(to);

const questions: Question[] = [
  ask<Patient>('Patient', 'name=Casares', (p) =>
    p.name!.some((n) => [n.family, ...(n.given ?? [])].some((x) => plain(x).startsWith('casares'))),
  ),
  ask<Patient>('Patient', 'family=w', (p) => p.name!.some((n) => plain(n.family).startsWith('w'))),
  ask<Patient>('Patient', 'given=jose', (p) =>
    p.name!.some((n) => n.given!.some((x) => plain(x).startsWith('jose'))),
  ),
  ask<Patient>(
    'Patient',
    'family:contains=a&gender=female',
    (p) => p.gender === 'female' && p.name!.some((n) => plain(n.family).includes('a')),
  ),
  ask<Patient>('Patient', 'family:exact=walsh', () => false),
  ask<Patient>('Patient', 'birthdate=lt1970', (p) => p.birthDate! < '1970'),
  ask<Patient>(
    'Patient',
    'birthdate=ge1990&birthdate=lt2021',
    (p) => p.birthDate! >= '1990' && p.birthDate! < '2021',
  ),
  ask<Patient>('Patient', 'address-state=Massachusetts', (p) =>
    (p.address ?? []).some((a) => plain(a.state).startsWith('massachusetts')),
  ),
  ask<Patient>('Patient', 'death-date:missing=false', (p) => p.deceasedDateTime !== undefined),
  ask<Patient>('Patient', '', () => true),
  ask<Patient>('Patient', '_sort=-birthdate', () => true),
  ask<Practitioner>('Practitioner', 'name=a', (p) =>
    p.name!.some((n) => [n.family, ...(n.given ?? [])].some((x) => plain(x).startsWith('a'))),
  ),
  ask<Observation>('Observation', 'patient=$p', (o, p) => o.subject?.reference === p),
  ask<Observation>('Observation', 'patient=$p&_sort=-date', (o, p) => o.subject?.reference === p),
  ask<Observation>('Observation', 'patient=$p&_sort=date', (o, p) => o.subject?.reference === p),
  ask<Observation>(
    'Observation',
    'subject=$p&code=http://loinc.org|29463-7',
    (o, p) => o.subject?.reference === p && loinc(o, '29463-7'),
  ),
  ask<Observation>(
    'Observation',
    'patient=$p&code=8302-2,29463-7&status=final',
    (o, p) =>
      o.subject?.reference === p &&
      o.status === 'final' &&
      (loinc(o, '29463-7') || loinc(o, '8302-2')),
  ),
  ask<Observation>('Observation', 'code=http://loinc.org|8302-2', (o) => loinc(o, '8302-2')),
  ask<Observation>(
    'Observation',
    'code=8302-2&date=ge2015',
    (o) => loinc(o, '8302-2') && ms(o.effectiveDateTime) >= ms('2015-01-01'),
  ),
  ask<Observation>('Observation', 'date=2019', (o) =>
    within(o.effectiveDateTime, '2019-01-01', '2020-01-01'),
  ),
  ask<Observation>(
    'Observation',
    'patient=$p&date=gt2010-06&date=le2018-03-04',
    (o, p) => o.subject?.reference === p && within(o.effectiveDateTime, '2010-07-01', '2018-03-05'),
  ),
  ask<Observation>(
    'Observation',
    'patient=$p&value-quantity=gt100',
    (o, p) => o.subject?.reference === p && (o.valueQuantity?.value ?? 0) > 100,
  ),
  ask<Observation>(
    'Observation',
    'patient=$p&value-quantity=lt80||kg',
    (o, p) =>
      o.subject?.reference === p &&
      o.valueQuantity?.value !== undefined &&
      o.valueQuantity.value < 80 &&
      [o.valueQuantity.code, o.valueQuantity.unit].includes('kg'),
  ),
  ask<Observation>(
    'Observation',
    'patient=$p&category:not=vital-signs',
    (o, p) =>
      o.subject?.reference === p &&
      !(o.category ?? []).some((c) => c.coding?.some((x) => x.code === 'vital-signs')),
  ),
  ask<Observation>(
    'Observation',
    'patient=$p&component-code:missing=false',
    (o, p) => o.subject?.reference === p && o.component !== undefined,
  ),
  ask<Observation>(
    'Observation',
    'patient=$p&component-code-value-quantity=8480-6$gt120',
    (o, p) =>
      o.subject?.reference === p &&
      (o.component ?? []).some(
        (c) =>
          c.code.coding?.some((x) => x.code === '8480-6') && (c.valueQuantity?.value ?? 0) > 120,
      ),
  ),
  ask<Observation>(
    'Observation',
    'patient=$p&code:text=body',
    (o, p) =>
      o.subject?.reference === p &&
      [o.code.text, ...(o.code.coding ?? []).map((c) => c.display)].some((t) =>
        plain(t)
          .split(/[^a-z0-9]+/)
          .some((w) => w.startsWith('body')),
      ),
  ),
  ask<Condition>(
    'Condition',
    'patient=$p&clinical-status=active',
    (c, p) => c.subject.reference === p && c.clinicalStatus?.coding?.[0]?.code === 'active',
  ),
  ask<Condition>(
    'Condition',
    'patient=$p&onset-date=lt2000',
    (c, p) => c.subject.reference === p && ms(c.onsetDateTime) < ms('2000-01-01'),
  ),
  ask<Condition>(
    'Condition',
    'patient=$p&abatement-date:missing=true&_sort=recorded-date',
    (c, p) => c.subject.reference === p && c.abatementDateTime === undefined,
  ),
  ask<Encounter>(
    'Encounter',
    'patient=$p&class=AMB',
    (e, p) => e.subject?.reference === p && e.class.code === 'AMB',
  ),
  ask<Encounter>(
    'Encounter',
    'date=ge2018-01-01&date=lt2019-01-01',
    (e) =>
      // A period: it ends after the first day begins, and begins before the last.
      ms(e.period?.end) >= ms('2018-01-01') && ms(e.period?.start) < ms('2019-01-01'),
  ),
  ask<MedicationRequest>(
    'MedicationRequest',
    'patient=$p&status=active,stopped',
    (m, p) => m.subject.reference === p && ['active', 'stopped'].includes(m.status),
  ),
  ask<Immunization>('Immunization', 'vaccine-code=http://hl7.org/fhir/sid/cvx|140', (i) =>
    (i.vaccineCode.coding ?? []).some((c) => c.code === '140'),
  ),
  ask<Claim>('Claim', 'patient=$p&_sort=-_lastUpdated', (c, p) => c.patient.reference === p),
];

describe.runIf(existsSync(folder))('Synthea', () => {
  let store: TestStore;
  const all = new Map<string, Resource>();
  const ids = new Map<string, string>();
  const patients: string[] = [];
  let client: Caller;
  let clinician: Caller;
  /** The charts the clinician may see. */
  let panel: string[];

  beforeAll(async () => {
    store = await testStore();
    const on = await importing(store.records, 1, '');
    for (const file of files) {
      const bundle = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Bundle;
      for (const { fullUrl, resource } of bundle.entry ?? []) {
        all.set(fullUrl!, resource!);
        ids.set(fullUrl!, derivedId(on.key, fullUrl!));
        if (resource!.resourceType === 'Patient') patients.push(fullUrl!);
      }
    }
    await importFiles(
      store.records,
      files.map((file) => join(folder, file)),
    );
    client = systemCaller(1, store.clock, 'test');
    clinician = callerFor('practitioner', { at: store.clock.now() });
    panel = patients.slice(0, 4);
    for (const patient of panel) {
      await store.db.query(
        `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends)
         values (1, $1, $2, 'chart', 'TREAT', 'Test/1', 0, $3)`,
        [clinician.id, ids.get(patient), store.clock.now() + 1000],
      );
    }
  }, 120_000);
  afterAll(() => store?.close());

  /** Every page of a search, by `next`. */
  async function search(caller: Caller, type: string, query: string, count: number) {
    const found: Resource[] = [];
    let params = [...new URLSearchParams(query), ['_count', String(count)]] as [string, string][];
    for (let pages = 0; pages < 500; pages++) {
      const bundle = await store.records.search(caller, type, params);
      for (const { resource, search: how } of bundle.entry ?? []) {
        if (how?.mode === 'outcome') throw new Error(JSON.stringify(resource));
        found.push(resource!);
      }
      const next = bundle.link?.find((link) => link.relation === 'next')?.url;
      if (!next) return found;
      params = [...new URL(next).searchParams];
    }
    throw new Error('paging does not end');
  }

  /** The chart a resource belongs to, by the plain JSON. */
  function chartOf(url: string, resource: Resource): string | undefined {
    if (resource.resourceType === 'Patient') return url;
    const { subject, patient } = resource as { subject?: Reference; patient?: Reference };
    return (subject ?? patient)?.reference;
  }

  function truth({ type, check }: Question, patient: string, visible: readonly string[]) {
    const expected: string[] = [];
    for (const [url, resource] of all) {
      if (resource.resourceType !== type) continue;
      const chart = chartOf(url, resource);
      if (chart && !visible.includes(chart)) continue;
      if ((check as Check<Resource>)(resource, patient)) expected.push(ids.get(url)!);
    }
    return expected.sort();
  }

  it.each(questions)('$type?$query', { timeout: 60_000 }, async (question) => {
    const asked = question.query.includes('$p') ? [patients[6]!, patients[1]!] : [''];
    for (const patient of asked) {
      const query = question.query.replace('$p', `Patient/${ids.get(patient)}`);
      for (const [caller, visible] of [
        [client, patients],
        [clinician, panel],
      ] as const) {
        const expected = truth(question, patient, visible);
        for (const count of [7, 1000]) {
          const found = await search(caller, question.type, query, count);
          const name = `${caller.role} ${count}`;
          expect([name, found.map((one) => one.id!).sort()]).toEqual([name, expected]);
        }
      }
    }
  });

  it('sorts as asked, missing last', async () => {
    const patient = ids.get(patients[6]!)!;
    const dates = async (sort: string) =>
      (
        (await search(
          client,
          'Observation',
          `patient=${patient}&_sort=${sort}`,
          50,
        )) as Observation[]
      ).map((one) => ms(one.effectiveDateTime));
    const up = await dates('date');
    expect(up).toEqual([...up].sort((a, b) => a - b));
    const down = await dates('-date');
    expect(down).toEqual([...down].sort((a, b) => b - a));
    const born = ((await search(client, 'Patient', '_sort=birthdate', 4)) as Patient[]).map(
      (one) => one.birthDate!,
    );
    expect(born).toEqual([...born].sort());
    const named = (await search(client, 'Patient', '_sort=family', 4)) as Patient[];
    const families = named.map((one) => plain(one.name![0]!.family));
    expect(families).toEqual([...families].sort());
    const abated = (
      (await search(
        client,
        'Condition',
        `patient=${patient}&_sort=abatement-date`,
        3,
      )) as Condition[]
    ).map((one) => ms(one.abatementDateTime));
    expect(abated).toEqual(
      [...abated].sort((a, b) => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b)),
    );
  });
});
