/** Who has left the waiting room's page is told when it is nearly her turn, and when she is called; once each. */
import type { NoticeKind } from '@afar/access';
import { everyTenant, within } from '@afar/platform';
import type { House } from '../house.ts';
import { tellPatient } from '../scheduling/telling.ts';
import type { VisitRow } from '../visit-row.ts';
import { presentMs } from './place.ts';

const everyMs = 15_000;
/** Told when so many or fewer are before her. */
const nearAhead = 1;

type Called = Pick<VisitRow, 'tenant' | 'rid' | 'clinician' | 'patient' | 'starts' | 'booked_by'>;

/** Marks and tells in one transaction: of several processes one does it. */
async function tellOnce(
  house: House,
  one: Called,
  column: 'near_told' | 'ready_told',
  kind: NoticeKind,
): Promise<void> {
  await within(one.tenant, () =>
    house.db.tx(async (sql) => {
      const { rowCount } = await sql.query(
        `update visits.visit set ${column} = $3 where tenant = $1 and rid = $2 and ${column} is null`,
        [one.tenant, one.rid, house.clock.now()],
      );
      if (rowCount) await tellPatient(house, sql, one, kind);
    }),
  );
}

/** Looks once. @returns how many were told */
export async function callBack(house: House): Promise<number> {
  const away = house.clock.now() - presentMs;
  const columns = 'v.tenant, v.rid, v.clinician, v.patient, v.starts, v.booked_by';
  const near = await house.db.query<Called>({
    name: 'visits.near-and-away',
    text: `select ${columns} from visits.visit v
      where v.state = 'waiting' and v.near_told is null and v.seen_at < $1
        and (select count(*) from visits.visit b where b.tenant = v.tenant and b.clinician = v.clinician
          and b.state = 'waiting' and (b.priority, b.arrived_at, b.rid) < (v.priority, v.arrived_at, v.rid)) <= ${nearAhead}
      limit 200`,
    values: [away],
  });
  const called = await house.db.query<Called>({
    name: 'visits.called-and-away',
    text: `select ${columns} from visits.visit v
      where v.state = 'admitted' and v.ready_told is null and v.seen_at < $1 limit 200`,
    values: [away],
  });
  for (const one of near.rows) await tellOnce(house, one, 'near_told', 'visit-near');
  for (const one of called.rows) await tellOnce(house, one, 'ready_told', 'visit-ready');
  return near.rows.length + called.rows.length;
}

/** Looks every quarter of a minute until stopped. */
export function startCallBack(house: House): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(() => everyTenant(() => callBack(house)))
      .catch((error: unknown) => house.log.warn({ err: error }, 'nobody was called back'));
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
