/** An integrator's day: a FHIR client that knows nothing of us, against the real product [FHIR R4 http.html]. */
import { Client } from 'fhir-kit-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clientToken, type Product, startProduct } from './product.ts';

interface Resource {
  resourceType: string;
  id: string;
  meta: { versionId: string };
  active?: boolean;
  gender?: string;
}
interface Bundle {
  type: string;
  link?: { relation: string; url: string }[];
  entry?: { resource: Resource; response?: { status: string; location: string } }[];
}

let product: Product;
let client: Client;

beforeAll(async () => {
  product = await startProduct();
  client = new Client({ baseUrl: product.demo.fhirUrl, bearerToken: await clientToken(product) });
});
afterAll(() => product?.stop());

const as = <T>(answer: unknown): T => answer as T;
const statusOf = (work: Promise<unknown>): Promise<number> =>
  work.then(
    () => 200,
    (error: { response: { status: number } }) => error.response.status,
  );

it('finds the server’s abilities, and the ways to sign in [SMART app launch 2]', async () => {
  const capability = as<{ resourceType: string; fhirVersion: string }>(
    await client.capabilityStatement(),
  );
  expect(capability).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' });
  const smart = as<{ tokenUrl: URL }>(await client.smartAuthMetadata());
  expect(String(smart.tokenUrl)).toBe(product.demo.client.tokenUrl);
});

it('creates, reads, updates, patches, looks back and deletes', async () => {
  const made = as<Resource>(
    await client.create({
      resourceType: 'Patient',
      body: { resourceType: 'Patient', active: true, name: [{ family: 'Integrator' }] },
    }),
  );
  const { id } = made;
  const read = as<Resource>(await client.read({ resourceType: 'Patient', id }));
  expect(read).toEqual(made);
  const changed = as<Resource>(
    await client.update({
      resourceType: 'Patient',
      id,
      body: { ...read, gender: 'female' } as never,
    }),
  );
  expect(changed.meta.versionId).toBe('2');
  const patched = as<Resource>(
    await client.patch({
      resourceType: 'Patient',
      id,
      jsonPatch: [{ op: 'replace', path: '/active', value: false }],
    }),
  );
  expect(patched).toMatchObject({ active: false, gender: 'female', meta: { versionId: '3' } });
  const old = as<Resource>(await client.vread({ resourceType: 'Patient', id, version: '1' }));
  expect(old).toEqual(made);
  const history = as<Bundle>(await client.history({ resourceType: 'Patient', id }));
  expect(history.entry).toHaveLength(3);
  await client.delete({ resourceType: 'Patient', id });
  expect(await statusOf(client.read({ resourceType: 'Patient', id }))).toBe(410);
});

it('pages through a search to its end, each match once', async () => {
  const search = (page: Bundle): Promise<unknown> | undefined =>
    client.nextPage({ bundle: page as never });
  const seen: string[] = [];
  let page: Bundle | undefined = as<Bundle>(
    await client.search({ resourceType: 'Patient', searchParams: { _count: 5 } }),
  );
  for (let pages = 0; page && pages < 20; pages++) {
    seen.push(...(page.entry ?? []).map((entry) => entry.resource.id));
    const next = search(page);
    page = next ? as<Bundle>(await next) : undefined;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBeGreaterThanOrEqual(12);
});

it('sends a transaction whose parts refer to each other', async () => {
  const bundle = as<Bundle>(
    await client.transaction({
      body: {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          {
            fullUrl: 'urn:uuid:6f0e0a50-3c52-4c51-9a1e-0f3b1a1f0001',
            resource: { resourceType: 'Patient', name: [{ family: 'Together' }] },
            request: { method: 'POST', url: 'Patient' },
          },
          {
            resource: {
              resourceType: 'Observation',
              status: 'final',
              code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
              subject: { reference: 'urn:uuid:6f0e0a50-3c52-4c51-9a1e-0f3b1a1f0001' },
              valueQuantity: { value: 72, unit: '/min' },
            },
            request: { method: 'POST', url: 'Observation' },
          },
        ],
      } as never,
    }),
  );
  expect(bundle.entry!.map((entry) => entry.response!.status.slice(0, 3))).toEqual(['201', '201']);
  const patient = /Patient\/[^/]+/.exec(bundle.entry![0]!.response!.location)![0];
  const found = as<Bundle>(
    await client.search({
      resourceType: 'Observation',
      searchParams: { patient, _include: 'Observation:subject' },
    }),
  );
  expect(found.entry!.map((entry) => entry.resource.resourceType)).toEqual([
    'Observation',
    'Patient',
  ]);
});

it('hears what was wrong and where', async () => {
  const refused = client.create({
    resourceType: 'Patient',
    body: { resourceType: 'Patient', gender: 'womanly', nmae: [] } as never,
  });
  const { response } = await refused.then(
    () => {
      throw new Error('an invalid resource was accepted');
    },
    (error: { response: { status: number; data: { issue: { expression: string[] }[] } } }) => error,
  );
  expect([400, 422]).toContain(response.status);
  const places = response.data.issue.flatMap((issue) => issue.expression);
  expect(places).toEqual(expect.arrayContaining(['Patient.gender', 'Patient.nmae']));
});
