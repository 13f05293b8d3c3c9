/** Packages: loaded, loaded again, in two versions; broken ones refused; what they hold is in force. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import { buffer } from 'node:stream/consumers';
import type { Resource } from '@afar/fhir';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPackage } from '../index.ts';
import { openWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

let world: World;
const folder = mkdtempSync(join(tmpdir(), 'afar-package-'));
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world.close();
});

async function packed(name: string, files: Record<string, unknown>): Promise<string> {
  const tar = pack();
  for (const [file, content] of Object.entries(files))
    tar.entry({ name: file }, typeof content === 'string' ? content : JSON.stringify(content));
  tar.finalize();
  const path = join(folder, name);
  writeFileSync(path, await buffer(tar.pipe(createGzip())));
  return path;
}

const manifest = { name: 'clinic.example', version: '1.0.0', fhirVersions: ['4.0.1'] };
const profile = {
  resourceType: 'StructureDefinition',
  id: 'named-patient',
  url: 'https://clinic.example/StructureDefinition/named-patient',
  version: '1.0.0',
  name: 'NamedPatient',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: { element: [{ id: 'Patient.name', path: 'Patient.name', min: 1 }] },
};
const valueSet = {
  resourceType: 'ValueSet',
  id: 'colours',
  url: 'https://clinic.example/ValueSet/colours',
  status: 'active',
};
const files = {
  'package/package.json': manifest,
  'package/.index.json': { files: [] },
  'package/StructureDefinition-named-patient.json': profile,
  'package/ValueSet-colours.json': valueSet,
  'package/StructureDefinition-Patient.json': {
    ...profile,
    id: 'Patient',
    url: 'http://hl7.org/fhir/StructureDefinition/Patient',
    derivation: 'specialization',
  },
  'package/example/Patient-one.json': { resourceType: 'Patient' },
  'package/Patient-two.json': { resourceType: 'Patient' },
  'package/ValueSet-broken.json': { ...valueSet, id: 'broken', url: 'urn:b', status: 'secret' },
};
const load = (path: string) =>
  loadPackage(world.records, path, { caller: () => world.caller('system') });

describe('a package', () => {
  it('is loaded with progress, and says what it could not take', async () => {
    const path = await packed('one.tgz', files);
    const seen: string[] = [];
    const report = await loadPackage(world.records, path, {
      caller: () => world.caller('system'),
      onProgress: ({ done, total }) => seen.push(`${done}/${total}`),
    });
    expect(report).toEqual({
      name: 'clinic.example',
      version: '1.0.0',
      written: 2,
      present: 0,
      skipped: 2,
      failed: [
        {
          file: 'ValueSet-broken.json',
          reason: 'ValueSet.status: Expected a code of the value set publication-status',
        },
      ],
    });
    expect(seen).toEqual(['1/3', '2/3', '3/3']);
    const { resource } = await world.records.read(
      world.system,
      'StructureDefinition',
      'named-patient',
    );
    expect(resource).toMatchObject({ url: profile.url });
  });

  it('is in force at once', async () => {
    const claiming = { resourceType: 'Patient', meta: { profile: [profile.url] } } as Resource;
    await expect(world.records.create(world.system, claiming)).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  it('loaded again writes nothing; changed, what has changed', async () => {
    expect(await load(await packed('one.tgz', files))).toMatchObject({ written: 0, present: 2 });
    const changed = {
      ...files,
      'package/ValueSet-colours.json': { ...valueSet, title: 'Colours' },
    };
    expect(await load(await packed('two.tgz', changed))).toMatchObject({ written: 1, present: 1 });
    const { version } = await world.records.read(world.system, 'ValueSet', 'colours');
    expect(version).toBe(2);
  });

  it('in another version stands beside the first, and the newest is meant', async () => {
    const newer = { ...profile, version: '1.10.0', differential: { element: [] as unknown[] } };
    newer.differential.element.push({ id: 'Patient.gender', path: 'Patient.gender', min: 1 });
    const next = { ...files, 'package/StructureDefinition-named-patient.json': newer };
    expect(await load(await packed('three.tgz', next))).toMatchObject({ written: 2 });
    const claim = (canonical: string, over: object) =>
      world.records
        .create(world.system, {
          resourceType: 'Patient',
          meta: { profile: [canonical] },
          ...over,
        } as Resource)
        .then(
          () => 'written',
          (error: { code: string }) => error.code,
        );
    const named = { name: [{ text: 'x' }] };
    expect(await claim(profile.url, named)).toBe('invalid');
    expect(await claim(profile.url, { gender: 'other' })).toBe('written');
    expect(await claim(`${profile.url}|1.0.0`, named)).toBe('written');
  });

  it('that is none is refused', async () => {
    const none = join(folder, 'none.tgz');
    writeFileSync(none, 'no archive');
    await expect(load(none)).rejects.toMatchObject({ code: 'invalid' });
    await expect(load(await packed('empty.tgz', {}))).rejects.toMatchObject({ code: 'invalid' });
    const r5 = { 'package/package.json': { ...manifest, fhirVersions: ['5.0.0'] } };
    await expect(load(await packed('r5.tgz', r5))).rejects.toMatchObject({ code: 'invalid' });
    const broken = { 'package/package.json': manifest, 'package/a.json': '{' };
    await expect(load(await packed('broken.tgz', broken))).rejects.toMatchObject({
      code: 'invalid',
    });
  });
});
