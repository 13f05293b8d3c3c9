/** What a value set comes to: for each code system it draws on, one rule. */
import type { CodeSource, Designation, Rule } from '../model.ts';
import { and, codes, not, or } from '../rules.ts';
import { keyOf } from '../model.ts';

/** What the value set itself says of a code [FHIR R4 valueset.html#compose.include.concept]. */
export interface Label {
  readonly display?: string;
  readonly designations: readonly Designation[];
}

export interface Part {
  readonly source: CodeSource;
  readonly rule: Rule;
  readonly labels: ReadonlyMap<string, Label>;
}

export interface Selection {
  /** One for each system and version, in the order of the definition. */
  readonly parts: readonly Part[];
}

export const empty: Selection = { parts: [] };

function merge(parts: readonly Part[]): Selection {
  const byKey = new Map<string, Part[]>();
  for (const part of parts) {
    const key = keyOf(part.source);
    byKey.set(key, [...(byKey.get(key) ?? []), part]);
  }
  return {
    parts: [...byKey.values()].map((same) =>
      same.length === 1
        ? same[0]!
        : {
            source: same[0]!.source,
            rule: or(same.map((one) => one.rule)),
            labels: new Map(same.toReversed().flatMap((one) => [...one.labels])),
          },
    ),
  };
}

export const union = (all: readonly Selection[]): Selection =>
  merge(all.flatMap((one) => one.parts));

/** Codes that are in all of them. */
export function intersection(all: readonly Selection[]): Selection {
  if (all.length < 2) return all[0] ?? empty;
  return all.reduce((left, right) => ({
    parts: left.parts.flatMap((part) => {
      const other = right.parts.find((one) => keyOf(one.source) === keyOf(part.source));
      if (!other) return [];
      const labels = new Map([...other.labels, ...part.labels]);
      return [{ source: part.source, rule: and([part.rule, other.rule]), labels }];
    }),
  }));
}

/** An exclusion without a version takes the code out of every version. */
export function difference(
  from: Selection,
  gone: Selection,
  versioned: ReadonlySet<string>,
): Selection {
  return {
    parts: from.parts.map((part) => {
      const rules = gone.parts
        .filter(({ source }) =>
          versioned.has(keyOf(source))
            ? keyOf(source) === keyOf(part.source)
            : source.url === part.source.url,
        )
        .map((one) => one.rule);
      return rules.length === 0 ? part : { ...part, rule: and([part.rule, not(or(rules))]) };
    }),
  };
}

export const narrowed = (selection: Selection, rule: Rule): Selection => ({
  parts: selection.parts.map((part) => ({ ...part, rule: and([part.rule, rule]) })),
});

export const ofSource = (source: CodeSource, rule: Rule): Selection => ({
  parts: [{ source, rule, labels: new Map() }],
});

export const ofCodes = (source: CodeSource, list: readonly string[]): Selection =>
  ofSource(source, codes(list));
