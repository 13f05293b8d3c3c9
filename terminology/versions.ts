/** Which of several versions is meant. */

interface Versioned {
  readonly version?: string;
  readonly status?: string;
}

/** Numbers inside are compared as numbers: 4.10 is after 4.9, 20240901 after 20240301. */
export function compareVersions(a = '', b = ''): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/**
 * The one asked for; without a version the latest, one in force before drafts and retired ones. Of equals the first.
 * [FHIR R4 references.html#canonical]
 */
export function newest<T extends Versioned>(all: readonly T[], version?: string): T | undefined {
  if (version !== undefined) return all.find((one) => one.version === version);
  const rank = ({ status }: T) => (status === undefined || status === 'active' ? 1 : 0);
  return all.toSorted((a, b) => rank(b) - rank(a) || compareVersions(b.version, a.version))[0];
}
