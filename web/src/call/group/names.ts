/** What the people in a room are called by whoever looks at it. Pure. */
import type { Peer as Seat, SeatRole } from '@afar/visits/contract';
import { counterpartOf } from '../link-state.ts';

export interface Viewer {
  /** One's own role. */
  role: SeatRole;
  /** The other one of the visit, as the viewer knows her: of a clinician the patient, of everybody else the clinician. */
  otherName: string;
}

export type RoleWord = 'clinician' | 'patient' | NonNullable<Seat['as']>;

/** What somebody is here as. */
export const roleWord = ({ role, as }: Pick<Seat, 'role' | 'as'>): RoleWord =>
  role === 'guest' ? (as ?? 'relative') : role;

/** Her name; undefined: the viewer is not told one, her role stands for it. */
export function nameOf(
  person: Pick<Seat, 'role' | 'as' | 'name'>,
  viewer: Viewer,
): string | undefined {
  if (person.name !== undefined) return person.name;
  return person.role === counterpartOf(viewer.role) ? viewer.otherName : undefined;
}

export const initials = (name: string): string =>
  name
    .replace(/^(Dr|Prof|Mr|Mrs|Ms)\.?\s+/i, '')
    .split(/\s+/)
    .filter((part) => /^\p{L}/u.test(part))
    .slice(0, 2)
    .map((part) => part[0]!.toUpperCase())
    .join('');
