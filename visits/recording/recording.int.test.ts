/** Recordings: only while everybody agreed, in order, through a crash, into the chart, and gone when it is time. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createCipheriv, createDecipheriv, createHash, randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DocumentReference } from '@afar/fhir';
import type { RecordingBegun, RecordingView } from '../contract.ts';
import { type Person } from '../testing/clinic.ts';
import { admittedGuest, ask } from '../testing/guest.ts';
import { manyEngine } from '../testing/many-engine.ts';
import { meetings } from '../testing/meeting.ts';
import { sweepRecordings } from './part.ts';
import { unfinishedMs } from './record.ts';

const day = meetings({ recordingDays: 30 }, undefined, manyEngine());
const { joined, kept } = day;
let base: string;

beforeEach(() => {
  base = `/api/visits/${day.visit.id}/recordings`;
});

const begin = (id = randomUUID()) =>
  day.clinician.post<RecordingBegun>(base, { id, type: 'video/webm' });
const agree = (who: Person, id: string, yes: boolean) =>
  who.post<RecordingView>(`${base}/${id}/consent`, { agree: yes });

/** As the browser does it: contract-recordings.ts, RecordingBegun. */
function sealed(key: string, id: string, n: number, text: string): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(n, 8);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key, 'base64url'), nonce);
  cipher.setAAD(Buffer.from(`afar-recording-1|${id}|${n}`));
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}
function opened(key: string, id: string, n: number, bytes: Buffer): string {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(n, 8);
  const cipher = createDecipheriv('aes-256-gcm', Buffer.from(key, 'base64url'), nonce);
  cipher.setAAD(Buffer.from(`afar-recording-1|${id}|${n}`));
  cipher.setAuthTag(bytes.subarray(-16));
  return cipher.update(bytes.subarray(0, -16), undefined, 'utf8') + cipher.final('utf8');
}
const send = (
  who: Person,
  id: string,
  n: number,
  bytes: Buffer,
  over: Record<string, string> = {},
) =>
  ask<RecordingView>(day.clinic, who.cookie, 'PUT', `${base}/${id}/chunks/${n}`, bytes, {
    'content-type': 'application/octet-stream',
    'x-afar-sha256': createHash('sha256').update(bytes).digest('hex'),
    'x-afar-began': new Date(day.clinic.clock.now()).toISOString(),
    'x-afar-ended': new Date(day.clinic.clock.now()).toISOString(),
    ...over,
  });

const rowsOf = async (table: string, id: string): Promise<number> =>
  (
    await day.clinic.data.ownerDb.query<{ n: number }>(
      `select count(*)::int as n from visits.${table} where recording = $1`,
      [id],
    )
  ).rows[0]!.n;

/** One that everybody there has agreed to. */
async function running() {
  await joined(day.clinician);
  await joined(day.patient);
  const id = randomUUID();
  const { key } = (await begin(id)).body;
  await agree(day.patient, id, true);
  return { id, key };
}

