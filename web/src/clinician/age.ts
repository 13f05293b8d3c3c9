/** Age as clinicians say it: days, weeks and months matter in the young. Pure. */

export interface Age {
  unit: 'days' | 'weeks' | 'months' | 'years';
  count: number;
}

/** From a FHIR date (year, month or day known) to an instant; undefined for what lies in the future or is no date. */
export function ageOf(birthDate: string, now: number): Age | undefined {
  const [year, month = 1, day = 1] = birthDate.split('-').map(Number) as [number, number?, number?];
  const today = new Date(now);
  if (!Number.isInteger(year)) return undefined;
  const months =
    (today.getUTCFullYear() - year) * 12 +
    (today.getUTCMonth() + 1 - month) -
    (today.getUTCDate() < day ? 1 : 0);
  const days = Math.floor((now - Date.UTC(year, month - 1, day)) / 86_400_000);
  if (days < 0) return undefined;
  if (birthDate.length < 10) return { unit: 'years', count: Math.floor(months / 12) };
  if (days < 14) return { unit: 'days', count: days };
  // Up to 12 weeks in weeks, up to 2 years in months, as paediatric notes do.
  if (days < 84) return { unit: 'weeks', count: Math.floor(days / 7) };
  if (months < 24) return { unit: 'months', count: months };
  return { unit: 'years', count: Math.floor(months / 12) };
}
