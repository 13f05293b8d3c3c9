/** A person's name as it is spoken: the official one, else the first. Pure. */
import type { HumanName } from '@medplum/fhirtypes';

export function personName(names: HumanName[] | undefined): string {
  const name = names?.find((one) => one.use === 'official') ?? names?.[0];
  if (!name) return '';
  return (
    name.text ??
    [...(name.prefix ?? []), ...(name.given ?? []), name.family].filter(Boolean).join(' ')
  );
}
