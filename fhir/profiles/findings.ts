/** What checking against profiles finds: faults at once, and questions that others answer (terminology, FHIRPath). */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import type { Question } from '../fhirpath/job.ts';
import { codeSet } from '../model.ts';
import { expressionOf, type Item } from './items.ts';

export type Severity = 'error' | 'warning' | 'information';

export interface CodeQuestion {
  valueSet: string;
  /** One of them must be in the set. */
  codings: { system?: string; code: string }[];
  strength: 'required' | 'extensible' | 'preferred';
  expression: string;
}

export interface RuleQuestion extends Question {
  severity: 'error' | 'warning';
  text: string;
  /** Of the element, for the issue. */
  place: string;
}

/** 100: more tells nobody anything. */
const mostIssues = 100;
/** 1,000 rules: a page of a hundred elements has 300. More is refused: the answer would not come in time. */
const mostRules = 1_000;

export class Findings {
  readonly issues: OperationOutcomeIssue[] = [];
  readonly codes: CodeQuestion[] = [];
  readonly rules: RuleQuestion[] = [];
  readonly root: string;
  #seen = new Set<string>();

  constructor(root: string) {
    this.root = root;
  }

  add(
    severity: Severity,
    code: OperationOutcomeIssue['code'],
    diagnostics: string,
    path: Item['path'],
  ): void {
    this.issue({ severity, code, diagnostics, expression: [expressionOf(this.root, path)] });
  }

  issue(issue: OperationOutcomeIssue): void {
    const key = `${issue.severity} ${issue.expression?.[0]} ${issue.diagnostics}`;
    if (this.#seen.has(key) || this.issues.length >= mostIssues) return;
    this.#seen.add(key);
    this.issues.push(issue);
  }

  rule(question: Omit<RuleQuestion, 'place'>, path: Item['path']): void {
    const place = expressionOf(this.root, path);
    const key = `rule ${place} ${question.expression}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (this.rules.length < mostRules) this.rules.push({ ...question, place, path });
    else this.add('error', 'too-costly', 'Too many rules for one resource', []);
  }

  get failed(): boolean {
    return this.issues.some(({ severity }) => severity === 'error');
  }
}

/** HL7's own required sets are in this room's tables. */
export function knownSet(valueSet: string) {
  const url = valueSet.split('|')[0]!;
  return url.startsWith('http://hl7.org/fhir/ValueSet/')
    ? codeSet(url.slice('http://hl7.org/fhir/ValueSet/'.length))
    : undefined;
}

/** The codings of a code, Coding, CodeableConcept or Quantity. */
export function codingsOf(value: unknown): { system?: string; code: string }[] {
  if (typeof value === 'string') return [{ code: value }];
  if (typeof value !== 'object' || value === null) return [];
  const { coding, code, system } = value as Record<string, unknown>;
  if (Array.isArray(coding)) return coding.flatMap((one) => codingsOf(one));
  if (typeof code !== 'string') return [];
  return [{ code, ...(typeof system === 'string' && { system }) }];
}
