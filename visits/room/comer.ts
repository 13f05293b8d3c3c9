/** Who comes to the socket of a visit: somebody with an account, or a guest by her link; both are asked again and again while it is open. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { FastifyRequest } from 'fastify';
import { seeVisit, type Standing } from '../checks.ts';
import type { House } from '../house.ts';
import type { GuestState } from '../messages.ts';
import type { VisitRow } from '../visit-row.ts';

/** The visit as whoever comes stands to it. A guest sees nothing of it but her own state. */
export interface InSight {
  row: VisitRow;
  standing: Standing | 'guest';
  guest?: GuestState;
}

export interface Comer {
  /** Undefined: she is not, or no longer, who she was when the socket opened. */
  authenticate(): Promise<Caller | undefined>;
  /** @throws Refusal when the visit is not there for her, or not any more */
  see(caller: Caller): Promise<InSight>;
}

/** She is told that there is no such visit; whatever else she is refused says nothing about the patient's record. */
export const isHidden = (error: unknown): boolean =>
  error instanceof Refusal && (error.code === 'not-found' || error.code === 'gone');

/** Somebody who is signed in. */
export const accountComer = (house: House, req: FastifyRequest, visit: string): Comer => ({
  authenticate: () => house.access.authenticate(req),
  see: (caller) => seeVisit(house, caller, visit),
});
