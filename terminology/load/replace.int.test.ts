/** Loads that come again, replace another, break off or fail; and who may change what is loaded. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSystems, removeSystem } from '../index.ts';
import type { LoadOptions } from '../index.ts';
import { release } from '../testing/releases.ts';
import { openClinic } from '../testing/world.ts';
import type { Clinic } from '../testing/world.ts';

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());

const load = (kind: string, path: string, options?: LoadOptions) =>
  clinic.load(kind, path, options);
const properties = (system: string, code: string) => clinic.properties(system, code);
const expand = async (url: string, query: Record<string, string> = {}) =>
  (await clinic.get('ValueSet/$expand', { url, ...query })).codes;

const leftovers = async (): Promise<string[]> => {
  const { rows } = await clinic.data.ownerDb.query<{ name: string }>(
    `select relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'terminology' and c.relkind = 'r' and relname ~ '^(load_|concept_)'
       and not exists (select from terminology.code_system s where 'concept_' || s.id = relname and s.state = 'ready')`,
  );
  return rows.map((row) => row.name);
};

describe('a table of one’s own', () => {
  const url = 'http://example.org/colours';
  const csv = (text: string) => release({ 'colours.csv': text });

  it('CSV: parents, names, languages, properties', async () => {
    const path = csv(
      'code,display,parent,synonym,display:de,warm\nc,Colour,,,Farbe,\nr,Red,c,Crimson;Scarlet,Rot,yes\nb,"Blue, deep",c,,,no\n',
    );
    expect(await load('csv', path, { url, version: '1' })).toMatchObject({
      concepts: 3,
      present: false,
    });
    expect(await expand(`${url}?fhir_vs`, { filter: 'scar' })).toEqual(['r']);
    expect(await properties(url, 'r')).toEqual(expect.arrayContaining(['warm=yes', 'parent=c']));
  });

  it('the same again does nothing; another version replaces it, or stands beside it', async () => {
    const path = csv('code,display\nr,Red\n');
    const first = await load('csv', path, { url, version: '2' });
    expect(first.present).toBe(false);
    expect((await load('csv', path, { url, version: '2' })).present).toBe(true);
    const ofColours = async () =>
      (await listSystems({ ownerUrl: clinic.data.urls.owner }))
        .filter((one) => one.url === url)
        .map((one) => one.version);
    expect(await ofColours()).toEqual(['2']);
    await load('csv', csv('code,display\nr,Red\ng,Green\n'), { url, version: '10', keepOld: true });
    expect(await ofColours()).toEqual(['10', '2']);
    expect(await expand(`${url}?fhir_vs`)).toEqual(['r', 'g']);
    expect(await expand(`${url}?fhir_vs|2`)).toEqual(['r']);
    expect(await leftovers()).toEqual([]);
  });

  it('a load that fails leaves the old in force and nothing else', async () => {
    const broken = csv(`code,display\nr,Red again\n"never closed${',x\n'.repeat(10)}`);
    await expect(load('csv', broken, { url, version: '2' })).rejects.toThrow('no CSV');
    await expect(load('csv', csv('code,name\nx,y\n'), { url, version: '3' })).rejects.toThrow(
      'has no column display',
    );
    await expect(load('csv', csv('code,display\n'), { url, version: '3' })).rejects.toThrow(
      'not one concept',
    );
    expect(await leftovers()).toEqual([]);
    const { value } = await clinic.get('CodeSystem/$lookup', {
      system: url,
      code: 'r',
      version: '2',
    });
    expect(value('display')).toBe('Red');
  });

  it('a half-loaded version is seen by nobody, and what was broken off is swept away', async () => {
    await clinic.data.ownerDb.query(
      `insert into terminology.code_system (url, version, kind, name, state, fingerprint, loaded)
       values ('http://example.org/half', '1', 'csv', 'Half', 'loading', '', 0)`,
    );
    clinic.forget();
    const half = await clinic.get('CodeSystem/$validate-code', {
      url: 'http://example.org/half',
      code: 'x',
    });
    expect(half.status).toBe(404);
    await load('csv', csv('code,display\na,A\n'), {
      url: 'http://example.org/other',
      version: '1',
    });
    const { rowCount } = await clinic.data.ownerDb.query(
      `select from terminology.code_system where url = 'http://example.org/half'`,
    );
    expect(rowCount).toBe(0);
  });

  it('a CodeSystem in JSON; a cycle of parents harms nobody', async () => {
    const path = release({ 'x.json': '' });
    const property = (value: string) => [{ code: 'parent', valueCode: value }];
    writeFileSync(
      join(path, 'x.json'),
      JSON.stringify({
        resourceType: 'CodeSystem',
        url: 'http://example.org/circle',
        version: '1',
        status: 'active',
        content: 'complete',
        property: [{ code: 'parent', type: 'code' }],
        concept: [
          { code: 'a', display: 'A', property: property('b') },
          { code: 'b', display: 'B', property: property('c') },
          { code: 'c', display: 'C', property: property('a') },
        ],
      }),
    );
    expect(await load('resource', path)).toMatchObject({ concepts: 3 });
    const filter = [{ property: 'concept', op: 'is-a', value: 'a' }];
    const { codes } = await clinic.post('ValueSet/$expand', {
      resourceType: 'ValueSet',
      status: 'active',
      compose: { include: [{ system: 'http://example.org/circle', filter }] },
    });
    expect(codes).toEqual(['a', 'b', 'c']);
  });

  it('goes when it is removed', async () => {
    expect(await removeSystem({ ownerUrl: clinic.data.urls.owner, graceMs: 0 }, url)).toBe(2);
    clinic.forget();
    expect((await clinic.get('CodeSystem/$lookup', { system: url, code: 'r' })).status).toBe(404);
    expect(await leftovers()).toEqual([]);
  });

  it('the application role cannot write into any of it', async () => {
    for (const sql of [
      'delete from terminology.concept',
      `update terminology.code_system set state = 'retired'`,
      'create table terminology.mine (a int)',
    ])
      await expect(clinic.data.db.query(sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('refuses what is no release, saying what is missing', async () => {
    const empty = release({ 'readme.txt': 'nothing' });
    for (const [kind, what] of [
      ['snomed', 'sct2_Concept_Snapshot'],
      ['loinc', 'Loinc.csv'],
      ['rxnorm', 'RXNCONSO'],
      ['icd10cm', 'order file'],
      ['nothing', 'no loader'],
    ] as const)
      await expect(load(kind, empty)).rejects.toThrow(what);
  });
});
