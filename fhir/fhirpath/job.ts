/** What goes to the FHIRPath thread and comes back. */

export interface Question {
  expression: string;
  /** Where the focus stands in the resource; the resource itself when empty. */
  path?: readonly (string | number)[];
  /** FHIR type of the focus when it is no resource: `Patient.contact`, `Quantity`. */
  type?: string;
}

export interface Job {
  resource: unknown;
  /** What `resolve()` may look into besides what is contained. */
  bundle?: unknown;
  questions: readonly Question[];
  /** `parse`: only whether they can be read, and are within the limits. */
  only?: 'parse';
}

/** `values` of a question, or why there are none: no message, for a message may repeat what stands in the resource. */
export type Reply =
  | { values: unknown[] }
  | { fault: 'unreadable' | 'too-long' | 'failed' | 'too-costly' };
