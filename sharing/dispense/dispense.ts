/** Handing out what was prescribed: by a pharmacist to whom it was presented, as often as it may be, once for each request. */
import { createHmac } from 'node:crypto';
import { systemCaller, type Caller } from '@afar/access';
import { Refusal, type Bundle, type MedicationDispense, type MedicationRequest } from '@afar/fhir';
import type { Holder, RecordTx } from '@afar/records';
import type { SharingDeps } from '../create-sharing.ts';
import type { DispenseBar, Dispensed, DispenseRequest, DispenseState } from './contract.ts';
import { allowedTimes, barOf, handedOut, quantityOf, shortQuantity, validUntil } from './rule.ts';

/** Names the request that made a dispense: a MAC, for a key may hold a name. */
const keySystem = 'urn:afar:dispense';

const words: Record<DispenseBar, string> = {
  'not-active': 'the prescription is not active',
  'not-begun': 'the prescription is not valid yet',
  expired: 'the prescription has expired',
  'used-up': 'it was handed out as often as it may be',
};

interface Presented {
  rid: string;
  patient: string;
  pharmacist: string;
  /** What opens it to her. */
  held: Holder;
}

const house = (deps: SharingDeps, caller: Caller): Caller => ({
  ...systemCaller(caller.tenant, deps.clock, 'dispense'),
  requestId: caller.requestId,
  ip: caller.ip,
});

/**
 * A prescription that this pharmacist was shown, and still holds.
 * @throws Refusal `not-found`
 */
async function presented(deps: SharingDeps, caller: Caller, id: string): Promise<Presented> {
  const pharmacist = caller.fhirUser?.type === 'Practitioner' ? caller.fhirUser.id : undefined;
  if (pharmacist === undefined || caller.scopes !== undefined) throw new Refusal('forbidden');
  const { rid, owner } = await deps.records.read(caller, 'MedicationRequest', id);
  if (!owner) throw new Refusal('not-found');
  const classes = [`MedicationRequest/${rid}`, 'MedicationRequest', 'chart'];
  const holders = await deps.records.holders(house(deps, caller), owner);
  const held = holders.find(
    (one) =>
      caller.principals.includes(one.principal) &&
      classes.includes(one.class) &&
      one.starts <= caller.at,
  );
  if (!held) throw new Refusal('not-found');
  return { rid, patient: owner, pharmacist, held };
}

const dispensesIn = (bundle: Bundle): MedicationDispense[] =>
  (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'MedicationDispense' ? [resource] : [],
  );

const query = (rid: string): [string, string][] => [
  ['prescription', `MedicationRequest/${rid}`],
  ['_sort', '-whenhandedover'],
  ['_count', '200'],
];

function stateOf(
  prescription: MedicationRequest,
  all: readonly MedicationDispense[],
  { rid, pharmacist }: Presented,
  now: number,
): DispenseState {
  const out = handedOut(all);
  const bar = barOf(prescription, out.length, now);
  const until = validUntil(prescription);
  const quantity = shortQuantity(prescription.dispenseRequest?.quantity);
  const self = `Practitioner/${pharmacist}`;
  return {
    prescription: rid,
    allowed: allowedTimes(prescription),
    done: out.length,
    ...(until !== undefined && { until }),
    ...(quantity && { quantity }),
    ...(bar && { bar }),
    own: out
      .filter((one) => one.performer?.some(({ actor }) => actor.reference === self))
      .map((one) => {
        const much = shortQuantity(one.quantity);
        return { id: one.id!, at: one.whenHandedOver ?? '', ...(much && { quantity: much }) };
      }),
  };
}

/** @throws Refusal `not-found` for what was not presented to her */
export async function dispenseState(
  deps: SharingDeps,
  caller: Caller,
  id: string,
): Promise<{ state: DispenseState; patient: string }> {
  const shown = await presented(deps, caller, id);
  const as = house(deps, caller);
  const [{ resource }, found] = await Promise.all([
    deps.records.read<MedicationRequest>(as, 'MedicationRequest', shown.rid),
    deps.records.search(as, 'MedicationDispense', query(shown.rid)),
  ]);
  return {
    state: stateOf(resource, dispensesIn(found), shown, deps.clock.now()),
    patient: shown.patient,
  };
}

