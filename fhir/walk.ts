/** The state of one validation: where it stands, what it found, and the references inside the present resource. */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';

/** 50 faults tell enough; a hostile body must not buy a megabyte of answer. */
const mostIssues = 50;

/** Property names worth repeating; anything else could be data put in the wrong place. */
const plainName = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/;

interface LocalReferences {
  references: { id: string; expression: string; strict: boolean }[];
}

export class Walk {
  readonly issues: OperationOutcomeIssue[] = [];
  readonly path: (string | number)[] = [];
  root = '';
  depth = 0;
  /** Rules the FHIRPath library was asked about. */
  evaluations = 0;
  /** FHIRPath's `%resource`: the nearest one, and `%rootResource`: the one that contains it, or itself. */
  resource: unknown;
  rootResource: unknown;
  local: LocalReferences = { references: [] };

  fault(code: OperationOutcomeIssue['code'], diagnostics: string): void {
    this.#add(code, diagnostics, this.expression());
  }

  faultAt(name: string, code: OperationOutcomeIssue['code'], diagnostics: string): void {
    const here = this.expression();
    this.#add(code, diagnostics, here === '' ? name : `${here}.${name}`);
  }

  unknown(key: string): void {
    if (plainName.test(key)) this.faultAt(key, 'structure', 'There is no such element');
    else this.fault('structure', 'It holds an element that does not exist');
  }

  /** `Patient.name[0].given[1]` */
  expression(): string {
    let text = this.root;
    for (const part of this.path) text += typeof part === 'number' ? `[${part}]` : `.${part}`;
    return text;
  }

  /** A `#id` in a Reference (`strict`: it must resolve), or in a uri, url or canonical. */
  localReference(id: string, strict: boolean): void {
    this.local.references.push({ id, expression: this.expression(), strict });
  }

  enterContainer(): LocalReferences {
    const outer = this.local;
    this.local = { references: [] };
    return outer;
  }

  /** [FHIR R4 references.html#contained] ref-1: local references resolve; dom-3: what is contained is used. */
  leaveContainer(outer: LocalReferences, resource: object): void {
    const { references } = this.local;
    this.local = outer;
    const { contained } = resource as { contained?: unknown };
    if (references.length === 0 && !Array.isArray(contained)) return;
    const held: unknown[] = Array.isArray(contained) ? contained : [];
    const ids = held.map((one) => (one as { id?: unknown } | null)?.id);
    for (const { id, expression, strict } of references)
      if (strict && id !== '' && !ids.includes(id))
        this.#add('invariant', 'ref-1: nothing of this id is contained', expression);
    // A contained resource may point at its container by `#` instead of being pointed at.
    if (references.some(({ id }) => id === '')) return;
    ids.forEach((id, index) => {
      if (!references.some((one) => one.id === id))
        this.#add(
          'invariant',
          'dom-3: a contained resource must be referred to',
          `${this.expression()}.contained[${index}]`,
        );
    });
  }

  #add(code: OperationOutcomeIssue['code'], diagnostics: string, expression: string): void {
    if (this.issues.length >= mostIssues) return;
    this.issues.push({ severity: 'error', code, diagnostics, expression: [expression] });
  }
}
