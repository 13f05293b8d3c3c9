/** What search and validation ask: undefined where nothing is known, which is no answer. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Terminology } from '@afar/records';
import type { Context } from './context.ts';
import type { Rule } from './model.ts';
import { canonicalOf } from './sources.ts';
import { compilerFor } from './value-sets/compile.ts';
import { inSelection, inSystem } from './value-sets/contains.ts';

/** What cannot be followed (unknown, cyclic, too large) is not known; that the database is down is another matter. */
async function unlessRefused<T>(work: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

export function terminologyPort({ sources, catalogue }: Context): Terminology {
  const compiled = (caller: Caller, url: string) =>
    compilerFor(caller, sources, catalogue).byUrl(canonicalOf(url));

  const reach = (
    caller: Caller,
    { system, code }: { system: string; code: string },
    rule: Rule,
    limit: number,
  ) =>
    unlessRefused(async () => {
      const source = await sources.codeSystem(caller, { url: system });
      if (!source || !(await source.find([code])).has(code)) return undefined;
      const page = await source.page({ rule }, 0, limit + 1);
      return { codes: page.slice(0, limit).map((one) => one.code), complete: page.length <= limit };
    });

  return {
    validateCode: (caller, { valueSet, system, code, display }) =>
      unlessRefused(async () => {
        const coding = {
          code,
          ...(system !== undefined && { system }),
          ...(display !== undefined && { display }),
        };
        if (valueSet !== undefined) {
          const { selection } = await compiled(caller, valueSet);
          return inSelection(selection, coding, { languages: [] });
        }
        const source =
          system === undefined ? undefined : await sources.codeSystem(caller, { url: system });
        return source && inSystem(source, coding, { languages: [] });
      }),
    expand: (caller, valueSet, limit) =>
      unlessRefused(async () => {
        const { selection } = await compiled(caller, valueSet);
        const codes: { system?: string; code: string }[] = [];
        for (const { source, rule } of selection.parts) {
          const page = await source.page({ rule }, 0, limit + 1 - codes.length);
          for (const { code } of page) codes.push({ system: source.url, code });
          if (codes.length > limit) return { codes: codes.slice(0, limit), complete: false };
        }
        return { codes, complete: true };
      }),
    below: (caller, code, limit) =>
      reach(caller, code, { is: 'below', code: code.code, self: true }, limit),
    above: (caller, code, limit) => reach(caller, code, { is: 'above', code: code.code }, limit),
  };
}
