/** A code system that is not known here, of which a value set names codes: those can be told, nothing else. */
import type { CodeSource, Concept, Rule, Wanted } from '../model.ts';
import { MemorySystem } from '../memory/memory-system.ts';
import { notKnown, shown } from '../refusals.ts';
import { candidates } from '../rules.ts';

/**
 * Every question that the named codes do not answer is refused: `not-found`, naming the system.
 * @param displays the codes that are named; more may come while a value set is read
 */
export function unlisted(
  url: string,
  version: string | undefined,
  displays: ReadonlyMap<string, string | undefined>,
): CodeSource {
  const facts = {
    url,
    ...(version !== undefined && { version }),
    name: url,
    content: 'not-present' as const,
    caseSensitive: true,
    properties: new Map(),
  };
  const conceptOf = (code: string, display: string): Concept => ({
    code,
    display,
    properties: {},
    designations: [],
  });
  const over = (asked: Iterable<string>): MemorySystem =>
    new MemorySystem(
      facts,
      [...asked].map((code) => ({
        code,
        concept: conceptOf(code, displays.get(code) ?? code),
        parents: [],
      })),
    );
  const unknown = () => notKnown(`The code system ${shown(url)} is not known here`);
  /** What the codes alone decide. */
  const decides = (rule: Rule): boolean =>
    rule.is === 'codes' ||
    (rule.is === 'not' && decides(rule.rule)) ||
    ((rule.is === 'and' || rule.is === 'or') && rule.rules.every(decides)) ||
    (rule.is === 'property' && rule.property === 'inactive');
  const pool = ({ rule }: Wanted): MemorySystem => {
    const found = candidates(rule);
    if (!found || !decides(rule)) throw unknown();
    return over(found);
  };
  return {
    ...facts,
    hierarchical: false,
    find: (asked) => over(asked.filter((code) => displays.has(code))).find(asked),
    async among(asked, rule) {
      if (!decides(rule)) throw unknown();
      return over(asked).among(asked, rule);
    },
    page: async (wanted, offset, count) => pool(wanted).page(wanted, offset, count),
    count: async (wanted, most) => pool(wanted).count(wanted, most),
    around: () => Promise.reject(unknown()),
  };
}
