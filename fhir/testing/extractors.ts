/** Our compiled extractors beside the FHIRPath library on HL7's own expressions. */
import type { Resource } from '@medplum/fhirtypes';
import expressions from '../generated/search-expressions.json' with { type: 'json' };
import { fhirPathLibrary, type Evaluate } from '../fhirpath/library.ts';
import { searchParams, type SearchParam } from '../search-params.ts';

interface Compared {
  param: SearchParam;
  whole: Evaluate;
  components: Evaluate[];
}

const byType = new Map<string, Compared[]>();

/** All parameters of a type that HL7 gives an expression for. */
export function parametersOf(type: string): readonly Compared[] {
  const known = byType.get(type);
  if (known) return known;
  const made = expressions.flatMap((line): Compared[] => {
    const [head = '', whole = '', ...components] = line.split(' ;; ');
    const [code = '', types = ''] = head.split(' ');
    const fits = types.split(',').some((one) => one === type || one === 'Resource');
    const param = fits ? searchParams(type).get(code) : undefined;
    if (!param) return [];
    const base = rootOf(whole);
    return [
      { param, whole: compile(whole), components: components.map((one) => compile(one, base)) },
    ];
  });
  byType.set(type, made);
  return made;
}

/** Components are relative to what the composite's own expression leads to: `Observation.component`. */
function rootOf(expression: string): string | undefined {
  const first = expression.split('|')[0]!.trim();
  return first.includes('.') ? first : undefined;
}

const compiled = new Map<string, Evaluate>();

function compile(expression: string, type?: string): Evaluate {
  const key = `${type} ${expression}`;
  const known = compiled.get(key) ?? fhirPathLibrary()!.compile(expression, type);
  compiled.set(key, known);
  return known;
}

/** Parameters for which the library finds other values: `Patient.name`; empty when all agree. */
export function disagreements(resource: Resource): string[] {
  const environment = { resource, rootResource: resource };
  const wrong: string[] = [];
  for (const { param, whole, components } of parametersOf(resource.resourceType)) {
    const name = `${resource.resourceType}.${param.code}`;
    const found = whole(resource, environment);
    if (!alike(param.extract(resource), found)) wrong.push(name);
    for (const root of param.composite?.roots(resource) ?? [])
      components.forEach((component, at) => {
        const ours = param.composite!.components[at]!.find(root, resource);
        const theirs = component(root, environment);
        if (
          !alike(
            ours.map(({ value }) => value),
            theirs,
          )
        )
          wrong.push(`${name}[${at}]`);
      });
  }
  return wrong;
}

/** As sets: a union of FHIRPath holds equal values once. */
function alike(ours: readonly unknown[], theirs: readonly unknown[]): boolean {
  const keys = (values: readonly unknown[]) => new Set(values.map((one) => JSON.stringify(one)));
  const [a, b] = [keys(ours), keys(theirs)];
  return a.size === b.size && [...a].every((one) => b.has(one));
}
