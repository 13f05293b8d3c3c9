/** What watches over the trail put together: rules, alerts, who is held up, and the alarm of a sealed value that was moved. */
import {
  everyTenant,
  SealBroken,
  type Db,
  type Events,
  type KeyRing,
  type Log,
} from '@afar/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RunningAudit } from '../audit/audit.ts';
import { nobody } from '../caller.ts';
import type { Notices } from '../notices/notices.ts';
import { createAnomalies, type Anomalies } from './anomalies.ts';
import { createThrottled, type Throttled } from './throttled.ts';
import { createWatch, type Watch } from './watch.ts';

export interface Oversight {
  anomalies: Anomalies;
  throttled: Throttled;
  watch: Watch;
  /** After the hook that finds the caller. */
  hook(http: FastifyInstance): void;
  start(): void;
  stop(): Promise<void>;
}

/** The broken seal behind an error, however it was wrapped. */
function brokenSeal(error: unknown): SealBroken | undefined {
  for (let one = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth++)
    if (one instanceof SealBroken) return one;
  return undefined;
}

export function createOversight(deps: {
  db: Db;
  keys: KeyRing;
  events: Events;
  clock: { now(): number };
  log: Log;
  trail: RunningAudit;
  notices: Notices;
  names(tenant: number, ids: string[]): Promise<Map<string, string>>;
  tenantOf(host: string): number;
}): Oversight {
  const { trail, log, tenantOf } = deps;
  const throttled = createThrottled(deps);
  const anomalies = createAnomalies({ ...deps, audit: trail.audit, throttled });
  const watch = createWatch({ ...deps, origins: trail.origins, anomalies, boot: trail.boot });
  trail.onLinked(watch.hear);

  /** Somebody changed or swapped rows: the request gets its 500 in any case, and the auditors hear of it. */
  async function alarm(req: FastifyRequest, error: SealBroken): Promise<void> {
    const { caller, evidence } = req;
    const place = {
      ...(evidence.type && { type: evidence.type }),
      ...(evidence.rid && { rid: evidence.rid }),
    };
    log.error(
      { err: error, requestId: req.id, ...place },
      'a sealed value does not open in its place',
    );
    await anomalies.raise({
      tenant: caller?.tenant ?? tenantOf(req.host),
      rule: 'seal-broken',
      who: caller?.id ?? nobody,
      role: caller?.role ?? 'anonymous',
    });
  }

  return {
    anomalies,
    throttled,
    watch,
    hook(http) {
      throttled.hook(http);
      // The error handler of the house answers with plain bytes, so that no `onError` comes.
      http.addHook('onSend', (req, _reply, payload, done) => {
        const broken = req.thrown === undefined ? undefined : brokenSeal(req.thrown);
        if (!broken) return done(null, payload);
        alarm(req, broken).then(
          () => done(null, payload),
          (failed: unknown) => {
            log.error({ err: failed, requestId: req.id }, 'the alarm could not be raised');
            done(null, payload);
          },
        );
      });
    },
    start() {
      everyTenant(() => {
        watch.start();
        throttled.start();
      });
    },
    async stop() {
      throttled.stop();
      await everyTenant(() => watch.stop());
    },
  };
}
