/** Where the FHIR interface of a tenant is: in absolute links out, and as what makes an absolute reference a local one. */
import type { RecordsDeps } from './types.ts';

/** `https://clinic.example/fhir/R4`, without a slash at its end. */
export const fhirUrlOf = (
  { baseUrl, baseUrlOf }: Pick<RecordsDeps, 'baseUrl' | 'baseUrlOf'>,
  tenant: number,
): string => `${baseUrlOf ? baseUrlOf(tenant) : baseUrl}/fhir/R4`;
