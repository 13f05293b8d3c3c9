/** Bulk data: exports and imports as jobs [Bulk Data Access 2.0]. */
import type { FastifyPluginAsync } from 'fastify';
import { defaultLimits } from './deps.ts';
import type { Bulk, BulkDeps } from './deps.ts';
import { importOperation } from './import-kickoff.ts';
import { exportOperations } from './kickoff.ts';
import { bulkRoutes } from './routes.ts';
import { createWorker } from './worker.ts';
import type { Worker } from './worker.ts';

export type { BulkDeps, Limits } from './deps.ts';

export interface BulkData {
  /** Status, files and cancelling: mounted at /fhir/R4/bulk. */
  plugin: FastifyPluginAsync;
  /** For tests and tools: a turn of a job, a look at what was left behind. */
  worker: Pick<Worker, 'turn' | 'sweep' | 'purge'>;
  /** Looks after jobs whose worker died, and after files whose time is over. */
  start(): void;
  stop(): void;
}

/** Registers `$export` and `$import`, and defines the job that works on them: before `jobs.start()`. */
export function createBulk(deps: BulkDeps): BulkData {
  const bulk: Bulk = { ...deps, limits: { ...defaultLimits, ...deps.limits } };
  for (const one of exportOperations(bulk)) deps.records.operation(one);
  deps.records.operation(importOperation(bulk));
  const worker = createWorker(bulk);
  return {
    plugin: async (app) => bulkRoutes(app, bulk),
    worker,
    start: worker.start,
    stop: worker.stop,
  };
}
