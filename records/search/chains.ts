/** Chains and `_has`: a hop is a search of its own, with the policy of its own, whose ids narrow the next. */
import type { Chain, Clause, Has } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import type { Doc, Part, Run } from './types.ts';

/** More than a thousand ids to hop from is a question to ask in another way. */
export const mostHops = 1_000;

export interface Hop {
  /** Every resource of the type that matches and that the caller may see; throws `too-costly` above `mostHops`. */
  all(run: Run, type: string, clauses: Clause[]): Promise<Doc[]>;
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
  const rids: string[] = [];
  const names = new Set<string>();
  for (const type of targets) {
    for (const { stored } of await hop.all(run, type, [match])) {
      rids.push(stored.rid);
      names.add(`${type}/${stored.id}`);
    }
  }
  return {
    plan: 'edge',
    param,
    edge: { targets: rids, params: [param] },
    verify: (doc) =>
      doc
        .indexed(param)
        .references.some(({ type, id }) => id !== undefined && names.has(`${type}/${id}`)),
  };
}

/** [FHIR R4 search.html#has] `_has:Observation:patient:code=`: first the observations, then whom they point at. */
export async function hasPart(run: Run, has: Has, base: string, hop: Hop): Promise<Part> {
  const docs = await hop.all(run, has.type, [has.match]);
  const ids = new Set<string>();
  for (const doc of docs) {
    for (const { type, id } of doc.indexed(has.param).references) {
      if (type === base && id !== undefined) ids.add(id);
    }
  }
  const sources = docs.map((doc) => doc.stored.rid);
  const rids = sources.length > 0 ? await hop.targets(run, sources, has.type, has.param, base) : [];
  return { plan: 'id', param: has.param, rids, verify: ({ stored }) => ids.has(stored.id) };
}

export function tooManyHops(): Refusal {
  return new Refusal('too-costly', {
    diagnostics: `A chain passes through more than ${mostHops} resources: narrow it`,
  });
}
