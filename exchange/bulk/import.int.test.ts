/** $import: every line lands once or is told of, whoever dies on the way; and only where the caller may write. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '@afar/access';
import type { OperationOutcome, Parameters, Resource } from '@afar/fhir';
import { keyWorkOf } from '@afar/records';
import { openBulkWorld } from './testing/world.ts';
import type { BulkWorld } from './testing/world.ts';

let on: BulkWorld;
let files: ReturnType<typeof createServer>;
let base: string;
let dripped = 0;
const served = new Map<string, { status?: number; location?: string; body?: string }>();

beforeAll(async () => {
  files = createServer((req, res) => {
    if (req.url === '/drip') {
      dripped++;
      res.writeHead(200);
      const drip = setInterval(() => res.write('x'), 20);
      return void res.on('close', () => clearInterval(drip));
    }
    const { status = 200, location, body = '' } = served.get(req.url!) ?? { status: 404 };
    res.writeHead(status, { ...(location && { location }) }).end(body);
  });
  await new Promise<void>((done) => files.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
  on = await openBulkWorld({
    limits: { running: 100, lineBytes: 10_000 },
    outbound: { allowHttp: true, allow: ['127.0.0.1'] },
  });
});
afterAll(async () => {
  await on.close();
  files.close();
});

const patient = (id: string, family: string) => ({
  resourceType: 'Patient',
  id,
  name: [{ family }],
});
const lines = (...all: unknown[]) =>
  all.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
const asked = (...inputs: { type?: string; url: string }[]): Parameters => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'inputFormat', valueCode: 'application/fhir+ndjson' },
    { name: 'inputSource', valueUri: 'http://example.org' },
    ...inputs.map(({ type, url }) => ({
      name: 'input',
      part: [...(type ? [{ name: 'type', valueCode: type }] : []), { name: 'url', valueUrl: url }],
    })),
  ],
});

const send = (as: Caller, body: unknown, type = 'application/fhir+json') =>
  on.inject({
    as,
    method: 'POST',
    url: '/fhir/R4/$import',
    body,
    headers: { prefer: 'respond-async', 'content-type': type },
  });
async function imported(as: Caller, body: unknown, type?: string) {
  const answer = await send(as, body, type);
  expect([answer.status, answer.text]).toEqual([202, '']);
  const job = String(answer.headers['content-location']).split('/').at(-1)!;
  await on.finish(job);
  const manifest = await on.manifest(as, job);
  const errors = (await on.resources(as, manifest, 'error')) as OperationOutcome[];
  return { manifest, errors: errors.map((one) => one.issue[0]!.diagnostics!) };
}
const versionOf = async (type: string, id: string) =>
  (await on.world.records.read(on.world.system, type, id)).version;

describe('$import', () => {
  it('takes posted lines, and says of each that it did not take why', async () => {
    const { manifest, errors } = await imported(
      on.world.system,
      lines(
        patient('imp-1', 'One'),
        '{"resourceType":"Patient"',
        { resourceType: 'Nothing', id: 'x' },
        { ...patient('imp-2', 'Two'), gender: 'zzz' },
        '',
        patient('imp-3', 'Three'),
        'x'.repeat(20_000),
        '[]',
        `${'['.repeat(5_000)}`,
        '{"resourceType":"Patient","__proto__":{}}',
      ),
      'application/fhir+ndjson',
    );
    expect(manifest.output).toEqual([{ type: 'Resource', count: 2 }]);
    const told = errors.map((one) => Number(/^line (\d+)/.exec(one)?.[1]));
    expect(new Set(told)).toEqual(new Set([2, 3, 4, 7, 8, 9, 10]));
    expect(await versionOf('Patient', 'imp-1')).toBe(1);
    await expect(versionOf('Patient', 'imp-2')).rejects.toThrow('not-found');
  });

  it('goes on past a line for the chart of an erased patient', async () => {
    const { world } = on;
    const gone = await world.patient();
    const note = (id: string, of: string) => ({
      resourceType: 'Observation',
      id,
      status: 'final',
      code: { text: 'late' },
      subject: { reference: `Patient/${of}` },
    });
    await keyWorkOf(world.records, []).erase(1, gone.id, 'patient-request');
    const { manifest, errors } = await imported(
      world.system,
      lines(patient(gone.id, 'Again'), note('late-1', gone.id), patient('imp-after', 'After')),
      'application/fhir+ndjson',
    );
    const told = errors.map((one) => Number(/^line (\d+)/.exec(one)?.[1]));
    expect(new Set(told)).toEqual(new Set([1, 2]));
    expect(manifest.output).toEqual([{ type: 'Resource', count: 1 }]);
    expect(await versionOf('Patient', 'imp-after')).toBe(1);
  });

  it('leads conditional references to what is there, also beside lines it refuses', async () => {
    const by = (value: string) => ({
      resourceType: 'Observation',
      id: `by-${value}`,
      status: 'final',
      code: { text: 'linked' },
      subject: { reference: `Patient?identifier=urn:imp|${value}` },
    });
    const known = {
      ...patient('imp-link', 'Link'),
      identifier: [{ system: 'urn:imp', value: '7' }],
    };
    await on.world.records.update(on.world.system, known as Resource & { id: string });
    const { errors } = await imported(
      on.world.system,
      lines(by('7'), by('nobody')),
      'application/fhir+ndjson',
    );
    expect(errors).toHaveLength(1);
    const stored = await on.world.records.read(on.world.system, 'Observation', 'by-7');
    expect(stored.resource).toMatchObject({ subject: { reference: 'Patient/imp-link' } });
  });

  it('fetches from addresses, types checked, redirects followed as far as the guard lets them', async () => {
    served.set('/a', {
      body: lines(patient('url-1', 'A'), patient('url-1', 'B'), patient('url-2', 'C')),
    });
    served.set('/moved', { status: 302, location: '/b' });
    served.set('/b', {
      body: lines({ resourceType: 'Organization', id: 'url-o', name: 'O' }, patient('url-9', 'Z')),
    });
    served.set('/out', { status: 302, location: 'http://10.0.0.1/secret' });
    const { manifest, errors } = await imported(
      on.world.system,
      asked(
        { url: `${base}/a` },
        { type: 'Organization', url: `${base}/moved` },
        { url: `${base}/out` },
        { url: `${base}/none` },
      ),
    );
    expect(manifest.output.map(({ type, count }) => [type, count])).toEqual([
      ['Resource', 3],
      ['Organization', 1],
      ['Resource', 0],
      ['Resource', 0],
    ]);
    expect(errors).toEqual([
      'line 2: a Organization is expected',
      'the address is not on the public network',
      'the server answered 404',
    ]);
    // One id twice: the later line is the later version.
    expect(await versionOf('Patient', 'url-1')).toBe(2);
    await expect(versionOf('Patient', 'url-9')).rejects.toThrow('not-found');
  });

  it('run again, and run on after a death, writes no second version', async () => {
    const many = lines(...Array.from({ length: 250 }, (_, n) => patient(`many-${n}`, `Nr ${n}`)));
    await imported(on.world.system, many, 'application/fhir+ndjson');
    const { manifest } = await imported(on.world.system, many, 'application/fhir+ndjson');
    expect(manifest.output[0]!.count).toBe(250);
    // Dies when it writes down what failed, after all lines were looked at.
    const answer = await send(
      on.world.system,
      lines(...Array.from({ length: 250 }, (_, n) => patient(`many-${n}`, `Nr ${n}`)), 'bad'),
      'application/fhir+ndjson',
    );
    const job = String(answer.headers['content-location']).split('/').at(-1)!;
    on.breakNext('before');
    await expect(on.bulk.worker.turn(1, job)).rejects.toThrow('gone');
    await on.finish(job);
    const after = await on.manifest(on.world.system, job);
    expect([after.output[0]!.count, after.error[0]!.count]).toEqual([250, 1]);
    for (const n of [0, 99, 100, 249]) expect(await versionOf('Patient', `many-${n}`)).toBe(1);
  });

  it('is for administrators and programs, within what each may write', async () => {
    const doctor = await on.staff();
    expect((await send(doctor.caller, asked({ url: `${base}/a` }))).status).toBe(403);
    const reader = await on.client('system/*.rs');
    const { manifest, errors } = await imported(
      reader,
      lines(patient('no-1', 'N')),
      'application/fhir+ndjson',
    );
    expect([manifest.output[0]!.count, errors.length]).toEqual([0, 1]);
    const writer = await on.client('system/Organization.cruds');
    const mixed = await imported(
      writer,
      lines({ resourceType: 'Organization', id: 'w-o', name: 'O' }, patient('no-1', 'N')),
      'application/fhir+ndjson',
    );
    expect([mixed.manifest.output[0]!.count, mixed.errors.length]).toEqual([1, 1]);
    await expect(versionOf('Patient', 'no-1')).rejects.toThrow('not-found');
  });

  it.each([
    [asked()],
    [asked({ url: 'http://10.1.2.3/x' })],
    [asked({ url: 'file:///etc/passwd' })],
    [asked({ url: 'http://169.254.169.254/latest' })],
    [asked({ type: 'Nothing', url: 'http://127.0.0.1/x' })],
    [{ inputFormat: 'text/csv', input: [] }],
    [{ input: 'x' }],
    [{ input: [null] }],
  ])('refuses %j', async (body) => {
    const type = 'resourceType' in body ? undefined : 'application/json';
    expect((await send(on.world.system, body, type)).status).toBe(400);
  });
});

it('an address that drips its answer holds one place, not for ever, and no other job’s', async () => {
  const slow = await openBulkWorld({
    limits: { leaseMs: 300, paceMs: 1_500 },
    outbound: { allowHttp: true, allow: ['127.0.0.1'] },
  });
  const kickoff = async (body: unknown, type = 'application/fhir+json') => {
    const { headers } = await slow.inject({
      as: slow.world.system,
      method: 'POST',
      url: '/fhir/R4/$import',
      body,
      headers: { prefer: 'respond-async', 'content-type': type },
    });
    return String(headers['content-location']).split('/').at(-1)!;
  };
  const stateOf = async (job: string) =>
    (
      await slow.world.data.db.query<{ state: string }>(
        'select state from exchange.bulk_job where id = $1',
        [job],
      )
    ).rows[0]!.state;
  const dripping = await kickoff(asked({ url: `${base}/drip` }));
  const posted = await kickoff(lines(patient('drip-1', 'One')), 'application/fhir+ndjson');
  const begun = slow.bulk.worker.turn(1, dripping).catch(String);
  // Whoever comes by meanwhile, twice as late as the lease, finds that somebody is at it.
  for (const start = performance.now(); performance.now() - start < 600;) {
    await slow.bulk.worker.turn(1, dripping);
    await slow.bulk.worker.turn(1, posted);
    await new Promise((done) => setTimeout(done, 50));
  }
  expect([dripped, await stateOf(posted)]).toEqual([1, 'running']);
  expect(await begun).toContain('did not answer in time');
  await slow.finish(posted);
  for (let at = 0; at < 3 && (await stateOf(dripping)) === 'running'; at++)
    await slow.bulk.worker.turn(1, dripping).catch(() => undefined);
  const { error } = await slow.manifest(slow.world.system, dripping);
  expect([await stateOf(dripping), error.length, dripped]).toEqual(['done', 1, 3]);
  await slow.close();
});