describe('consent', () => {
  it('a word said again is not kept again: whoever repeats herself fills no table', async () => {
    const id = randomUUID();
    await begin(id);
    for (let n = 0; n < 5; n++) expect((await agree(day.patient, id, true)).status).toBe(200);
    expect(await rowsOf('recording_consent', id)).toBe(2);
  });

  it('a visit has so many recordings and no more', async () => {
    for (let n = 0; n < 20; n++) {
      const id = randomUUID();
      expect((await begin(id)).status).toBe(201);
      await day.clinician.post(`${base}/${id}/stop`);
    }
    expect((await begin()).status).toBe(409);
  });

  it('everybody seated is asked; who comes later pauses it until she agrees, on whichever process; a no ends it for good', async () => {
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient, day.second);
    const id = randomUUID();
    expect((await begin(id)).body.recording).toMatchObject({
      state: 'asking',
      missing: [person.is.peer],
    });
    expect(await person.at.hear('recording')).toMatchObject({
      recording: id,
      state: 'asking',
      missing: [person.is.peer],
    });
    expect((await begin()).status).toBe(409);
    const early = await send(day.clinician, id, 0, Buffer.from('xx'));
    expect(early.status).toBe(409);
    expect((await agree(day.patient, id, true)).body).toMatchObject({ state: 'on', missing: [] });
    expect((await send(day.clinician, id, 0, Buffer.from('xx'))).status).toBe(200);
    const guest = await admittedGuest(
      day.clinic,
      day.clinician,
      day.patient,
      day.visit.id,
      'interpreter',
    );
    day.clinic.clock.advance(1_000);
    const third = await guest.join(day.second);
    kept(third);
    const { peer } = await third.hear('joined');
    let told = await doctor.at.hear('recording');
    while (told.state !== 'paused') told = await doctor.at.hear('recording');
    expect(told.missing).toEqual([peer]);
    day.clinic.clock.advance(1_000);
    expect((await send(day.clinician, id, 1, Buffer.from('yy'))).status).toBe(409);
    // What was taken before she came is still taken in.
    const before = new Date(day.clinic.clock.now() - 1_500).toISOString();
    const late = await send(day.clinician, id, 1, Buffer.from('yy'), { 'x-afar-began': before });
    expect(late.status).toBe(200);
    const consent = `/api/visit-guest/recordings/${id}/consent`;
    const yes = await guest.send<RecordingView>('POST', consent, { agree: true });
    expect(yes.body.state).toBe('on');
    expect((await guest.send('POST', consent, { agree: false })).body.state).toBe('stopped');
    expect((await guest.send('POST', consent, { agree: true })).status).toBe(409);
    day.clinic.clock.advance(1_000);
    expect((await send(day.clinician, id, 2, Buffer.from('zz'))).status).toBe(409);
    const { rows } = await day.clinic.data.ownerDb.query<{ agreed: boolean }>(
      'select agreed from visits.recording_consent where recording = $1 order by n',
      [id],
    );
    expect(rows.map((one) => one.agreed)).toEqual([true, true, true, false]);
  });

  it('what was filmed after a no is refused, though it began before: word of it may be late', async () => {
    const { id } = await running();
    const at = (ms: number): string => new Date(day.clinic.clock.now() + ms).toISOString();
    day.clinic.clock.advance(10_000);
    const no = await agree(day.patient, id, false);
    expect(no.body).toMatchObject({ state: 'stopped', until: at(0) });
    const span = { 'x-afar-began': at(-1_000), 'x-afar-ended': at(4_000) };
    const refused = await send(day.clinician, id, 0, Buffer.from('sealed'), span);
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([
      409,
      expect.stringContaining('"not-agreed"'),
    ]);
    const backwards = { 'x-afar-began': at(-1_000), 'x-afar-ended': at(-2_000) };
    expect((await send(day.clinician, id, 0, Buffer.from('xx'), backwards)).status).toBe(409);
    const never = { 'x-afar-began': at(-1_000), 'x-afar-ended': 'never' };
    expect((await send(day.clinician, id, 0, Buffer.from('xx'), never)).status).toBe(400);
    // The word took its time, and clocks differ.
    const inTime = { 'x-afar-began': at(-1_000), 'x-afar-ended': at(1_000) };
    expect((await send(day.clinician, id, 0, Buffer.from('sealed'), inTime)).status).toBe(200);
    // It is left out, and what comes after it keeps its number.
    expect((await send(day.clinician, id, 1, Buffer.alloc(1), span)).status).toBe(200);
    const after = await send(day.clinician, id, 2, Buffer.from('sealed'), inTime);
    expect(after.body).toMatchObject({ next: 3, state: 'stopped' });
  });

  it('a film of which nothing may be kept does not get into the chart', async () => {
    const { id } = await running();
    await agree(day.patient, id, false);
    for (const n of [0, 1]) await send(day.clinician, id, n, Buffer.alloc(1));
    const done = await day.clinician.post(`${base}/${id}/finish`, { chunks: 2 });
    expect([done.status, JSON.stringify(done.body)]).toEqual([
      409,
      expect.stringContaining('"not-agreed"'),
    ]);
    expect((await day.clinician.get<RecordingView[]>(base)).body[0]!.document).toBeUndefined();
  });

  it('N6: a guest hears of what was recorded since she was let in, and of nothing before', async () => {
    const { id: before } = await running();
    day.clinic.clock.advance(1_000);
    await day.clinician.post(`${base}/${before}/stop`);
    day.clinic.clock.advance(1_000);
    const guest = await admittedGuest(
      day.clinic,
      day.clinician,
      day.patient,
      day.visit.id,
      'relative',
    );
    const first = await guest.join(day.clinic);
    kept(first);
    const { resume } = await first.hear('joined');
    first.close();
    const back = await guest.socket(day.second);
    kept(back);
    back.say({ type: 'join', token: resume });
    const { resume: next } = await back.hear('joined');
    await back.hear('missed');
    back.say({ type: 'renew' });
    await back.hear('renewed');
    expect([...first.told, ...back.told].filter(({ type }) => type === 'recording')).toEqual([]);
    back.close();
    await back.closed;
    const since = randomUUID();
    await begin(since);
    await day.clinician.post(`${base}/${since}/stop`);
    const again = await guest.socket(day.clinic);
    kept(again);
    again.say({ type: 'join', token: next });
    await again.hear('missed');
    expect(await again.hear('recording')).toMatchObject({ recording: since, state: 'stopped' });
    // A page that goes on in a new session hears it, too.
    const anew = await guest.join(day.second);
    kept(anew);
    expect(await anew.hear('recording')).toMatchObject({ recording: since, state: 'stopped' });
  });

  it('only the clinician begins, only those in the visit answer', async () => {
    const id = randomUUID();
    await begin(id);
    const stranger = await day.clinic.person('patient');
    const own = { id: randomUUID(), type: 'video/webm' };
    expect((await day.patient.post(base, own)).status).toBe(403);
    expect((await stranger.post(base, own)).status).toBe(404);
    expect((await agree(stranger, id, true)).status).toBe(404);
    expect((await agree(day.patient, randomUUID(), true)).status).toBe(404);
    expect((await send(day.patient, id, 0, Buffer.from('xx'))).status).toBe(403);
  });
});

