/** Keeps the trail provable: heads signed outside the database, looks through it, and its files. */
import { join } from 'node:path';
import { everyTenant, type Clock, type Db, type KeyRing, type Log } from '@afar/platform';
import { systemId } from '../caller.ts';
import { newId } from '../ids.ts';
import { sharedSecret } from '../oauth/signing-keys.ts';
import type { RunningAudit } from './audit.ts';
import {
  createCheckpoints,
  newCheckpointKey,
  readCheckpoints,
  type Checkpoints,
} from './checkpoint.ts';
import {
  dropMonth,
  droppedMonths,
  exportMonth,
  linesOfFile,
  type MonthFile,
} from './files/month.ts';
import { publicOf } from './files/sealed-lines.ts';
import { verifyFile, type FileReport } from './files/verify-file.ts';
import type { AuditFault, AuditReport } from './verify/faults.ts';
import type { Position } from './verify/links.ts';
import { verifyAudit, type BodyCheck, type Progress } from './verify/verify.ts';

export interface VerifyCall {
  /** Only what came after the newest checkpoint of each chain. */
  sinceCheckpoint?: boolean;
  /** Where a look that was broken off had come to. */
  from?: ReadonlyMap<string, Position>;
  onFault?: (fault: AuditFault) => void;
  onProgress?: (progress: Progress) => void;
}

export interface Verification {
  at: number;
  ended: number;
  span: 'whole' | 'since';
  events: number;
  links: number;
  faults: number;
}

export interface Custody {
  /** Reads the trail and says what is wrong with it; kept as the latest look. */
  verify(call?: VerifyCall): Promise<AuditReport>;
  /** How the record store is asked whether it holds what was written; without it, rows rolled back are not found. */
  bodies(check: BodyCheck): void;
  /** The newest signed head, and the latest look. */
  standing(): Promise<{ checkpoint?: { at: number }; verified?: Verification }>;
  /** A file of the trail by itself, sealed or plain. */
  verifyFile(path: string): Promise<FileReport>;
  exportMonth(tenant: number, month: number): Promise<MonthFile>;
  /** Events of a month that lie in sealed files, of all clinics. */
  exported(month: number): Promise<number>;
  /** Clinics with events. */
  tenants(): Promise<number[]>;
  /** @param ownerDb connected as the owner of the schema: neither application nor audit role may */
  dropMonth(ownerDb: Db, month: number): Promise<number>;
  /** Private key of checkpoints and files, PKCS #8 PEM. */
  key(): Promise<string>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createCustody(deps: {
  db: Db;
  keys: KeyRing;
  clock: Clock;
  log: Log;
  trail: RunningAudit;
  /** Folder outside the database; absent: nothing is signed and kept. */
  dir: string | undefined;
  /** Under whose key the installation's own secrets lie. */
  home: number;
}): Custody {
  const { db, keys, clock, log, trail, dir, home } = deps;
  let checkpoints: Checkpoints | undefined;
  let bodies: BodyCheck | undefined;
  const key = (): Promise<string> =>
    everyTenant(() =>
      sharedSecret(deps, home, 'audit-checkpoint', () => Promise.resolve(newCheckpointKey())),
    );

  async function verify(call: VerifyCall = {}): Promise<AuditReport> {
    const at = clock.now();
    const secret = await key();
    const files = dir ? await readCheckpoints(dir, secret) : { known: [], faults: [] };
    const { months, forged } = await droppedMonths(db, secret);
    const newest = new Map<string, Position>();
    if (call.sinceCheckpoint)
      for (const { chain, n, hash } of files.known)
        if (n > (newest.get(chain)?.n ?? 0))
          newest.set(chain, { n, hash: Buffer.from(hash, 'hex') });
    const from = call.from ?? newest;
    const lastSigned = Math.max(0, ...files.known.map((one) => one.at));
    const report = await verifyAudit(db, {
      now: at,
      checkpoints: files.known,
      from,
      // Chained within a second of its commit, signed within half a minute: an hour is ample.
      ...(call.sinceCheckpoint && { since: lastSigned - 3_600_000 }),
      ...(bodies && { bodies }),
      dropped: months,
      ...(call.onFault && { onFault: call.onFault }),
      ...(call.onProgress && { onProgress: call.onProgress }),
    });
    const outside: AuditFault[] = [
      ...files.faults,
      ...forged.map((month) => ({ at, why: 'dropped' as const, where: String(month) })),
    ];
    for (const fault of outside) call.onFault?.(fault);
    const faults = [...(report.faults ?? []), ...outside].toSorted((a, b) => a.at - b.at);
    const whole: AuditReport =
      faults.length > 0 ? { ...report, fault: faults[0]!, faults } : report;
    await db.query(
      `insert into access.audit_verification (id, at, ended, span, events, links, faults)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        newId(at),
        at,
        clock.now(),
        call.sinceCheckpoint ? 'since' : 'whole',
        whole.events,
        whole.links,
        faults.length + (whole.more ?? 0),
      ],
    );
    return whole;
  }

  return {
    verify: (call) => everyTenant(() => verify(call)),
    bodies(check) {
      bodies = check;
    },
    key,
    async standing() {
      const known = dir ? (await readCheckpoints(dir, await key())).known : [];
      const { rows } = await db.query<Verification>(
        `select at, ended, span, events, links, faults from access.audit_verification order by at desc limit 1`,
      );
      const at = Math.max(0, ...known.map((one) => one.at));
      return { ...(at > 0 && { checkpoint: { at } }), ...(rows[0] && { verified: rows[0] }) };
    },
    async verifyFile(path) {
      return verifyFile(linesOfFile(path, keys), publicOf(await key()));
    },
    exportMonth: (tenant, month) =>
      everyTenant(async () => {
        if (!dir) throw new Error('there is no folder for files of the trail');
        const file = await exportMonth({
          db,
          keys,
          tenant,
          month,
          now: clock.now(),
          dir: join(dir, 'months'),
          key: await key(),
        });
        await note(tenant, 'audit-export', month);
        return file;
      }),
    exported: (month) =>
      everyTenant(async () => {
        const { rows } = await db.query<{ events: number }>(
          `select coalesce(sum(x.events), 0)::int as events from (
             select distinct on (tenant) events from access.audit_export where month = $1
             order by tenant, at desc) x`,
          [month],
        );
        return rows[0]!.events;
      }),
    tenants: () =>
      everyTenant(async () => {
        const { rows } = await db.query<{ tenant: number }>(
          'select distinct tenant from access.audit_event order by 1',
        );
        return rows.map((row) => row.tenant);
      }),
    async dropMonth(ownerDb, month) {
      const gone = await dropMonth(ownerDb, await key(), month, clock.now());
      await note(home, 'audit-drop', month);
      return gone;
    },
    async start() {
      if (!dir) return;
      const { boot, chain } = trail;
      checkpoints = createCheckpoints({
        dir,
        key: await key(),
        boot,
        head: chain.head,
        clock,
        log,
      });
      checkpoints.start();
    },
    async stop() {
      await checkpoints?.stop();
    },
  };

  /** What a command did with the trail stands in the trail. */
  function note(tenant: number, action: string, month: number): Promise<void> {
    return trail.audit.append({
      tenant,
      at: clock.now(),
      requestId: `${action}:${month}`,
      who: systemId,
      role: 'system',
      ip: '',
      verb: 'E',
      action,
      type: 'AuditEvent',
      purpose: 'HCOMPL',
      outcome: 0,
    });
  }
}
