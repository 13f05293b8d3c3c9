/** Inviting somebody into a visit: a link for one person, which ends with the visit. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Standing } from '../checks.ts';
import type { Invited, InviteRequest } from '../contract.ts';
import type { House } from '../house.ts';
import { seatsIn } from '../room/engine.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';
import { isOver } from '../state.ts';
import { lockVisit, type VisitRow } from '../visit-row.ts';
import {
  addInvite,
  countLive,
  findInvite,
  guestKinds,
  hashOf,
  mostInvites,
  nameContext,
  newId,
  newSecret,
} from './invite.ts';
import { guestView } from './view.ts';

/** What everybody in the room will read: one line, as it would be spoken. */
const isName = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.trim().length > 0 &&
  value.length <= 100 &&
  !/[\p{Cc}\p{Cf}]/u.test(value);

/** 4 h after the end: a visit that runs late still lets the interpreter in. */
const afterEndMs = 4 * 3_600_000;
const hourMs = 3_600_000;

/** @throws Refusal 'invalid' (400), one issue per fault */
export function readInvite(body: unknown): InviteRequest {
  const { kind, name, hours } = (body ?? {}) as Record<string, unknown>;
  const inHours = hours === undefined || (Number.isInteger(hours) && 1 <= +hours! && +hours! <= 72);
  refuseFaults([
    ...(guestKinds.includes(kind as never) ? [] : [fault('kind', guestKinds.join(', '))]),
    ...(isName(name) ? [] : [fault('name', '1 to 100 characters on one line')]),
    ...(inHours ? [] : [fault('hours', '1 to 72')]),
  ]);
  return {
    kind: kind as InviteRequest['kind'],
    name: (name as string).trim(),
    ...(hours !== undefined && { hours: Number(hours) }),
  };
}

/**
 * @throws Refusal 'forbidden' to a patient who invites anybody but a relative; 'conflict' when the visit is over or too many links are out;
 *   'not-supported' in a house that seats two only
 */
export async function makeInvite(
  house: House,
  caller: Caller,
  row: VisitRow,
  standing: Standing,
  ask: InviteRequest,
): Promise<Invited> {
  const { tenant, rid: visit, patient } = row;
  const byPatient = standing === 'patient';
  if (byPatient && ask.kind !== 'relative')
    throw new Refusal('forbidden', { diagnostics: 'you may invite a relative' });
  if (seatsIn(house.media) <= 2)
    throw new Refusal('not-supported', {
      status: 409,
      diagnostics: 'this clinic has no media server for more than two people',
    });
  // 20 an hour: somebody who mistypes names, not somebody who fills a table.
  await house.access.allowances.take(tenant, {
    of: ['visit-guests', caller.id],
    most: 20,
    windowMs: hourMs,
  });
  const now = house.clock.now();
  const id = newId();
  const secret = newSecret();
  const until = ask.hours ? now + ask.hours * hourMs : Math.max(row.ends, now) + afterEndMs;
  await house.records.write(caller, async (tx) => {
    const locked = await lockVisit(tx.sql, tenant, visit);
    if (!locked || isOver(locked.state))
      throw new Refusal('conflict', { detail: `state ${locked?.state}` });
    if ((await countLive(tx.sql, { tenant, visit }, now)) >= mostInvites)
      throw new Refusal('conflict', { diagnostics: `${mostInvites} links are out already` });
    await addInvite(tx.sql, {
      tenant,
      id,
      visit,
      patient,
      kind: ask.kind,
      name: await tx.sealFor(patient, nameContext(id), ask.name),
      made_by: caller.id,
      by_patient: byPatient,
      made: now,
      expires: until,
      hash: hashOf(secret),
      // Whom she invites herself she need not be asked about.
      agreed: byPatient ? now : null,
    });
  });
  const invite = await findInvite(house.db, tenant, id);
  if (!invite) throw new Refusal('unavailable');
  const base = house.baseUrlOf?.(tenant) ?? house.baseUrl;
  return { guest: await guestView(house, invite), link: `${base}/guest#${secret}` };
}
