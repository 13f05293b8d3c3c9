/** From fields to reads and searches: each as the caller, through the record store's own doors. */
import type { Caller, Evidence } from '@afar/access';
import type { Resource } from '@afar/fhir';
import { isResourceType, parseReference, Refusal, searchParams } from '@afar/fhir';
import type { Records } from '@afar/records';
import type { GraphQLFieldResolver } from 'graphql';
import type { Cost, Gate } from './limits.ts';

/** What one execution has at hand. */
export interface Scene {
  caller: Caller;
  records: Records;
  evidence: Evidence;
  cost: Cost;
  gate: Gate;
  /** Reads of this execution, so that one resource is fetched once however often it is pointed at. */
  known: Map<string, Promise<Resource>>;
}

type Args = Record<string, unknown>;
type Resolver = GraphQLFieldResolver<unknown, Scene, Args>;

/** Reads of one level run together: the record store sends them as one statement. */
function fetched(scene: Scene, type: string, id: string): Promise<Resource> {
  const name = `${type}/${id}`;
  let found = scene.known.get(name);
  if (!found) {
    scene.cost.read();
    found = scene.records.read(scene.caller, type, id).then(({ resource, owner }) => {
      scene.cost.rows(1);
      if (owner) scene.evidence.patients.push(owner);
      return resource;
    });
    scene.known.set(name, found);
  }
  return found;
}

/** `Patient(id: "...")` */
export const read =
  (type: string): Resolver =>
  (_parent, { id }, scene) =>
    fetched(scene, type, String(id));

/** [FHIR R4 graphql.html#reference] `subject { resource(optional: true, type: Patient) { ... } }` */
export const reference: Resolver = async (parent, { optional, type }, scene) => {
  const { reference: text } = (parent ?? {}) as { reference?: unknown };
  if (typeof text !== 'string') return null;
  const literal = parseReference(text);
  const lenient = String(optional) === 'true';
  if (type !== undefined && literal.type !== type) return null;
  if (!literal.type || !literal.id || literal.base || !isResourceType(literal.type)) {
    if (lenient) return null;
    throw new Refusal('not-found', {
      diagnostics: 'the reference does not lead to a resource here',
    });
  }
  try {
    return await fetched(scene, literal.type, literal.id);
  } catch (error) {
    // Hidden, gone, or never there: for whoever does not mind, nothing.
    if (lenient && error instanceof Refusal && error.status < 500 && error.code !== 'too-costly')
      return null;
    throw error;
  }
};

interface Found {
  resources: Resource[];
  total?: number;
  self?: string;
  next?: string;
}

async function found(type: string, parent: unknown, args: Args, scene: Scene): Promise<Found> {
  scene.cost.search();
  const params = paramsOf(type, parent, args);
  scene.evidence.params.push(...params.map(([name]) => name));
  const owners = (patients: string[]) => scene.evidence.patients.push(...patients);
  const bundle = await scene.gate(() =>
    scene.records.search(scene.caller, type, params, { strict: true, owners }),
  );
  const resources = (bundle.entry ?? []).flatMap(({ resource, search }) =>
    resource && search?.mode === 'match' ? [resource] : [],
  );
  scene.cost.rows(resources.length);
  const cursor = bundle.link?.find(({ relation }) => relation === 'next')?.url;
  const next = cursor && new URL(cursor).searchParams.get('_cursor');
  return {
    resources,
    ...(bundle.total !== undefined && { total: bundle.total }),
    ...(next && { next }),
  };
}

/** @throws Refusal `invalid` for a `_reference` that does not lead here */
function paramsOf(type: string, parent: unknown, args: Args): [string, string][] {
  const params: [string, string][] = [];
  const known = searchParams(type);
  const names = new Map([...known.keys()].map((code) => [code.replaceAll('-', '_'), code]));
  for (const [name, given] of Object.entries(args)) {
    if (name === '_reference') {
      const code = names.get(String(given));
      const { resourceType, id } = parent as Resource;
      const param = code === undefined ? undefined : known.get(code);
      if (param?.type !== 'reference' || (param.targets && !param.targets.includes(resourceType)))
        throw new Refusal('invalid', { diagnostics: '_reference: no parameter that leads here' });
      params.push([param.code, `${resourceType}/${id}`]);
      continue;
    }
    for (const value of [given].flat())
      if (value !== null && value !== undefined)
        params.push([names.get(name) ?? name, String(value)]);
  }
  return params;
}

/** `PatientList(name: "ann")`, and inside a resource `ConditionList(_reference: patient)`. */
export const search =
  (type: string): Resolver =>
  async (parent, args, scene) =>
    (await found(type, parent, args, scene)).resources;

/** The same with where to go on: `next` is given back as `_cursor`. */
export const searchConnection =
  (type: string): Resolver =>
  async (parent, args, scene) => {
    const { resources, total, next } = await found(type, parent, args, scene);
    return {
      count: total ?? null,
      pagesize: resources.length,
      next: next ?? null,
      edges: resources.map((resource) => ({ mode: 'match', resource })),
    };
  };

/** A list of the resource itself, narrowed [FHIR R4 graphql.html#list]. */
export const element: Resolver = (parent, args, _scene, { fieldName }) => {
  const value = (parent as Record<string, unknown> | null)?.[fieldName];
  if (!Array.isArray(value)) return value;
  let list = value as unknown[];
  for (const [name, wanted] of Object.entries(args)) {
    if (name.startsWith('_') || wanted === undefined || wanted === null) continue;
    list = list.filter((one) => {
      const held = (one as Record<string, unknown> | null)?.[name];
      return Array.isArray(held)
        ? held.some((each) => String(each) === wanted)
        : held !== undefined && String(held) === wanted;
    });
  }
  const number = (name: string, otherwise: number): number => {
    const given = args[name];
    if (given === undefined || given === null) return otherwise;
    if (!/^\d{1,9}$/.test(String(given)))
      throw new Refusal('invalid', { diagnostics: `${name}: a whole number is expected` });
    return Number(given);
  };
  const offset = number('_offset', 0);
  return list.slice(offset, offset + number('_count', list.length));
};
