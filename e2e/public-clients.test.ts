/** Clients that other people wrote, unmodified, against the real product: Medplum's and SMART's own. */
import { MedplumClient } from '@medplum/core';
import smart from 'fhirclient';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientToken, type Product, startProduct } from './product.ts';

let product: Product;
let accessToken: string;

beforeAll(async () => {
  product = await startProduct();
  accessToken = await clientToken(product);
});
afterAll(() => product?.stop());

describe('MedplumClient', () => {
  const open = (autoBatchTime: number) =>
    new MedplumClient({
      baseUrl: product.baseUrl,
      fhirUrlPath: 'fhir/R4',
      accessToken,
      autoBatchTime,
      cacheTime: 0,
    });

  it('reads, searches, pages and follows references', async () => {
    const medplum = open(0);
    const found = await medplum.searchResources('Patient', { _count: 3, _sort: 'name' });
    expect(found).toHaveLength(3);
    expect(found.bundle.type).toBe('searchset');
    const [first] = found;
    expect(await medplum.readResource('Patient', first!.id)).toEqual({ ...first });
    expect(await medplum.readReference({ reference: `Patient/${first!.id}` })).toEqual({
      ...first,
    });
    const seen = new Set<string>();
    for await (const page of medplum.searchResourcePages('Patient', { _count: 5 }))
      for (const patient of page) {
        expect(seen.has(patient.id)).toBe(false);
        seen.add(patient.id);
      }
    expect(seen.size).toBeGreaterThanOrEqual(12);
    const one = await medplum.searchOne('Patient', `name=${first!.name![0]!.family!}`);
    expect(one?.resourceType).toBe('Patient');
  });

  it('creates once, updates, patches, looks back, deletes', async () => {
    const medplum = open(0);
    const draft = {
      resourceType: 'Patient' as const,
      identifier: [{ system: 'urn:example:medplum', value: 'one' }],
      name: [{ family: 'Unmodified' }],
    };
    const query = 'identifier=urn:example:medplum|one';
    const made = await medplum.createResourceIfNoneExist(draft, query);
    const again = await medplum.createResourceIfNoneExist(draft, query);
    expect(again.id).toBe(made.id);
    const changed = await medplum.updateResource({ ...made, gender: 'other' });
    expect(changed).toMatchObject({ gender: 'other', meta: { versionId: '2' } });
    const patched = await medplum.patchResource('Patient', made.id, [
      { op: 'add', path: '/active', value: true },
    ]);
    expect(patched).toMatchObject({ active: true, gender: 'other' });
    expect((await medplum.readHistory('Patient', made.id)).entry).toHaveLength(3);
    expect((await medplum.readVersion('Patient', made.id, '1')).gender).toBeUndefined();
    await medplum.deleteResource('Patient', made.id);
    await expect(medplum.readResource('Patient', made.id)).rejects.toMatchObject({
      outcome: { issue: [{ severity: 'error' }] },
    });
  });

  it('gathers reads of one moment into a batch', async () => {
    const medplum = open(50);
    const all = await open(0).searchResources('Patient', { _count: 4 });
    const read = await Promise.all(all.map(({ id }) => medplum.readResource('Patient', id)));
    expect(read.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    const missing = medplum.readResource('Patient', '00000000-0000-4000-8000-000000000000');
    const [there, gone] = await Promise.allSettled([
      medplum.readResource('Patient', all[0]!.id),
      missing,
    ]);
    expect([there.status, gone.status]).toEqual(['fulfilled', 'rejected']);
  });
});

describe('fhirclient, SMART’s own', () => {
  // As an app holds it after its launch: the state that `oauth2.ready` keeps.
  const open = (patient?: string) =>
    smart(
      { headers: { host: new URL(product.baseUrl).host }, url: '/' } as IncomingMessage,
      {} as ServerResponse,
    ).client({
      serverUrl: product.demo.fhirUrl,
      tokenResponse: { access_token: accessToken, token_type: 'Bearer', patient },
    } as never);

  it('knows from /metadata where tokens come from', async () => {
    const statement = await open().request<{ rest: { security: object }[] }>('metadata');
    expect(JSON.stringify(statement.rest[0]!.security)).toContain(product.demo.client.tokenUrl);
  });

  it('creates, reads, updates, patches and deletes', async () => {
    const client = open();
    const made = (await client.create({
      resourceType: 'Patient',
      name: [{ family: 'Launched' }],
    } as never)) as unknown as { id: string; name: object[] };
    expect(await client.request(`Patient/${made.id}`)).toEqual(made);
    await client.update({ ...made, gender: 'male' } as never);
    await client.patch(`Patient/${made.id}`, [
      { op: 'replace', path: '/gender', value: 'female' },
    ] as never);
    expect(await client.request(`Patient/${made.id}`)).toMatchObject({ gender: 'female' });
    await client.delete(`Patient/${made.id}`);
    await expect(client.request(`Patient/${made.id}`)).rejects.toThrow('410');
  });

  it('walks every page of the patient in context, with references resolved', async () => {
    const any = await open().request<{ entry: { resource: { subject: { reference: string } } }[] }>(
      'Observation?_count=1',
    );
    const id = any.entry[0]!.resource.subject.reference.split('/')[1]!;
    const client = open(id);
    expect(await client.patient.read()).toMatchObject({ id });
    const observations = await client.patient.request<{ subject: { id: string } }[]>(
      'Observation?_count=2',
      { pageLimit: 0, flat: true, resolveReferences: ['subject'] },
    );
    expect(observations.length).toBeGreaterThan(2);
    for (const one of observations) expect(one.subject.id).toBe(id);
  });
});
