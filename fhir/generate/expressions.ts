/** The FHIRPath of the standard's search parameters as HL7 wrote it, for the test that our extractors find the same. */
import type { SearchParameter } from '@medplum/fhirtypes';

/** `code Type,Type ;; expression ;; component ;; component` */
export function expressionLines(parameters: readonly SearchParameter[]): string[] {
  return parameters
    .filter((one) => one.expression && one.base?.length)
    .map((one) => {
      const components = (one.component ?? []).map((part) => part.expression);
      return [`${one.code} ${one.base.join()}`, one.expression, ...components].join(' ;; ');
    })
    .toSorted();
}
