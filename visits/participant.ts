/** Who takes part in an Appointment, by type. */
import type { Appointment } from '@afar/fhir';
import { isUuid } from './scheduling/rule.ts';

export function participantsOfType(it: Appointment, type: string): string[] {
  const prefix = `${type}/`;
  return it.participant.flatMap(({ actor, status }) => {
    const { reference } = actor ?? {};
    if (status === 'declined' || !reference?.startsWith(prefix)) return [];
    const id = reference.slice(prefix.length);
    return isUuid(id) ? [id] : [];
  });
}

/** The first of them. */
export const participantOf = (it: Appointment, type: string): string | undefined =>
  participantsOfType(it, type)[0];
