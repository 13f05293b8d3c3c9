/** A code system with the designations and properties of a supplement laid over it [FHIR R4 codesystem.html#supplements]. */
import type { CodeSource, Concept, PropertyDefinition, Rule, Wanted } from '../model.ts';

/** Filters and hierarchy stay those of the system; what is told of a concept is told of both. */
export function supplemented(base: CodeSource, extra: CodeSource): CodeSource {
  const join = async (concepts: readonly Concept[]): Promise<Concept[]> => {
    const more = await extra.find(concepts.map((one) => one.code));
    return concepts.map((one) => {
      const add = more.get(one.code);
      if (!add) return one;
      return {
        ...one,
        properties: { ...one.properties, ...add.properties },
        designations: [...one.designations, ...add.designations],
      };
    });
  };
  const properties: ReadonlyMap<string, PropertyDefinition> = new Map([
    ...extra.properties,
    ...base.properties,
  ]);
  const { url, version, name, title, language, content, hierarchical } = base;
  return {
    url,
    ...(version !== undefined && { version }),
    name,
    ...(title !== undefined && { title }),
    ...(language !== undefined && { language }),
    content,
    hierarchical,
    properties,
    async find(codes) {
      const found = await base.find(codes);
      const asked = [...found.keys()];
      const joined = await join([...found.values()]);
      return new Map(asked.map((code, at) => [code, joined[at]!]));
    },
    among: (codes: readonly string[], rule: Rule) => base.among(codes, rule),
    page: async (wanted: Wanted, offset, count) => join(await base.page(wanted, offset, count)),
    count: (wanted, most) => base.count(wanted, most),
    async around(code) {
      const found = await base.around(code);
      return found && { parents: await join(found.parents), children: await join(found.children) };
    },
  };
}
