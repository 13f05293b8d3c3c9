/** $export: what is in it, who gets it, and that a worker's death neither repeats nor loses a line. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScopes } from '@afar/access';
import type { Caller } from '@afar/access';
import type { Observation, Resource } from '@afar/fhir';
import { keyWorkOf } from '@afar/records';
import { openBulkWorld } from './testing/world.ts';
import type { BulkWorld } from './testing/world.ts';

let on: BulkWorld;
let ada: { id: string };
let bea: { id: string };
let doctor: { id: string; caller: Caller };
let group: string;
const laboratory = 'http://terminology.hl7.org/CodeSystem/observation-category';
const refer = (type: string, id: string) => ({ reference: `${type}/${id}` });
const create = async <T extends Resource>(resource: T): Promise<string> =>
  (await on.world.records.create(on.world.system, resource)).id;
const note = (patient: string, more: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'said' },
  subject: refer('Patient', patient),
  ...more,
});
const names = (resources: Resource[]) =>
  resources.map((one) => `${one.resourceType}/${one.id}`).toSorted();
const get = (as: Caller, url: string, headers: Record<string, string> = {}) =>
  on.inject({ as, method: 'GET', url: `/fhir/R4/${url}`, headers });

async function exported(as: Caller, url: string): Promise<Resource[]> {
  const job = await on.kickoff(as, url);
  await on.finish(job);
  return on.resources(as, await on.manifest(as, job));
}

beforeAll(async () => {
  on = await openBulkWorld({ limits: { page: 3, fileResources: 5, running: 100 } });
  const { world } = on;
  [ada, bea] = [await world.patient(), await world.patient({ name: [{ family: 'Bea' }] })];
  doctor = await on.staff();
  await on.grant(doctor.id, ada.id);
  for (let n = 0; n < 11; n++)
    await create(
      note(
        ada.id,
        n < 2 ? { category: [{ coding: [{ system: laboratory, code: 'laboratory' }] }] } : {},
      ),
    );
  for (let n = 0; n < 4; n++) await create(note(bea.id));
  // In both charts, and in one only once.
  await create(note(bea.id, { performer: [refer('Patient', ada.id)] }));
  await create({ resourceType: 'Organization', name: 'Clinic' });
  group = await create({
    resourceType: 'Group',
    type: 'person',
    actual: true,
    member: [
      { entity: refer('Patient', ada.id) },
      { entity: refer('Patient', bea.id), inactive: true },
    ],
  });
});
afterAll(() => on.close());

describe('the kickoff [Bulk Data Access 2.0]', () => {
  it.each([
    ['$export?_type=Nothing', '_type'],
    ['$export?_since=yesterday', '_since'],
    ['$export?_outputFormat=text/csv', '_outputFormat'],
    ['$export?includeAssociatedData=LatestProvenanceResources', 'includeAssociatedData'],
    ['$export?surprise=1', 'not supported'],
    ['$export?_typeFilter=Observation', '_typeFilter'],
    ['$export?_typeFilter=Observation%3F_include%3DObservation%3Asubject', '_typeFilter'],
    ['$export?_typeFilter=Nothing%3Fcode%3D1', '_typeFilter'],
    ['$export?_typeFilter=Observation%3Fbogus%3D1', 'OperationOutcome'],
    ['$export?patient=Patient/x', 'patient'],
    ['Patient/$export?_type=StructureDefinition', '_type'],
  ])('refuses %s', async (url, said) => {
    const { status, text } = await get(on.world.system, url, { prefer: 'respond-async' });
    expect(status).toBe(400);
    expect(text).toContain(said);
  });

  it('asks for Prefer: respond-async, and takes no more jobs than it says', async () => {
    expect((await get(on.world.system, '$export')).status).toBe(400);
    const few = await openBulkWorld({ limits: { running: 1 } });
    try {
      await few.kickoff(few.world.system, '$export?_type=Patient');
      const second = await few.inject({
        as: few.world.system,
        method: 'GET',
        url: '/fhir/R4/$export',
        headers: { prefer: 'respond-async' },
      });
      expect([second.status, second.headers['retry-after']]).toEqual([429, '30']);
    } finally {
      await few.close();
    }
  });

  it('keeps what was asked for sealed: a filter may name a diagnosis', async () => {
    await on.kickoff(
      on.world.system,
      '$export?_type=Condition&_typeFilter=Condition%3Fcode%3Dcanary7',
    );
    const { rows } = await on.world.data.ownerDb.query<{ all: string }>(
      `select string_agg(j::text, '') as all from exchange.bulk_job j`,
    );
    expect(rows[0]!.all).not.toContain('canary7');
    const { rows: jobs } = await on.world.data.ownerDb.query<{ all: string }>(
      `select string_agg(payload::text, '') as all from graphile_worker._private_jobs`,
    );
    expect(jobs[0]!.all).not.toContain('canary7');
  });
});

describe('a system export', () => {
  it('holds every resource once, as it is stored, in files by type', async () => {
    const job = await on.kickoff(on.world.system, '$export?_type=Observation,Organization,Patient');
    expect((await get(on.world.system, `bulk/${job}`)).status).toBe(202);
    await on.finish(job);
    const manifest = await on.manifest(on.world.system, job);
    expect(manifest).toMatchObject({
      requiresAccessToken: true,
      request: 'http://localhost:8140/fhir/R4/$export?_type=Observation,Organization,Patient',
      error: [],
    });
    const all = await on.resources(on.world.system, manifest);
    expect(all).toHaveLength(19);
    expect(new Set(names(all)).size).toBe(19);
    expect(manifest.output.filter(({ type }) => type === 'Observation').length).toBeGreaterThan(2);
    const stored = await on.world.records.read(on.world.system, all[0]!.resourceType, all[0]!.id!);
    expect(all[0]).toEqual(stored.resource);
  });

  it('holds nothing that was written after its transactionTime, and all that was before', async () => {
    const job = await on.kickoff(on.world.system, '$export?_type=Patient,Basic');
    const before = names(await exported(on.world.system, '$export?_type=Patient'));
    await on.world.patient({ name: [{ family: 'Late' }] });
    await on.finish(job);
    const manifest = await on.manifest(on.world.system, job);
    const all = await on.resources(on.world.system, manifest);
    expect(names(all)).toEqual(before);
    for (const { meta } of all)
      expect(Date.parse(meta!.lastUpdated!)).toBeLessThanOrEqual(
        Date.parse(manifest.transactionTime),
      );
  });

  it('waits for whoever was writing when it was asked for', async () => {
    const { world } = on;
    let commit = () => undefined as void;
    const held = new Promise<void>((go) => (commit = go));
    let begun = () => undefined as void;
    const writing = new Promise<void>((go) => (begun = go));
    let late = '';
    const write = world.records.write(world.system, async (tx) => {
      late = (await tx.create({ resourceType: 'Organization', name: 'Late' })).id;
      begun();
      await held;
    });
    await writing;
    const job = await on.kickoff(world.system, '$export?_type=Organization');
    for (let turn = 0; turn < 3; turn++) await on.bulk.worker.turn(1, job);
    expect((await get(world.system, `bulk/${job}`)).status).toBe(202);
    commit();
    await write;
    await on.finish(job);
    const all = await on.resources(world.system, await on.manifest(world.system, job));
    expect(names(all)).toContain(`Organization/${late}`);
    await world.records.remove(world.system, 'Organization', late);
  });

  it('brings what changed since the last one, and what was deleted', async () => {
    const first = await on.kickoff(on.world.system, '$export?_type=Observation');
    await on.finish(first);
    const { transactionTime } = await on.manifest(on.world.system, first);
    await new Promise((done) => setTimeout(done, 3));
    const added = await create(note(bea.id));
    const gone = await create(note(bea.id));
    await on.world.records.remove(on.world.system, 'Observation', gone);
    const job = await on.kickoff(
      on.world.system,
      `$export?_type=Observation&_since=${transactionTime}`,
    );
    await on.finish(job);
    const manifest = await on.manifest(on.world.system, job);
    expect(names(await on.resources(on.world.system, manifest))).toEqual([`Observation/${added}`]);
    expect(await on.resources(on.world.system, manifest, 'deleted')).toEqual([
      {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [{ request: { method: 'DELETE', url: `Observation/${gone}` } }],
      },
    ]);
    await on.world.records.remove(on.world.system, 'Observation', added);
  });

  it('narrows by _typeFilter and _elements', async () => {
    const filter = encodeURIComponent('Observation?category=laboratory');
    const both = encodeURIComponent('Observation?category=laboratory&status=final');
    const all = await exported(
      on.world.system,
      `$export?_type=Observation&_typeFilter=${filter}&_typeFilter=${both}&_elements=status`,
    );
    expect(all).toHaveLength(2);
    expect(Object.keys(all[0]!)).not.toContain('subject');
    expect(all[0]!.meta?.tag).toEqual([expect.objectContaining({ code: 'SUBSETTED' })]);
  });
});

describe('whose data', () => {
  it('a person who showed her factors ten minutes ago shows them again; a client shows its key', async () => {
    const at = on.world.clock.now();
    const kickoff = (provenAt: number) =>
      get({ ...doctor.caller, at, provenAt }, 'Patient/$export', { prefer: 'respond-async' });
    const late = await kickoff(at - 10 * 60_000);
    expect(late.status).toBe(403);
    expect(late.text).toContain('step-up-required');
    expect((await kickoff(at - 10 * 60_000 + 1)).status).toBe(202);
    expect((await kickoff(at - 10 * 60_000)).status).toBe(403);
  });

  it("a practitioner's export holds her patients alone", async () => {
    for (const url of ['Patient/$export', '$export?_type=Patient,Observation']) {
      const all = await exported(doctor.caller, url);
      expect(names(all).filter((name) => name.startsWith('Patient/'))).toEqual([
        `Patient/${ada.id}`,
      ]);
      expect(JSON.stringify(all)).not.toContain(bea.id);
      expect(all.filter((one) => one.resourceType === 'Observation')).toHaveLength(11);
    }
  });

  it('a group export holds its active members; a Patient export each resource once', async () => {
    const members = await exported(
      on.world.system,
      `Group/${group}/$export?_type=Patient,Observation`,
    );
    expect(names(members).filter((name) => name.startsWith('Patient/'))).toEqual([
      `Patient/${ada.id}`,
    ]);
    // Eleven of her own, and the one of another's chart that names her.
    expect(members.filter((one) => one.resourceType === 'Observation')).toHaveLength(12);
    const all = await exported(on.world.system, 'Patient/$export?_type=Observation');
    expect(all).toHaveLength(16);
    expect(new Set(names(all)).size).toBe(16);
    expect(
      (await get(doctor.caller, `Group/${group}/$export`, { prefer: 'respond-async' })).status,
    ).toBe(404);
  });

  it('takes a list of patients by POST, ids of any spelling; a stranger among them is not found', async () => {
    const { id } = await on.world.records.update(on.world.system, {
      resourceType: 'Patient',
      id: 'mrn-4711',
      name: [{ family: 'Alias' }],
    });
    await create(note(id));
    const send = (as: Caller, ...ids: string[]) =>
      on.inject({
        as,
        method: 'POST',
        url: '/fhir/R4/Patient/$export',
        headers: { prefer: 'respond-async' },
        body: {
          resourceType: 'Parameters',
          parameter: [
            { name: '_type', valueString: 'Patient,Observation' },
            ...ids.map((one) => ({ name: 'patient', valueReference: refer('Patient', one) })),
          ],
        },
      });
    const answer = await send(on.world.system, id, ada.id);
    const job = String(answer.headers['content-location']).split('/').at(-1)!;
    await on.finish(job);
    const all = await on.resources(on.world.system, await on.manifest(on.world.system, job));
    expect(names(all).filter((name) => name.startsWith('Patient/'))).toEqual(
      [`Patient/${ada.id}`, `Patient/${id}`].toSorted((a, b) => (a < b ? -1 : 1)),
    );
    expect(all.filter((one) => one.resourceType === 'Observation')).toHaveLength(13);
    for (const stranger of [bea.id, '77777777-0000-4000-8000-000000000000', '../x'])
      expect([400, 404]).toContain((await send(doctor.caller, ada.id, stranger)).status);
    expect((await send(doctor.caller, bea.id)).text).toBe(
      (await send(doctor.caller, '77777777-0000-4000-8000-000000000000')).text,
    );
  });

  it('goes through the scopes of the token, granular ones too', async () => {
    const client = await on.client(
      'system/Observation.rs?category=laboratory system/Organization.r',
    );
    const all = await exported(client, '$export');
    expect(all.map((one) => one.resourceType)).toEqual(['Observation', 'Observation']);
    const v1 = await on.client('system/Organization.read');
    expect((await exported(v1, '$export')).map((one) => one.resourceType)).toEqual([
      'Organization',
    ]);
  });

  it('twin worlds: hidden rows change no byte of the files', async () => {
    const [cara, reader] = [await on.world.patient(), await on.staff()];
    await on.grant(reader.id, cara.id);
    for (let n = 0; n < 4; n++) await create(note(cara.id));
    const bytesOf = async (url: string) => {
      const job = await on.kickoff(reader.caller, url);
      await on.finish(job);
      const { output } = await on.manifest(reader.caller, job);
      const texts = await Promise.all(
        output.map(async ({ url }) => (await get(reader.caller, url!.split('/fhir/R4/')[1]!)).text),
      );
      return JSON.stringify([output.map(({ url: _url, ...rest }) => rest), texts]);
    };
    const urls = [
      'Patient/$export',
      `Patient/$export?_since=${new Date(Date.now() - 60_000).toISOString()}`,
      '$export?_type=Task,Observation,Binary,Basic',
      `$export?_type=Observation&_typeFilter=${encodeURIComponent('Observation?status=final')}`,
    ];
    const bytes = async () => {
      const all = [];
      for (const url of urls) all.push(await bytesOf(url));
      return all;
    };
    const before = await bytes();
    const hidden = await on.world.records.create(on.world.system, {
      ...note(cara.id),
      meta: { security: [{ system: 'urn:s', code: 'R' }] },
    });
    await on.world.data.db.query(
      `insert into records.deny (tenant, principal, patient, label, source)
       select 1, $1, owner, labels[1], 'Test/1' from records.resource where rid = $2`,
      [reader.id, hidden.rid],
    );
    await create(note(bea.id, { performer: [refer('Patient', cara.id)] }));
    await create({
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      for: refer('Patient', bea.id),
    });
    await create({ resourceType: 'Basic', code: { text: 'x' }, subject: refer('Patient', bea.id) });
    const gone = await create(note(bea.id));
    await on.world.records.remove(on.world.system, 'Observation', gone);
    expect(await bytes()).toEqual(before);
    expect(JSON.stringify(await exported(on.world.system, urls[2]!))).toContain(hidden.id);
  });

  it("another's job is not there: status, files, cancelling", async () => {
    const job = await on.kickoff(doctor.caller, 'Patient/$export');
    await on.finish(job);
    const stranger = await on.staff();
    for (const as of [stranger.caller, on.world.system]) {
      expect((await get(as, `bulk/${job}`)).status).toBe(404);
      expect((await get(as, `bulk/${job}/1`)).status).toBe(404);
      const gone = await on.inject({ as, method: 'DELETE', url: `/fhir/R4/bulk/${job}` });
      expect(gone.status).toBe(404);
    }
    expect((await get(doctor.caller, `bulk/${job}/1`)).status).toBe(200);
    expect((await on.inject({ method: 'GET', url: `/fhir/R4/bulk/${job}/1` })).status).toBe(401);
  });

  it('a file is given out as long as its maker still may see what is in it', async () => {
    const reader = await on.staff();
    await on.grant(reader.id, ada.id);
    const job = await on.kickoff(reader.caller, 'Patient/$export?_type=Observation');
    await on.finish(job);
    expect((await get(reader.caller, `bulk/${job}/1`)).status).toBe(200);
    await on.world.data.db.query(
      `insert into records.deny (tenant, principal, patient, label, source) values (1, $1, $2, 7, 'Test/1')`,
      [reader.id, ada.id],
    );
    expect((await get(reader.caller, `bulk/${job}/1`)).status).toBe(403);
    await on.world.data.db.query('delete from records.deny where principal = $1', [reader.id]);
    await on.world.data.db.query('delete from records."grant" where principal = $1', [reader.id]);
    expect((await get(reader.caller, `bulk/${job}/1`)).status).toBe(403);
    // A token with less than the one it was made with.
    const client = await on.client('system/*.rs');
    const whole = await on.kickoff(client, '$export?_type=Organization');
    await on.finish(whole);
    const narrow = { ...client, scopes: parseScopes('system/Organization.s') };
    expect((await get(client, `bulk/${whole}/1`)).status).toBe(200);
    expect((await get(narrow, `bulk/${whole}/1`)).status).toBe(403);
  });

  it('leaves in the trail whose data each page and each download told', async () => {
    const job = await on.kickoff(doctor.caller, 'Patient/$export?_type=Observation');
    await on.finish(job);
    const { headers } = await get(doctor.caller, `bulk/${job}/1`);
    const { rows } = await on.world.data.ownerDb.query(
      `select action, type, patients, who from access.audit_event where request in ($1, $2) order by action`,
      [job, headers['x-request-id']],
    );
    const event = { type: 'Observation', patients: [ada.id], who: doctor.caller.id };
    expect(rows[0]).toEqual({ ...event, action: 'bulk-file' });
    expect(rows.filter((row) => row.action === 'export-page').length).toBeGreaterThan(3);
    expect(rows[1]).toEqual({ ...event, action: 'export-page' });
  });
});

describe('in the middle', () => {
  it.each(['before', 'within', 'after'] as const)(
    'a worker that dies %s its file is written repeats and loses nothing',
    async (when) => {
      const whole = names(await exported(on.world.system, '$export?_type=Observation'));
      const job = await on.kickoff(on.world.system, '$export?_type=Observation');
      for (let turn = 0; turn < 3; turn++) {
        on.breakNext(when);
        await expect(on.bulk.worker.turn(1, job)).rejects.toThrow('gone');
      }
      await on.finish(job);
      const all = await on.resources(on.world.system, await on.manifest(on.world.system, job));
      expect(names(all)).toEqual(whole);
    },
  );

  it('whoever was taken for dead writes nothing any more', async () => {
    const whole = names(await exported(on.world.system, '$export?_type=Observation'));
    const job = await on.kickoff(on.world.system, '$export?_type=Observation');
    const put = on.objects.put.bind(on.objects);
    // Another takes the turn while the file is being written.
    Object.assign(on.objects, {
      async put(...args: Parameters<typeof put>) {
        const done = await put(...args);
        await on.world.data.db.query(
          'update exchange.bulk_job set holder = null, lease = 0 where id = $1',
          [job],
        );
        Object.assign(on.objects, { put });
        return done;
      },
    });
    await on.bulk.worker.turn(1, job);
    const { rows } = await on.world.data.db.query(
      'select number from exchange.bulk_file where job = $1',
      [job],
    );
    expect(rows).toEqual([]);
    await on.finish(job);
    const all = await on.resources(on.world.system, await on.manifest(on.world.system, job));
    expect(names(all)).toEqual(whole);
  });

  it('a job whose worker was killed is found by the sweep', async () => {
    const job = await on.kickoff(on.world.system, '$export?_type=Organization');
    await on.world.data.ownerDb.query('delete from graphile_worker._private_jobs');
    await on.bulk.worker.sweep();
    const { rows } = await on.world.data.ownerDb.query(
      `select payload->>'job' as job from graphile_worker._private_jobs where payload->>'job' = $1`,
      [job],
    );
    expect(rows).toEqual([{ job }]);
    await on.finish(job);
  });

  it('a grant that ends, and an account that is disabled, end it', async () => {
    const reader = await on.staff();
    for (const { id } of [ada, bea]) await on.grant(reader.id, id);
    const job = await on.kickoff(reader.caller, 'Patient/$export?_type=Observation,Patient');
    on.breakNext('after');
    await expect(on.bulk.worker.turn(1, job)).rejects.toThrow('gone');
    await on.world.data.db.query(
      'delete from records."grant" where principal = $1 and patient = $2',
      [reader.id, bea.id],
    );
    await on.finish(job);
    const all = await on.resources(reader.caller, await on.manifest(reader.caller, job));
    expect(all.length).toBeGreaterThan(0);
    expect(JSON.stringify(all)).not.toContain(bea.id);
    const second = await on.kickoff(reader.caller, 'Patient/$export');
    await on.world.access.accounts.disable(1, reader.caller.id);
    await on.finish(second);
    expect((await get(reader.caller, `bulk/${second}`)).status).toBe(403);
  });

  it('a closed clinic writes none of it; opened again, it goes on, however often it was tried', async () => {
    const reader = await on.staff();
    await on.grant(reader.id, ada.id);
    const job = await on.kickoff(reader.caller, 'Patient/$export?_type=Patient');
    const { ownerDb } = on.world.data;
    const { flag } = on.world.access.lockdown;
    await ownerDb.query(
      `insert into access.lockdown (tenant, mode, since, engaged_by, home, sealed) values (1, 'closed', 1, $1, 1, '')`,
      [reader.caller.id],
    );
    try {
      await flag.look();
      for (let turn = 0; turn < 12; turn++) await on.bulk.worker.turn(1, job);
      const { rows } = await ownerDb.query(
        `select state, (select count(*)::int from exchange.bulk_file f where f.job = j.id) as files from exchange.bulk_job j where id = $1`,
        [job],
      );
      expect(rows).toEqual([{ state: 'running', files: 0 }]);
    } finally {
      await ownerDb.query('delete from access.lockdown');
      await flag.look();
    }
    await on.finish(job);
    expect((await on.manifest(reader.caller, job)).output).toHaveLength(1);
  });

  it('cancelling takes files, key and job away', async () => {
    const job = await on.kickoff(on.world.system, '$export?_type=Observation');
    on.breakNext('after');
    await expect(on.bulk.worker.turn(1, job)).rejects.toThrow('gone');
    const { rows } = await on.world.data.db.query<{ kid: string }>(
      'select kid from exchange.bulk_job where id = $1',
      [job],
    );
    const end = await on.inject({
      as: on.world.system,
      method: 'DELETE',
      url: `/fhir/R4/bulk/${job}`,
    });
    expect(end.status).toBe(202);
    expect((await get(on.world.system, `bulk/${job}`)).status).toBe(404);
    await expect(on.world.keys.byId(1, rows[0]!.kid)).rejects.toThrow('erased');
    await on.bulk.worker.turn(1, job);
  });

  it('a patient who is erased is erased from files that lie there', async () => {
    const { world } = on;
    const gone = await world.patient();
    await create(note(gone.id));
    const job = await on.kickoff(world.system, '$export?_type=Observation');
    const other = await on.kickoff(world.system, '$export?_type=Organization');
    for (const one of [job, other]) await on.finish(one);
    await keyWorkOf(world.records, []).erase(1, gone.id, 'patient-request');
    expect((await get(world.system, `bulk/${other}/1`)).status).toBe(200);
    const { output } = await on.manifest(world.system, job);
    const answers = await Promise.all(
      output.map(async ({ url }) => (await get(world.system, url!.split('/fhir/R4/')[1]!)).status),
    );
    // The file with her in it is not given out any more, and goes with its job.
    expect(new Set(answers)).toEqual(new Set([200, 404]));
    await on.bulk.worker.purge();
    expect((await get(world.system, `bulk/${job}`)).status).toBe(404);
    expect((await get(world.system, `bulk/${other}/1`)).status).toBe(200);
  });

  it('expires: the sweep takes it away', async () => {
    const job = await on.kickoff(on.world.system, '$export?_type=Organization');
    await on.finish(job);
    await on.world.data.db.query('update exchange.bulk_job set expires = 1 where id = $1', [job]);
    expect((await get(on.world.system, `bulk/${job}`)).status).toBe(404);
    await on.bulk.worker.sweep();
    const { rows } = await on.world.data.db.query('select from exchange.bulk_job where id = $1', [
      job,
    ]);
    expect(rows).toHaveLength(0);
  });
});

describe('status and files', () => {
  it('says how far it is, and asks for patience', async () => {
    const slow = await openBulkWorld({ limits: { pollMs: 60_000 } });
    try {
      const job = await slow.kickoff(slow.world.system, '$export?_type=Patient,Organization');
      const ask = () =>
        slow.inject({ as: slow.world.system, method: 'GET', url: `/fhir/R4/bulk/${job}` });
      const first = await ask();
      expect([first.status, first.headers['x-progress'], first.headers['retry-after']]).toEqual([
        202,
        '0 of 2',
        '60',
      ]);
      const second = await ask();
      expect([second.status, second.headers['retry-after']]).toEqual([429, '60']);
    } finally {
      await slow.close();
    }
  });

  it('gives files in ranges, and compressed', async () => {
    const job = await on.kickoff(on.world.system, '$export?_type=Organization');
    await on.finish(job);
    const whole = await get(on.world.system, `bulk/${job}/1`);
    expect(whole.headers['content-type']).toBe('application/fhir+ndjson');
    const part = await get(on.world.system, `bulk/${job}/1`, { range: 'bytes=2-9' });
    expect([part.status, part.text]).toEqual([206, whole.text.slice(2, 10)]);
    expect((await get(on.world.system, `bulk/${job}/1`, { range: 'bytes=9999999-' })).status).toBe(
      416,
    );
    const zipped = await get(on.world.system, `bulk/${job}/1`, { 'accept-encoding': 'gzip' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    for (const bad of ['2', '0', 'x', '99999999999', '-1'])
      expect((await get(on.world.system, `bulk/${job}/${bad}`)).status).toBe(404);
  });
});
