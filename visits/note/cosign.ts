/** A trainee's note: handed over it waits for her supervisor, and no patient sees it before the supervisor's signature. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Composition, Encounter } from '@afar/fhir';
import type { CosignItem, NoteSections } from '../contract.ts';
import { iso, tell, type House } from '../house.ts';
import { requireLicensed } from '../licensing/licensed.ts';
import { clinicianBrief, patientBrief, readIfSeen } from '../people.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';
import { changeVisit, lockVisit, type VisitRow } from '../visit-row.ts';
import { participationType } from '../vocabulary.ts';
import { cosigned, waitingNote } from './composition.ts';
import { draftContext, findDraft } from './draft.ts';

/** More than a supervisor reads in a day. */
const most = 100;

async function supervisorOf(house: House, { tenant, id }: Caller): Promise<string> {
  const account = await house.access.accounts.get(tenant, id);
  const supervisor = account?.personal.supervisor;
  if (!supervisor)
    throw new Refusal('business-rule', { diagnostics: 'the office has named no supervisor yet' });
  return supervisor;
}

/** The supervisor takes part in the encounter from now on: by the trainee's word, and no longer than that reaches. */
function withSupervisor(encounter: Encounter, supervisor: string, now: number): Encounter {
  const individual = { reference: `Practitioner/${supervisor}` };
  const there = encounter.participant?.some(
    (one) => one.individual?.reference === individual.reference,
  );
  if (there) return encounter;
  const type = [{ coding: [{ system: participationType, code: 'ATND', display: 'attender' }] }];
  const participant = [
    ...(encounter.participant ?? []),
    { type, period: { start: iso(now) }, individual },
  ];
  return { ...encounter, participant };
}

/**
 * Hands over exactly the revision that the trainee has before her [FHIR R4 composition.html, status preliminary].
 * @returns false when another revision is current
 * @throws Refusal 'conflict' when it was handed over or signed, 'business-rule' without a supervisor, 'invalid' (422)
 */
export async function handOver(
  house: House,
  caller: Caller,
  visit: VisitRow,
  revision: number,
): Promise<boolean> {
  const { tenant, rid } = visit;
  const supervisor = await supervisorOf(house, caller);
  const now = house.clock.now();
  const done = await house.records.write(caller, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    if (!row?.encounter || row.composition)
      throw new Refusal('conflict', {
        diagnostics: row?.composition ? 'handed over or signed already' : 'not begun',
      });
    const draft = await findDraft(tx.sql, row, true);
    if (draft && draft.revision !== revision) return false;
    const text = draft && (await tx.openFor(row.patient, draftContext(rid, revision), draft.body));
    const note = text ? (JSON.parse(text) as NoteSections) : undefined;
    refuseFaults(
      (['assessment', 'plan'] as const)
        .filter((name) => !note?.[name].trim())
        .map((name) => fault(`sections.${name}`, 'must not be empty when it is handed over')),
    );
    const stored = await tx.create(waitingNote(row, caller.fhirUser!.id, note!, now));
    const { resource } = await tx.read<Encounter>('Encounter', row.encounter);
    const shared = withSupervisor(resource, supervisor, now);
    if (shared !== resource) await tx.update(shared);
    await changeVisit(tx.sql, row, { composition: stored.rid, supervisor });
    await tx.sql.query('delete from visits.draft where tenant = $1 and visit = $2', [tenant, rid]);
    return true;
  });
  if (done) tell(house, 'changed', { tenant, visit: rid, clinician: visit.clinician });
  return done;
}

/**
 * The supervisor's own signature releases it. Nobody else's does.
 * @throws Refusal 'conflict' when nothing waits, 'forbidden' to everybody but the named supervisor, 'licence-required'
 */
export async function cosign(house: House, caller: Caller, visit: VisitRow): Promise<void> {
  const { tenant, rid } = visit;
  await requireLicensed(house, visit);
  const now = house.clock.now();
  await house.records.write(caller, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    if (!row?.composition || row.signed_at !== null || row.supervisor === null)
      throw new Refusal('conflict', { diagnostics: 'nothing waits for a signature here' });
    const self = caller.fhirUser?.id;
    if (self === undefined || row.supervisor !== self) throw new Refusal('forbidden');
    const { resource } = await tx.read<Composition>('Composition', row.composition);
    await tx.update(cosigned(resource, self, now));
    await changeVisit(tx.sql, row, { signed_at: now });
  });
  tell(house, 'changed', { tenant, visit: rid, clinician: visit.clinician });
}

/** What waits for this supervisor's signature, the oldest visit first; only what she may see. */
export async function cosignList(house: House, caller: Caller): Promise<CosignItem[]> {
  const { rows } = await house.db.query<{ rid: string; patient: string; composition: string }>({
    name: 'visits.cosign-list',
    text: `select rid, patient, composition from visits.visit
      where tenant = $1 and supervisor = $2 and signed_at is null order by starts, rid limit ${most}`,
    values: [caller.tenant, caller.fhirUser?.id],
  });
  const items = await Promise.all(
    rows.map(async ({ rid, patient, composition }): Promise<CosignItem[]> => {
      const note = await readIfSeen<Composition>(house, caller, 'Composition', composition);
      const who = note && (await patientBrief(house, caller, patient));
      if (!note || !who) return [];
      const author = note.author[0]?.reference?.split('/')[1] ?? '';
      const by = await clinicianBrief(house, caller, author);
      return [{ visit: rid, patient: who, at: note.date, by: { id: by.id, name: by.name } }];
    }),
  );
  return items.flat();
}
