/** Composites match within one component [FHIR R4 search.html#combining]. */
import type { CompositeValue, Criterion, Resource, SearchParam } from '@afar/fhir';
import { indexFound } from '@afar/fhir';
import { matches } from './match.ts';
import type { Judging } from './match.ts';

export function compositeMatches(
  resource: Resource,
  param: SearchParam,
  criterion: Criterion,
  judging: Judging,
): boolean {
  const { composite } = param;
  if (!composite) return false;
  const values = criterion.values as CompositeValue[];
  return composite.roots(resource).some((root) =>
    values.some((value) =>
      composite.components.every((component, at) => {
        const part = value.parts[at];
        if (!part) return false;
        const indexed = indexFound(param.code, component.type, component.find(root, resource));
        return matches(
          indexed,
          { kind: 'value', param: param.code, type: component.type, values: [part] },
          judging,
        );
      }),
    ),
  );
}
