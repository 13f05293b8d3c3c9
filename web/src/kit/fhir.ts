/** Reading the chart: FHIR searches by POST, so that no search term stands in an address [FHIR R4 http.html#search]. */
import { api } from './api.ts';

interface Bundle {
  entry?: { resource?: { resourceType: string } }[];
  link?: { relation: string; url: string }[];
}

/** The matches of one search, in the order the server gave them; `next` when there are more. */
export async function searchFhir<T extends { resourceType: string }>(
  type: T['resourceType'],
  params: Record<string, string>,
  signal?: AbortSignal,
): Promise<T[]> {
  const bundle = await api.form<Bundle>(
    `/fhir/R4/${type}/_search`,
    new URLSearchParams(params),
    signal ? { signal } : {},
  );
  return (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === type ? [resource as T] : [],
  );
}

interface Concept {
  text?: string | undefined;
  coding?: { display?: string | undefined; code?: string | undefined }[] | undefined;
}

/** What a person reads for a coded thing. */
export const conceptText = (concept: Concept | undefined): string =>
  concept?.text ??
  concept?.coding?.find((coding) => coding.display)?.display ??
  concept?.coding?.[0]?.code ??
  '';
