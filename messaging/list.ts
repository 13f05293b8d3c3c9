/** Threads as a box shows them: rows looked at newest first, and of them what the record store shows this caller. */
import { isUuid, type Caller } from '@afar/access';
import { Refusal, type Communication } from '@afar/fhir';
import { topicOf } from './communication.ts';
import type { Box, ThreadBrief, Threads, Unread } from './contract.ts';
import type { House } from './house.ts';
import { namesOf, staffNames } from './people.ts';
import { isStaff, requireWriter } from './standing.ts';
import { threadColumns, type ThreadRow } from './store.ts';

const atOnce = 30;
/** Rows one request looks at: a member of staff sees some of the clinic's. */
const mostLooked = 300;

type Listed = ThreadRow & { unread: number };

interface Asked {
  box: Box;
  before?: number;
  patient?: string;
}

/** @throws Refusal 'invalid' */
export function readAsked(query: unknown): Asked {
  const { box = 'all', before, patient } = (query ?? {}) as Record<string, unknown>;
  const boxes: readonly unknown[] = ['mine', 'team', 'all', 'closed'];
  const number = before === undefined ? undefined : Number(before);
  const fits =
    boxes.includes(box) &&
    (number === undefined || Number.isSafeInteger(number)) &&
    (patient === undefined || (typeof patient === 'string' && isUuid(patient)));
  if (!fits) throw new Refusal('invalid', { diagnostics: 'no such box, place or patient' });
  return {
    box: box as Box,
    ...(number !== undefined && { before: number }),
    ...(patient !== undefined && { patient: patient as string }),
  };
}

/** Whose threads a patient's side may have; undefined for staff, who are asked about row by row. */
const patientsOf = (caller: Caller): string[] | undefined => {
  if (isStaff(caller)) return undefined;
  const own = caller.fhirUser?.type === 'Patient' ? [caller.fhirUser.id] : [];
  return [...own, ...(caller.proxies ?? []).map((one) => one.patient)];
};

async function rowsOf(
  house: House,
  caller: Caller,
  { box, patient }: Asked,
  before: number | undefined,
  limit: number,
): Promise<Listed[]> {
  const side = isStaff(caller) ? 'staff' : 'patient';
  // A proxy with an account of her own kind has no list of patients: the store says which she sees.
  const patients = caller.fhirUser?.type === 'RelatedPerson' ? undefined : patientsOf(caller);
  const { rows } = await house.db.query<Listed>({
    name: 'messaging.box',
    text: `select ${threadColumns},
        (select count(*)::int from (select from messaging.message m where m.tenant = t.tenant and m.thread = t.id
           and m.side <> $3 and m.seq > coalesce(s.upto, 0) limit 99) u) as unread
      from messaging.thread t
      left join messaging.seen s on s.tenant = t.tenant and s.thread = t.id and s.account = $2
      where t.tenant = $1 and ($4::bigint is null or t.last_seq < $4)
        and ($5::uuid[] is null or t.patient = any($5)) and ($6::uuid is null or t.patient = $6)
        and (case $7 when 'closed' then t.state = 'closed' when 'all' then true
             when 'team' then t.state = 'open' and t.assignee is null
             else $3 = 'patient' or (t.state = 'open' and t.assignee = $2) end)
      order by t.last_seq desc limit $8`,
    values: [
      caller.tenant,
      caller.id,
      side,
      before ?? null,
      patients ?? null,
      patient ?? null,
      box,
      limit,
    ],
  });
  return rows;
}

/** First messages of threads, of those that this caller may read. */
async function rootsOf(
  house: House,
  caller: Caller,
  ids: readonly string[],
): Promise<Map<string, Communication>> {
  if (ids.length === 0) return new Map();
  const found = await house.records.search(caller, 'Communication', [
    ['_id', ids.join(',')],
    ['_count', String(ids.length)],
  ]);
  return new Map(
    (found.entry ?? []).flatMap(({ resource }): [string, Communication][] =>
      resource?.resourceType === 'Communication' ? [[resource.id!, resource as Communication]] : [],
    ),
  );
}

export function briefOf(
  house: House,
  caller: Caller,
  row: ThreadRow,
  root: Communication,
  names: { patients: ReadonlyMap<string, string>; staff: ReadonlyMap<string, string> },
  unread: number,
): ThreadBrief {
  const now = house.clock.now();
  const own = caller.fhirUser?.id === row.patient;
  const patientName = own ? undefined : names.patients.get(`Patient/${row.patient}`);
  return {
    id: row.id,
    patient: row.patient,
    ...(patientName && { patientName }),
    topic: topicOf(root),
    state: row.state,
    urgent: row.urgent,
    lastAt: new Date(row.last_at).toISOString(),
    lastSide: row.last_side,
    unread,
    ...(row.due !== null && row.state === 'open' && { due: new Date(row.due).toISOString() }),
    overdue: row.state === 'open' && row.due !== null && row.due <= now,
    ...(row.assignee !== null &&
      isStaff(caller) && {
        assignee: {
          account: row.assignee,
          name: names.staff.get(row.assignee) ?? '',
          you: row.assignee === caller.id,
        },
      }),
  };
}

export async function listThreads(
  house: House,
  caller: Caller,
  asked: Asked,
): Promise<Threads & { patients: string[] }> {
  requireWriter(caller);
  const shown: { row: Listed; root: Communication }[] = [];
  let { before } = asked;
  let more = true;
  for (let looked = 0; more && shown.length < atOnce && looked < mostLooked; looked += atOnce) {
    const rows = await rowsOf(house, caller, asked, before, atOnce);
    more = rows.length === atOnce;
    const roots = await rootsOf(
      house,
      caller,
      rows.map((row) => row.id),
    );
    for (const row of rows) {
      // Where the page is full the next one begins.
      if (shown.length === atOnce) {
        more = true;
        break;
      }
      before = row.last_seq;
      const root = roots.get(row.id);
      if (root) shown.push({ row, root });
    }
  }
  const [patients, staff] = await Promise.all([
    namesOf(
      house,
      caller,
      shown.map(({ row }) => `Patient/${row.patient}`),
    ),
    staffNames(
      house,
      caller.tenant,
      shown.flatMap(({ row }) => row.assignee ?? []),
    ),
  ]);
  return {
    threads: shown.map(({ row, root }) =>
      briefOf(house, caller, row, root, { patients, staff }, row.unread),
    ),
    ...(more && before !== undefined && { next: String(before) }),
    patients: [...new Set(shown.map(({ row }) => row.patient))],
  };
}

/** Threads with something new; of staff those that are hers or the team's. */
export async function unreadOf(house: House, caller: Caller): Promise<Unread> {
  requireWriter(caller);
  const staff = isStaff(caller);
  const patients = caller.fhirUser?.type === 'RelatedPerson' ? undefined : patientsOf(caller);
  const { rows } = await house.db.query<{ id: string }>({
    name: 'messaging.unread',
    text: `select t.id from messaging.thread t
      left join messaging.seen s on s.tenant = t.tenant and s.thread = t.id and s.account = $2
      where t.tenant = $1 and t.last_side <> $3 and t.last_seq > coalesce(s.upto, 0)
        and ($4::uuid[] is null or t.patient = any($4))
        and ($3 = 'patient' or (t.state = 'open' and (t.assignee is null or t.assignee = $2)))
      order by t.last_seq desc limit 99`,
    values: [caller.tenant, caller.id, staff ? 'staff' : 'patient', patients ?? null],
  });
  const roots = await rootsOf(
    house,
    caller,
    rows.map((row) => row.id),
  );
  return { threads: roots.size };
}
