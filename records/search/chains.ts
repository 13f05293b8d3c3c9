/**
 * Chains and `_has`: a hop is a search of its own, with the policy of its own. Where it finds few resources, their ids lead
 * to the rows looked for; where it finds many, the rows come by other ways and each batch of them asks the hop about the
 * resources it points at.
 */
import { may } from '@afar/access';
import type { Chain, Clause, Has } from '@afar/fhir';
import type { Doc, Part, Run } from './types.ts';

export interface Hop {
  /** Every resource of the type that matches and that the caller may see; undefined above `most`, which is `limits.hops`. */
  all(run: Run, type: string, clauses: Clause[], most?: number): Promise<Doc[] | undefined>;
  /** The ids, of those given, whose resources match. */
  which(run: Run, type: string, match: Clause, ids: string[]): Promise<Set<string>>;
  /** The ids, of those given, at which a match of `has` points. */
  pointedAt(run: Run, has: Has, base: string, ids: string[]): Promise<Set<string>>;
  /** Where the resources point by a parameter, as rids of the wanted type. */
  targets(
    run: Run,
    sources: string[],
    source: string,
    param: string,
    type: string,
  ): Promise<string[]>;
}

/** [FHIR R4 search.html#chaining] `subject:Patient.name=`: first the patients, then who points at them. */
export async function chainPart(
  run: Run,
  { param, targets, match }: Chain,
  hop: Hop,
): Promise<Part> {
  // A reference to many types is followed to those that the caller may search; the only one must be.
  const types =
    targets.length > 1 ? targets.filter((one) => may(run.caller, 'search', one)) : targets;
  const rids: string[] = [];
  const names = new Map<string, boolean>();
  const wide: string[] = [];
  for (const type of types) {
    const docs = await hop.all(run, type, [match]);
    if (!docs) wide.push(type);
    for (const { stored } of docs ?? []) {
      rids.push(stored.rid);
      names.set(`${type}/${stored.id}`, true);
    }
  }
  const pointers = (doc: Doc) =>
    doc.indexed(param).references.flatMap(({ type, id }) => (type && id ? [{ type, id }] : []));
  const part: Part = {
    plan: 'edge',
    param,
    verify: (doc) => pointers(doc).some(({ type, id }) => names.get(`${type}/${id}`) === true),
  };
  if (wide.length === 0) {
    const owned = types.length === 1 && types[0] === 'Patient' && { owners: rids };
    return { ...part, edge: { targets: rids, params: [param] }, ...owned };
  }
  return {
    ...part,
    plan: 'verify',
    async prepare(docs) {
      for (const type of wide) {
        const all = docs.flatMap(pointers).filter((one) => one.type === type);
        const ids = [...new Set(all.map((one) => one.id))].filter(
          (id) => !names.has(`${type}/${id}`),
        );
        if (ids.length === 0) continue;
        const found = await hop.which(run, type, match, ids);
        for (const id of ids) names.set(`${type}/${id}`, found.has(id));
      }
    },
  };
}

/** [FHIR R4 search.html#has] `_has:Observation:patient:code=`: first the observations, then whom they point at. */
export async function hasPart(run: Run, has: Has, base: string, hop: Hop): Promise<Part> {
  const docs = await hop.all(run, has.type, [has.match]);
  const { param } = has;
  if (!docs) return widePart(run, has, base, hop);
  const ids = new Set<string>();
  for (const doc of docs) {
    for (const { type, id } of doc.indexed(param).references) {
      if (type === base && id !== undefined) ids.add(id);
    }
  }
  const sources = docs.map((doc) => doc.stored.rid);
  const rids = sources.length > 0 ? await hop.targets(run, sources, has.type, param, base) : [];
  return { plan: 'id', param, rids, verify: ({ stored }) => ids.has(stored.id) };
}

function widePart(run: Run, has: Has, base: string, hop: Hop): Part {
  const verdicts = new Map<string, boolean>();
  return {
    plan: 'verify',
    param: has.param,
    verify: ({ stored }) => verdicts.get(stored.id) === true,
    async prepare(docs) {
      const ids = docs.map(({ stored }) => stored.id).filter((id) => !verdicts.has(id));
      if (ids.length === 0) return;
      const found = await hop.pointedAt(run, has, base, ids);
      for (const id of ids) verdicts.set(id, found.has(id));
    },
  };
}