describe('chunks', () => {
  it('in order, each once, whole; after a crash the browser learns where it was, and sends the rest after the visit', async () => {
    const { id, key } = await running();
    const bytes = [0, 1, 2].map((n) => sealed(key, id, n, `chunk ${n}`));
    const twice = await Promise.all([1, 2].map(() => send(day.clinician, id, 0, bytes[0]!)));
    expect(twice.map((one) => [one.status, one.body.next])).toEqual([
      [200, 1],
      [200, 1],
    ]);
    expect((await send(day.clinician, id, 0, bytes[1]!)).status).toBe(409);
    expect((await send(day.clinician, id, 2, bytes[2]!)).status).toBe(409);
    const torn = await send(day.clinician, id, 1, bytes[1]!.subarray(1), {
      'x-afar-sha256': createHash('sha256').update(bytes[1]!).digest('hex'),
    });
    expect(torn.status).toBe(422);
    expect((await send(day.clinician, id, 1, Buffer.alloc(8 * 1024 * 1024 + 1))).status).toBe(413);
    expect((await send(day.clinician, id, 1, bytes[1]!, { 'x-afar-sha256': 'x' })).status).toBe(
      400,
    );
    const recorded = new Date(day.clinic.clock.now()).toISOString();
    day.clinic.clock.advance(1_000);
    await day.clinician.post(`/api/visits/${day.visit.id}/end`, {});
    // The crashed browser comes back: the same key, the number of the next one.
    const again = await day.clinician.get<{ key: string }>(`${base}/${id}/key`);
    expect(again.body.key).toBe(key);
    const [view] = (await day.clinician.get<RecordingView[]>(base)).body;
    expect(view).toMatchObject({ state: 'stopped', next: 1 });
    expect((await day.clinician.post(`${base}/${id}/finish`, { chunks: 3 })).status).toBe(409);
    for (const n of [1, 2])
      expect(
        (await send(day.clinician, id, n, bytes[n]!, { 'x-afar-began': recorded })).status,
      ).toBe(200);
    // Until it is finished it is nobody else's to read.
    expect((await day.patient.get(`${base}/${id}/key`)).status).toBe(404);
    const done = await day.clinician.post<RecordingView>(`${base}/${id}/finish`, { chunks: 3 });
    expect(done.body).toMatchObject({ state: 'finished', next: 3 });
    const document = await day.clinic.records.read<DocumentReference>(
      day.clinic.system,
      'DocumentReference',
      done.body.document!.split('/')[1]!,
    );
    expect(document.resource).toMatchObject({
      status: 'current',
      subject: { reference: `Patient/${day.patient.id}` },
      content: [{ attachment: { contentType: 'video/webm', url: `${base}/${id}` } }],
    });
    const hers = (await day.patient.get<{ key: string }>(`${base}/${id}/key`)).body.key;
    const texts: string[] = [];
    for (const n of [0, 1, 2]) {
      const answer = await day.clinic.http.inject({
        url: `${base}/${id}/chunks/${n}`,
        headers: { host: 'localhost:8170', cookie: day.patient.cookie },
      });
      texts.push(opened(hers, id, n, answer.rawPayload));
    }
    expect(texts).toEqual(['chunk 0', 'chunk 1', 'chunk 2']);
    const stranger = await day.clinic.person('patient');
    for (const url of [base, `${base}/${id}/key`, `${base}/${id}/chunks/0`])
      expect((await stranger.get(url)).status).toBe(404);
  });

  it('what lost against another under its number leaves no bytes behind', async () => {
    const { id, key } = await running();
    const folder = join(day.clinic.objectsDir, '1');
    const files = () =>
      readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
        .length;
    const before = files();
    const sent = await Promise.all(
      [1, 2, 3, 4].map((n) => send(day.clinician, id, 0, sealed(key, id, 0, `twin ${n}`))),
    );
    expect(sent.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409]);
    expect(files()).toBe(before + 1);
  });

  it('destroyed by its clinician: key and bytes are gone, the chart says so', async () => {
    const { id, key } = await running();
    await send(day.clinician, id, 0, sealed(key, id, 0, 'x'));
    await day.clinician.post(`${base}/${id}/stop`);
    const { document } = (
      await day.clinician.post<RecordingView>(`${base}/${id}/finish`, { chunks: 1 })
    ).body;
    const other = await day.clinic.clinician();
    expect((await other.post(`${base}/${id}/delete`)).status).toBe(404);
    expect((await day.clinician.post(`${base}/${id}/delete`)).body).toMatchObject({
      state: 'deleted',
      next: 0,
    });
    expect((await day.clinician.get(`${base}/${id}/key`)).status).toBe(410);
    const { rows } = await day.clinic.data.ownerDb.query<{ key: Buffer | null }>(
      'select key from visits.recording where id = $1',
      [id],
    );
    expect(rows[0]!.key).toBeNull();
    const { resource } = await day.clinic.records.read<DocumentReference>(
      day.clinic.system,
      'DocumentReference',
      document!.split('/')[1]!,
    );
    expect(resource.status).toBe('entered-in-error');
  });

  it('kept as long as the house says, and a week when nobody finished it; then destroyed by itself', async () => {
    const { id, key } = await running();
    await send(day.clinician, id, 0, sealed(key, id, 0, 'x'));
    await day.clinician.post(`${base}/${id}/stop`);
    const { rows } = await day.clinic.data.ownerDb.query<{ object: string }>(
      'select file_object as object from visits.recording_chunk where recording = $1',
      [id],
    );
    const file = join(day.clinic.objectsDir, '1');
    const there = () =>
      readdirSync(file, { recursive: true }).some((name) => String(name).includes(rows[0]!.object));
    expect(there()).toBe(true);
    const stateOf = async () => (await day.clinician.get<RecordingView[]>(base)).body[0]!.state;
    await sweepRecordings(day.clinic.deps);
    expect(await stateOf()).toBe('stopped');
    day.clinic.clock.advance(unfinishedMs + 1);
    await sweepRecordings(day.clinic.deps);
    await day.clinician.signIn();
    expect(await stateOf()).toBe('deleted');
    expect(there()).toBe(false);
  });
});
