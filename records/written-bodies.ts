/** Does the store still hold what the trail says was written? A row put back to an older version is found by it. */
import type { BodyCheck, WrittenBody } from '@afar/access';
import type { Db } from '@afar/platform';

interface Held {
  /** Index of what was asked. */
  k: number;
  kept: boolean;
}

// The current version's own change, or a replaced version that an older number stands on: both by the hash of the bytes.
const held = `select k.k::int, (
  exists (select from records.resource r
    where r.tenant = $1 and r.type = k.type and r.rid = k.rid and sha256(r.body) = decode(k.hash, 'hex'))
  or exists (select from records.history h
    join records.resource r on r.tenant = h.tenant and r.type = h.type and r.rid = h.rid and r.version > h.version
    where h.tenant = $1 and h.type = k.type and h.rid = k.rid and sha256(h.body) = decode(k.hash, 'hex'))
) as kept
from unnest($2::text[], $3::uuid[], $4::text[]) with ordinality k(type, rid, hash, k)`;

// Sealed anew since: every row lies in other bytes than those that were hashed.
const rotated = `select max(greatest(started, coalesce(finished, updated))) as at from records.rotation
where tenant = $1 and kind = 'data'`;

export function writtenBodies(db: Db): BodyCheck {
  async function ofTenant(tenant: number, asked: readonly WrittenBody[]) {
    const [{ rows }, turned] = await Promise.all([
      db.query<Held>({
        name: 'records.written-bodies',
        text: held,
        values: [
          tenant,
          asked.map((one) => one.type),
          asked.map((one) => one.rid),
          asked.map((one) => one.hash.toString('hex')),
        ],
      }),
      db.query<{ at: number | null }>(rotated, [tenant]),
    ]);
    const since = turned.rows[0]?.at ?? 0;
    const kept = new Map(rows.map((row) => [row.k - 1, row.kept]));
    return asked.map(({ at }, index) =>
      kept.get(index) ? ('kept' as const) : at <= since ? ('resealed' as const) : ('gone' as const),
    );
  }

  return async (written) => {
    const answers: Awaited<ReturnType<typeof ofTenant>> = [];
    for (const [tenant, indexes] of Map.groupBy(
      written.keys(),
      (index) => written[index]!.tenant,
    )) {
      const found = await ofTenant(
        tenant,
        indexes.map((index) => written[index]!),
      );
      indexes.forEach((index, at) => {
        answers[index] = found[at]!;
      });
    }
    return answers;
  };
}