/** She reads what she handed out as long as what it was handed out on. */
const lookAt = (tx: RecordTx, { held, patient, pharmacist }: Presented, id: string) =>
  tx.grants.give([
    {
      principal: pharmacist,
      patient,
      class: `MedicationDispense/${id}`,
      purpose: held.purpose,
      source: held.source,
      starts: held.starts,
      ends: held.ends,
    },
  ]);

/**
 * @param key of the request: the same twice is one deed
 * @throws Refusal `not-found`, `conflict` when it may not be handed out (any more), `business-rule` for too much,
 * `idempotency-mismatch`
 */
export async function dispense(
  deps: SharingDeps,
  caller: Caller,
  id: string,
  { body, key }: { body: DispenseRequest; key: string },
): Promise<Dispensed & { patient: string; replayed: boolean }> {
  const { access, clock, keys, records } = deps;
  const { tenant } = caller;
  const shown = await presented(deps, caller, id);
  const { rid, patient, pharmacist } = shown;
  const { index, others } = await keys.tenant(tenant);
  const deed = [index, ...others].map((one) =>
    createHmac('sha256', one).update(`${caller.id}|${rid}|${key}`).digest('base64url'),
  );
  const hers = await access.accounts.byFhirUser(tenant, { type: 'Patient', id: patient });
  return records.write(house(deps, caller), async (tx) => {
    // Two at once, at two counters: one after the other.
    await tx.sql.query('select pg_advisory_xact_lock(4197113, hashtext($1))', [`${tenant}|${rid}`]);
    const now = clock.now();
    const { resource } = await tx.read<MedicationRequest>('MedicationRequest', rid);
    const before = dispensesIn(await tx.search('MedicationDispense', query(rid)));
    const asked = quantityOf(resource, body.quantity);
    const note = body.note?.trim();
    const twin = before.find((one) =>
      one.identifier?.some(({ system, value }) => system === keySystem && deed.includes(value!)),
    );
    if (twin) {
      const same =
        'quantity' in asked &&
        JSON.stringify(shortQuantity(asked.quantity)) ===
          JSON.stringify(shortQuantity(twin.quantity)) &&
        (twin.note?.[0]?.text ?? '') === (note ?? '');
      if (!same) throw new Refusal('idempotency-mismatch');
      const state = stateOf(resource, before, shown, now);
      return { id: twin.id!, state, patient, replayed: true };
    }
    const bar = barOf(resource, handedOut(before).length, now);
    if (bar) throw new Refusal('conflict', { diagnostics: words[bar] });
    if ('fault' in asked)
      throw new Refusal('business-rule', { diagnostics: asked.fault, expression: ['quantity'] });
    const stored = await tx.create<MedicationDispense>({
      resourceType: 'MedicationDispense',
      identifier: [{ system: keySystem, value: deed[0]! }],
      status: 'completed',
      ...(resource.medicationReference
        ? { medicationReference: resource.medicationReference }
        : { medicationCodeableConcept: resource.medicationCodeableConcept ?? {} }),
      subject: { reference: `Patient/${patient}` },
      performer: [{ actor: { reference: `Practitioner/${pharmacist}` } }],
      authorizingPrescription: [{ reference: `MedicationRequest/${rid}` }],
      ...(asked.quantity && { quantity: asked.quantity }),
      whenHandedOver: new Date(now).toISOString(),
      ...(note && { note: [{ text: note }] }),
      ...(resource.dosageInstruction && { dosageInstruction: resource.dosageInstruction }),
    });
    await lookAt(tx, shown, stored.rid);
    if (hers)
      await access.notices.tell(
        { tenant, to: { account: hers.id }, kind: 'dispensed', about: { dispense: stored.rid } },
        tx.sql,
      );
    const state = stateOf(resource, [stored.resource, ...before], shown, now);
    return { id: stored.rid, state, patient, replayed: false };
  });
}
