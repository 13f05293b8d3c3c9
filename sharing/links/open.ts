/** Opening a link: secret and PIN, five wrong ones and it is dead; a guest gets an hour, a pharmacist a prescription of her own. */
import { randomUUID } from 'node:crypto';
import { systemCaller, type Caller, type GrantRow } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import type { SharingDeps } from '../create-sharing.ts';
import type { OpenLinkRequest } from './contract.ts';
import { itemOf } from './kinds.ts';
import { stillGiven } from './makers.ts';
import { tryPin, viewerContext, type LinkRow } from './store.ts';

/** A pharmacist dispenses the same day or the next. */
const dispenseMs = 24 * 3_600_000;

export interface Opening {
  row: LinkRow;
  /** Of the opening. */
  id: string;
  /** What a pharmacist holds now, and until when, ms since epoch. */
  held?: { classes: string[]; until: number };
}

/** What of a link a pharmacist may dispense from: one prescription, or the medications. */
function prescriptions(row: LinkRow): string[] | undefined {
  const one = row.classes.find((name) => itemOf(name)?.type === 'MedicationRequest');
  const all = row.classes.some((name) => name === 'chart' || name === 'MedicationRequest');
  const found = one ?? (all ? 'MedicationRequest' : undefined);
  return found === undefined ? undefined : [found, `Patient/${row.patient}`];
}

async function give(
  tx: RecordTx,
  row: LinkRow,
  principal: string,
  classes: readonly string[],
  now: number,
): Promise<number> {
  const until = now + dispenseMs;
  await tx.grants.give(
    classes.map((one): GrantRow => ({
      principal,
      patient: row.patient,
      class: one,
      purpose: 'TREAT',
      source: `Link/${row.id}`,
      starts: now,
      ends: until,
    })),
  );
  return until;
}

/**
 * @param caller a pharmacist who is signed in; undefined for whoever else shows the link
 * @throws Refusal `bad-credentials` with the tries that are left, `not-found` for every link that does not open
 */
export async function openLink(
  deps: SharingDeps,
  tenant: number,
  asked: OpenLinkRequest,
  caller: Caller | undefined,
  request: { id: string; ip: string },
): Promise<Opening> {
  const now = deps.clock.now();
  const house = {
    ...systemCaller(tenant, deps.clock, 'open-link'),
    requestId: request.id,
    ip: request.ip,
  };
  const done = await deps.records.write(house, async (tx) => {
    const tried = await tryPin(tx.sql, tenant, asked, now);
    if (!tried || 'wrong' in tried) return tried;
    const { row } = tried;
    if (!(await stillGiven(deps, row))) return undefined;
    const id = randomUUID();
    const name = asked.name?.trim();
    const viewer = name ? await tx.sealFor(row.patient, viewerContext(id), name) : null;
    await tx.sql.query(
      `insert into sharing.link_opening (tenant, id, link, patient, at, account, viewer)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [tenant, id, row.id, row.patient, now, caller?.id ?? null, viewer],
    );
    const classes = caller && prescriptions(row);
    if (caller && !classes)
      throw new Refusal('not-found', { diagnostics: 'no prescription is shared by this link' });
    const held = classes && {
      classes,
      until: await give(tx, row, caller.fhirUser?.id ?? caller.id, classes, now),
    };
    const about = { link: row.id, opening: id, signedIn: caller ? 1 : 0 };
    const hers = await deps.access.accounts.byFhirUser(tenant, {
      type: 'Patient',
      id: row.patient,
    });
    for (const account of new Set([row.maker, hers?.id].filter((one) => one !== undefined)))
      await deps.access.notices.tell(
        { tenant, to: { account }, kind: 'share-opened', about },
        tx.sql,
      );
    return { row, id, ...(held && { held }) };
  });
  if (!done) throw new Refusal('not-found', { diagnostics: 'this link does not open anything' });
  if ('wrong' in done)
    throw new Refusal('bad-credentials', {
      diagnostics: done.wrong > 0 ? `${done.wrong} tries are left` : 'this link is dead now',
    });
  return done;
}
