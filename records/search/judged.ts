/** Membership in a value set too large to write out: the codes of each body are asked about, each code once. */
import type { Criterion } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import type { Terminology } from '../types.ts';
import type { Doc, Part, Run } from './types.ts';

/** Codes asked about in one search: at some 0.1 ms each a second. */
const mostAsked = 5_000;

interface Coded {
  system?: string;
  code?: string;
}

/** `:in` or `:not-in` [FHIR R4 search.html#modifiers], decided by `validateCode`. */
export function judgedPart({ caller }: Run, port: Terminology, criterion: Criterion): Part {
  const { param, values, modifier } = criterion;
  const sets = values.flatMap((value) => (value.kind === 'uri' ? [value.value] : []));
  const verdicts = new Map<string, boolean>();

  async function judge({ system, code }: { system?: string; code: string }): Promise<boolean> {
    for (const valueSet of sets) {
      const asked = { valueSet, code, ...(system !== undefined && { system }) };
      if ((await port.validateCode(caller, asked))?.result) return true;
    }
    return false;
  }

  const isMember = (one: Coded) => one.code !== undefined && verdicts.get(keyOf(one)) === true;
  return {
    plan: 'verify',
    param,
    async prepare(docs) {
      for (const one of docs.flatMap((doc: Doc) => doc.indexed(param).tokens)) {
        if (one.code === undefined || verdicts.has(keyOf(one))) continue;
        if (verdicts.size >= mostAsked) {
          throw new Refusal('too-costly', {
            diagnostics: `${param}:${modifier}: more than ${mostAsked} different codes to ask about`,
          });
        }
        const { system, code } = one;
        verdicts.set(keyOf(one), await judge({ code, ...(system !== undefined && { system }) }));
      }
    },
    verify: (doc) => doc.indexed(param).tokens.some(isMember) === (modifier === 'in'),
  };
}

function keyOf({ system = '', code = '' }: Coded): string {
  return `${system}\n${code}`;
}
