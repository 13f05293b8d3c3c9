/** A patient's links: what each opens, until when, and who has been there. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { SharingDeps } from '../create-sharing.ts';
import type { ShareLink } from './contract.ts';
import { choiceOf } from './kinds.ts';
import { endOf, linkColumns, noteContext, viewerContext, type LinkRow } from './store.ts';

const mostShown = 100;
const mostSeen = 20;

interface OpeningRow {
  id: string;
  link: string;
  at: number;
  account: string | null;
  viewer: Buffer | null;
}

export async function shownLink(
  { records, clock }: Pick<SharingDeps, 'records' | 'clock'>,
  house: Caller,
  row: LinkRow,
  openings: readonly OpeningRow[],
): Promise<ShareLink> {
  const { id, patient, created, expires, most, opened, note } = row;
  const words = note && (await records.openFor(house, patient, noteContext(id), note));
  const seen = await Promise.all(
    openings.slice(0, mostSeen).map(async ({ id: opening, at, account, viewer }) => {
      const who = viewer && (await records.openFor(house, patient, viewerContext(opening), viewer));
      return { at, ...(who && { who }), signedIn: account !== null };
    }),
  );
  return {
    id,
    state: endOf(row, clock.now()) ?? 'live',
    ...choiceOf(row.classes),
    ...(words && { note: words }),
    created,
    expires,
    openings: most,
    opened,
    seen,
  };
}

export async function linksOf(
  deps: SharingDeps,
  house: Caller,
  patient: string,
): Promise<ShareLink[]> {
  const { tenant } = house;
  const { rows } = await deps.db.query<LinkRow>(
    `select ${linkColumns} from sharing.link where tenant = $1 and patient = $2
     order by created desc, id limit ${mostShown}`,
    [tenant, patient],
  );
  const { rows: openings } = await deps.db.query<OpeningRow>(
    `select id, link, at, account, viewer from sharing.link_opening
     where tenant = $1 and link = any($2) order by at desc, id limit 2000`,
    [tenant, rows.map((row) => row.id)],
  );
  const byLink = Map.groupBy(openings, (one) => one.link);
  return Promise.all(rows.map((row) => shownLink(deps, house, row, byLink.get(row.id) ?? [])));
}

/** @throws Refusal `not-found` */
export async function linkOf(on: Queryable, tenant: number, id: string): Promise<LinkRow> {
  const { rows } = await on.query<LinkRow>(
    `select ${linkColumns} from sharing.link where tenant = $1 and id = $2`,
    [tenant, id],
  );
  if (!rows[0]) throw new Refusal('not-found');
  return rows[0];
}

/** Ends a link and everything it opened: the next request of whoever came by it is refused. Safe to repeat. */
export async function revokeLink(deps: SharingDeps, house: Caller, row: LinkRow): Promise<void> {
  const { tenant } = house;
  await deps.records.write(house, async (tx) => {
    await tx.sql.query(
      `update sharing.link set ended = 'revoked', ended_at = $3 where tenant = $1 and id = $2 and ended is null`,
      [tenant, row.id, deps.clock.now()],
    );
    await tx.grants.withdraw(`Link/${row.id}`);
  });
  await deps.access.guests.end(tenant, row.id);
}
