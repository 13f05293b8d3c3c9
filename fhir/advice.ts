/** What `$validate` says beyond what a write refuses: best practice, and codes that should come from a value set. */
import type { OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import bindingLines from './generated/bindings.json' with { type: 'json' };
import { isTrue } from './fhirpath/invariant-checks.ts';
import { fhirPathLibrary } from './fhirpath/library.ts';
import { invariantsOf } from './invariants.ts';
import { isDomainResource, typeModel, type ElementModel } from './model.ts';
import { codingsOf, Findings, knownSet, type CodeQuestion } from './profiles/findings.ts';
import { expressionOf, isObject, type Json } from './profiles/items.ts';

export interface Advice {
  issues: OperationOutcomeIssue[];
  /** For terminology to answer. */
  codes: CodeQuestion[];
}

/** 500: enough for any resource; a body of a hundred thousand parts gets no more for its money. */
const mostQuestions = 500;

interface Binding {
  strength: 'extensible' | 'preferred';
  valueSet: string;
}

let bindings: Map<string, Binding> | undefined;

function bindingOf(type: string, element: string): Binding | undefined {
  bindings ??= new Map(
    bindingLines.map((line) => {
      const [owner, name, strength, valueSet = ''] = line.split(' ');
      return [`${owner} ${name}`, { strength: strength as Binding['strength'], valueSet }];
    }),
  );
  return bindings.get(`${type} ${element}`);
}

/** Warnings and remarks on a resource that is valid by the base specification. Values are never repeated. */
export function adviceOn(resource: Resource): Advice {
  const findings = new Findings(resource.resourceType);
  const visitor = new Visitor(findings, resource);
  visitor.visit(resource as unknown as Json, resource.resourceType, []);
  return { issues: findings.issues, codes: findings.codes };
}

class Visitor {
  readonly #findings: Findings;
  readonly #root: Resource;
  #questions = 0;

  constructor(findings: Findings, root: Resource) {
    this.#findings = findings;
    this.#root = root;
  }

  visit(value: Json, type: string, path: (string | number)[]): void {
    this.#rules(value, type, path);
    for (const element of typeModel(type)?.elements ?? []) {
      const held = value[element.name];
      if (held === undefined) continue;
      const many = Array.isArray(held);
      const all: unknown[] = many ? (held as unknown[]) : [held];
      all.forEach((one, at) => {
        const here = [...path, element.name, ...(many ? [at] : [])];
        this.#code(one, type, element, here);
        if (!isObject(one)) return;
        const inner = element.type === 'Resource' ? one.resourceType : element.type;
        if (typeof inner === 'string') this.visit(one, inner, here);
      });
    }
  }

  #rules(value: Json, type: string, path: (string | number)[]): void {
    // What is contained has no narrative of its own.
    const domain = isDomainResource(type) && path.at(-2) !== 'contained';
    const rules = [...invariantsOf(type), ...(domain ? invariantsOf('DomainResource') : [])];
    for (const { severity, key, text, expression } of rules) {
      if (severity !== 'warning' || this.#questions++ > mostQuestions) continue;
      const run = fhirPathLibrary()?.compile(expression, path.length === 0 ? undefined : type);
      if (run && !isTrue(run, value, { resource: this.#root, rootResource: this.#root }))
        this.#findings.add('warning', 'business-rule', `${key}: ${text}`, path);
    }
  }

  #code(value: unknown, type: string, { name, choice }: ElementModel, path: (string | number)[]) {
    const { strength, valueSet } = bindingOf(type, choice ?? name) ?? {};
    if (strength === undefined || valueSet === undefined) return;
    const codings = codingsOf(value);
    if (codings.length === 0) return;
    const set = knownSet(valueSet);
    if (!set) {
      if (this.#questions++ <= mostQuestions)
        this.#findings.codes.push({
          valueSet,
          codings,
          strength,
          expression: expressionOf(this.#findings.root, path),
        });
    } else if (!codings.some((one) => set.codings.has(`${one.system}|${one.code}`)))
      this.#findings.add(
        strength === 'extensible' ? 'warning' : 'information',
        'code-invalid',
        `Its code is not of the value set ${valueSet}`,
        path,
      );
  }
}
