/** Transactions to import: Synthea's bundles where a folder has them, else patients of our own in the same shape. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { codes, observation, patient } from './resources.ts';

interface Resource {
  resourceType: string;
  [element: string]: unknown;
}

export interface ImportBundle {
  resourceType: 'Bundle';
  type: 'transaction';
  entry: { fullUrl?: string; resource: Resource; request: { method: string; url: string } }[];
}

/** Where the checkout's neighbour keeps them. */
const beside = resolve(import.meta.dirname, '../../shared/data/synthea');

/** @param folder of JSON bundles; default: the neighbour's, if it is there */
export function bundlesToImport(folder?: string): { from: string; bundles: ImportBundle[] } {
  const place = folder ?? beside;
  if (!existsSync(place)) return { from: 'our own', bundles: Array.from({ length: 20 }, own) };
  const bundles = readdirSync(place)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(place, name), 'utf8')) as ImportBundle)
    .filter(({ type }) => type === 'transaction');
  return { from: 'Synthea', bundles };
}

/** A patient with two hundred observations that name her by her `fullUrl`. */
function own(_: unknown, n: number): ImportBundle {
  const fullUrl = `urn:uuid:${crypto.randomUUID()}`;
  const post = (resource: object): ImportBundle['entry'][number] => ({
    resource: resource as Resource,
    request: { method: 'POST', url: (resource as Resource).resourceType },
  });
  const readings = Array.from({ length: 20 * codes.length }, (_one, at) =>
    post({ ...observation('', at), subject: { reference: fullUrl } }),
  );
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [{ fullUrl, ...post(patient(n)) }, ...readings],
  };
}

const conditional = /"reference":\s*"([A-Z][A-Za-z]+)\?identifier=([^"|]+)\|([^"]+)"/g;

/** Whom the bundles name by identifier and do not hold: they have to be there before. */
export function namedOutside(bundles: readonly ImportBundle[]): Resource[] {
  const found = new Map<string, Resource>();
  for (const [whole, resourceType, system, value] of JSON.stringify(bundles).matchAll(conditional))
    found.set(whole, {
      resourceType: resourceType!,
      identifier: [{ system, value }],
      ...(resourceType === 'Practitioner' ? {} : { name: 'named elsewhere' }),
    });
  return [...found.values()];
}
