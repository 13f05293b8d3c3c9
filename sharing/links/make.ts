/** Making a link: by the patient or her proxy, of her own record, for a while. */
import { randomUUID } from 'node:crypto';
import { isUuid, systemCaller, type Caller, type GrantRow } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { OperationOutcomeIssue } from '@afar/fhir';
import type { SharingDeps } from '../create-sharing.ts';
import type { MakeLinkRequest, NewLink } from './contract.ts';
import { classesOf, itemOf, sharedItems, sharedKinds } from './kinds.ts';
import { shownLink } from './list.ts';
import { hashOf, newPin, newSecret, noteContext, pinHashOf, type LinkRow } from './store.ts';

const hour = 3_600_000;
/** Live at one time: a person loses track of more. */
const mostLive = 50;

const fault = (expression: string, diagnostics: string): OperationOutcomeIssue => ({
  severity: 'error',
  code: 'invalid',
  expression: [expression],
  diagnostics,
});

/**
 * Whose record this caller shares: her own, or that of somebody she speaks for. To be let into a record is not to share it.
 * @returns `whole`: false for a proxy who is shut out of something in it
 * @throws Refusal `forbidden`, `not-found` for a record that is not hers to share
 */
export async function ownRecord(
  { records }: Pick<SharingDeps, 'records'>,
  caller: Caller,
  asked: string | undefined,
): Promise<{ patient: string; whole: boolean }> {
  const { fhirUser } = caller;
  if (caller.role !== 'patient' || !fhirUser) throw new Refusal('forbidden');
  const patient = asked ?? (fhirUser.type === 'Patient' ? fhirUser.id : undefined);
  if (patient === undefined)
    throw new Refusal('invalid', { status: 422, issues: [fault('patient', 'say whose')] });
  if (!isUuid(patient)) throw new Refusal('not-found');
  const speaks = await records.speaks(caller, patient);
  if (!speaks) throw new Refusal('not-found');
  // What shuts out everything shuts out this.
  await records.read(caller, 'Patient', patient);
  return { patient, whole: speaks.whole };
}

function readAsked({ kinds, item, hours = 72, openings = 5, note = '' }: MakeLinkRequest) {
  const found = item === undefined ? undefined : itemOf(item);
  const chosen = kinds ?? [];
  const issues = [
    ...((kinds === undefined) === (item === undefined)
      ? [fault('kinds', 'say what: kinds of data, or one item')]
      : []),
    ...(item !== undefined && !found
      ? [fault('item', `one of ${sharedItems.join(', ')}, with its id`)]
      : []),
    ...(kinds !== undefined &&
    (chosen.length === 0 || !chosen.every((one) => sharedKinds.includes(one)))
      ? [fault('kinds', sharedKinds.join(', '))]
      : []),
  ];
  if (issues.length) throw new Refusal('invalid', { status: 422, issues });
  return { kinds: chosen, item: found, hours, openings, note: note.trim() };
}

/** One thing, as the caller sees it, and the files it points at. @throws Refusal `not-found` */
async function itemClasses(
  { records }: SharingDeps,
  caller: Caller,
  patient: string,
  { type, rid }: { type: string; rid: string },
): Promise<string[]> {
  const stored = await records.read(caller, type, rid);
  if (stored.owner !== patient) throw new Refusal('not-found');
  const files = JSON.stringify(stored.resource).match(/(?<=")Binary\/[0-9a-f-]{36}(?=")/g) ?? [];
  return [`${type}/${stored.rid}`, `Patient/${patient}`, ...new Set(files)];
}

/** @throws Refusal `invalid`, `forbidden`, `not-found`, `conflict` when too many live */
export async function makeLink(
  deps: SharingDeps,
  caller: Caller,
  body: MakeLinkRequest,
): Promise<NewLink> {
  const { tenant } = caller;
  const asked = readAsked(body);
  const { patient, whole } = await ownRecord(deps, caller, body.patient);
  // A guest sees all of a kind: more than she does who is shut out of something. One thing that she sees she may show.
  if (!asked.item && !whole)
    throw new Refusal('forbidden', { diagnostics: 'you do not see all of this record yourself' });
  const classes = asked.item
    ? await itemClasses(deps, caller, patient, asked.item)
    : classesOf(asked.kinds, patient);
  const now = deps.clock.now();
  const id = randomUUID();
  const secret = newSecret();
  const pin = newPin();
  const expires = now + asked.hours * hour;
  const house = {
    ...systemCaller(tenant, deps.clock, 'share'),
    requestId: caller.requestId,
    ip: caller.ip,
  };
  const row = await deps.records.write(house, async (tx) => {
    await tx.sql.query('select pg_advisory_xact_lock(4197110, hashtext($1))', [
      `${tenant}|${patient}`,
    ]);
    const { rowCount } = await tx.sql.query(
      `select from sharing.link where tenant = $1 and patient = $2 and ended is null and expires > $3 and opened < most`,
      [tenant, patient, now],
    );
    if (rowCount >= mostLive)
      throw new Refusal('conflict', { diagnostics: `${mostLive} links are live: end one first` });
    const note = asked.note ? await tx.sealFor(patient, noteContext(id), asked.note) : null;
    const made: LinkRow = {
      tenant,
      id,
      patient,
      maker: caller.id,
      pin: pinHashOf(secret, pin),
      classes,
      created: now,
      expires,
      most: asked.openings,
      opened: 0,
      failures: 0,
      ended: null,
      note,
    };
    await tx.sql.query(
      `insert into sharing.link (tenant, id, patient, maker, hash, pin, classes, created, expires, most, note)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        tenant,
        id,
        patient,
        caller.id,
        hashOf(secret),
        made.pin,
        classes,
        now,
        expires,
        made.most,
        note,
      ],
    );
    await tx.grants.give(
      classes.map((one): GrantRow => ({
        principal: id,
        patient,
        class: one,
        purpose: 'PATRQT',
        source: `Link/${id}`,
        starts: now,
        ends: expires,
      })),
    );
    return made;
  });
  const { baseUrl, baseUrlOf = () => baseUrl } = deps;
  return {
    link: await shownLink(deps, house, row, []),
    url: `${baseUrlOf(caller.tenant)}/shared#${secret}`,
    pin,
  };
}
