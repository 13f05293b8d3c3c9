/** A clinic with bulk data in it: real database, keys, files and jobs; what breaks is told to break. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newTotpSecret, parseScopes } from '@afar/access';
import type { Caller } from '@afar/access';
import type { Resource } from '@afar/fhir';
import { createJobs, diskObjects } from '@afar/platform';
import type { ObjectStore } from '@afar/platform';
import { openWorld } from '@afar/records/testing';
import type { World } from '@afar/records/testing';
import { createOutbound } from '../../outbound/index.ts';
import type { OutboundSettings } from '../../outbound/index.ts';
import { createBulk } from '../index.ts';
import type { BulkData, Limits } from '../index.ts';
import type { Manifest } from '../manifest.ts';

export interface BulkWorld {
  world: World;
  bulk: BulkData;
  objects: ObjectStore;
  /** Of the files. */
  folder: string;
  /** Fails the next write of a file: before it, within it (between two pages), or after its bytes are on the disk. */
  breakNext(when: 'before' | 'within' | 'after'): void;
  inject: Awaited<ReturnType<World['http']>>['inject'];
  /** A practitioner with an account, who may be disabled. */
  staff(): Promise<{ id: string; caller: Caller }>;
  /** A program with these scopes. */
  client(scope: string): Promise<Caller>;
  grant(principal: string, patient: string): Promise<void>;
  /** Kicks off; the id of the job. */
  kickoff(as: Caller, url: string, headers?: Record<string, string>): Promise<string>;
  /** Turns until it is over. */
  finish(job: string): Promise<void>;
  manifest(as: Caller, job: string): Promise<Manifest>;
  /** Every resource of the output files of a manifest. */
  resources(
    as: Caller,
    manifest: Manifest,
    kind?: 'output' | 'deleted' | 'error',
  ): Promise<Resource[]>;
  close(): Promise<void>;
}

async function* cutOff(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    yield piece;
    throw new Error('the worker is gone between two pages');
  }
}

export async function openBulkWorld({
  limits = {},
  outbound = {},
}: { limits?: Partial<Limits>; outbound?: OutboundSettings } = {}): Promise<BulkWorld> {
  const world = await openWorld({ rooms: ['exchange'] });
  const folder = mkdtempSync(join(tmpdir(), 'afar-bulk-'));
  const disk = diskObjects(folder);
  let broken: 'before' | 'within' | 'after' | undefined;
  const objects: ObjectStore = {
    ...disk,
    async put(meta, source) {
      const when = broken;
      broken = undefined;
      if (when === 'before') throw new Error('the disk is gone');
      const put = await disk.put(meta, when === 'within' ? cutOff(source) : source);
      if (when === 'after') throw new Error('the worker is gone');
      return put;
    },
  };
  const jobs = createJobs({ url: world.data.url, log: world.log });
  const bulk = createBulk({
    db: world.data.db,
    keys: world.keys,
    clock: world.clock,
    access: world.access,
    events: world.events,
    records: world.records,
    jobs,
    objects,
    outbound: createOutbound(outbound),
    log: world.log,
    baseUrl: 'http://localhost:8140',
    limits: { pollMs: 0, ...limits },
  });
  const { inject } = await world.http(async (app) => {
    await app.register(bulk.plugin, { prefix: '/fhir/R4/bulk' });
  });
  let people = 0;

  const finish = async (job: string): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) {
      await bulk.worker.turn(1, job);
      const { rows } = await world.data.db.query<{ state: string }>(
        'select state from exchange.bulk_job where id = $1',
        [job],
      );
      if (rows[0]?.state !== 'running') return;
    }
    throw new Error('the job did not end');
  };

  return {
    world,
    bulk,
    objects,
    folder,
    breakNext: (when) => void (broken = when),
    inject,
    async staff() {
      const { id: practitioner } = await world.practitioner();
      const fhirUser = { type: 'Practitioner' as const, id: practitioner };
      const { id } = await world.access.accounts.create({
        tenant: 1,
        role: 'practitioner',
        email: `p${++people}@example.org`,
        name: 'A Practitioner',
        password: 'blue lamp under nine stones',
        totpSecret: newTotpSecret(),
        fhirUser,
      });
      // She has just shown her factors, whatever the clock does.
      const provenAt = Number.MAX_SAFE_INTEGER;
      return { id: practitioner, caller: world.caller('practitioner', { id, fhirUser, provenAt }) };
    },
    async client(scope) {
      const name = `client-${++people}`;
      const { id } = await world.access.clients.create({
        tenant: 1,
        id: name,
        secret: 'x'.repeat(40),
        scope,
      });
      return world.caller('system', { id, kind: 'client', scopes: parseScopes(scope) });
    },
    async grant(principal, patient) {
      await world.data.db.query(
        `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends)
         values (1, $1, $2, 'chart', 'TREAT', 'Test/bulk', 0, $3)`,
        [principal, patient, Date.now() + 3_600_000],
      );
    },
    async kickoff(as, url, headers = {}) {
      const answer = await inject({
        as,
        method: 'GET',
        url: `/fhir/R4/${url}`,
        headers: { prefer: 'respond-async', ...headers },
      });
      if (answer.status !== 202) throw new Error(`${answer.status} ${answer.text}`);
      return String(answer.headers['content-location']).split('/').at(-1)!;
    },
    finish,
    async manifest(as, job) {
      const answer = await inject({ as, method: 'GET', url: `/fhir/R4/bulk/${job}` });
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
      return JSON.parse(answer.text) as Manifest;
    },
    async resources(as, manifest, kind = 'output') {
      const all: Resource[] = [];
      for (const { url, count } of manifest[kind] ?? []) {
        if (!url) continue;
        const { status, text } = await inject({
          as,
          method: 'GET',
          url: url.slice('http://localhost:8140'.length),
        });
        if (status !== 200) throw new Error(`${status} ${text}`);
        const lines = text.split('\n');
        if (lines.pop() !== '' || lines.length !== count) throw new Error('not ndjson as promised');
        all.push(...lines.map((line) => JSON.parse(line) as Resource));
      }
      return all;
    },
    async close() {
      bulk.stop();
      await jobs.stop();
      await world.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
