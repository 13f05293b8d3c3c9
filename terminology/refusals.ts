/** The ways this room says no, each an OperationOutcome. */
import { Refusal } from '@afar/fhir';

/** [FHIR R4 valueset-operation-expand.html] a too large expansion is refused with the code `too-costly`. */
export function tooCostly(diagnostics: string): Refusal {
  return new Refusal('too-costly', {
    status: 422,
    issues: [
      {
        severity: 'error',
        code: 'too-costly',
        details: { text: 'The expansion costs too much: narrow it, or ask for a page with count' },
        diagnostics,
      },
    ],
  });
}

/** 404: a system, value set, map or code that is not known here. */
export const notKnown = (diagnostics: string): Refusal => new Refusal('not-found', { diagnostics });

export const invalid = (diagnostics: string, ...expression: string[]): Refusal =>
  new Refusal('invalid', { diagnostics, ...(expression.length > 0 && { expression }) });

/** 422: what the definition itself says cannot be followed. */
export const unprocessable = (diagnostics: string): Refusal =>
  new Refusal('unprocessable', { diagnostics });

/** What a caller sent, cut to what a message can bear. */
export const shown = (text: string): string =>
  text.length > 200 ? `${text.slice(0, 200)}…` : text;
