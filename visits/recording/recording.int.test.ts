/** Recordings: only while everybody agreed, in order, through a crash, into the chart, and gone when it is time. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createCipheriv, createDecipheriv, createHash, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DocumentReference } from '@afar/fhir';
import type { AppointmentView, JoinTicket, RecordingBegun, RecordingView } from '../contract.ts';
import { socketOf, type BrowserSocket } from '../testing/browser-socket.ts';
import { openClinic, type Clinic, type Instance, type Person } from '../testing/clinic.ts';
import { admittedGuest, ask } from '../testing/guest.ts';
import { manyEngine } from '../testing/many-engine.ts';
import { sweepRecordings } from './part.ts';
import { unfinishedMs } from './record.ts';

let clinic: Clinic;
let second: Instance;
let clinician: Person;
let patient: Person;
let visit: AppointmentView;
let base: string;
const open: BrowserSocket[] = [];

beforeAll(async () => {
  clinic = await openClinic({ recordingDays: 30 }, undefined, manyEngine());
  second = await clinic.another();
  clinician = await clinic.clinician();
});
afterAll(() => clinic.closeAll());
beforeEach(async () => {
  patient = await clinic.person('patient');
  visit = await clinic.admitted(patient, clinician);
  base = `/api/visits/${visit.id}/recordings`;
});
afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await clinician.post(`/api/visits/${visit.id}/end`, {});
});

async function joined(who: Person, on: Instance = clinic) {
  const { body } = await who.post<JoinTicket>(`/api/visits/${visit.id}/join`);
  const at = await socketOf(on, who, visit.id);
  open.push(at);
  at.say({ type: 'join', token: body.token });
  return { at, is: await at.hear('joined') };
}
const begin = (id = randomUUID()) =>
  clinician.post<RecordingBegun>(base, { id, type: 'video/webm' });
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
  ask<RecordingView>(clinic, who.cookie, 'PUT', `${base}/${id}/chunks/${n}`, bytes, {
    'content-type': 'application/octet-stream',
    'x-afar-sha256': createHash('sha256').update(bytes).digest('hex'),
    'x-afar-began': new Date(clinic.clock.now()).toISOString(),
    'x-afar-ended': new Date(clinic.clock.now()).toISOString(),
    ...over,
  });

const rowsOf = async (table: string, id: string): Promise<number> =>
  (
    await clinic.data.ownerDb.query<{ n: number }>(
      `select count(*)::int as n from visits.${table} where recording = $1`,
      [id],
    )
  ).rows[0]!.n;

describe('consent', () => {
  it('a word said again is not kept again: whoever repeats herself fills no table', async () => {
    const id = randomUUID();
    await begin(id);
    for (let n = 0; n < 5; n++) expect((await agree(patient, id, true)).status).toBe(200);
    expect(await rowsOf('recording_consent', id)).toBe(2);
  });

  it('a visit has so many recordings and no more', async () => {
    for (let n = 0; n < 20; n++) {
      const id = randomUUID();
      expect((await begin(id)).status).toBe(201);
      await clinician.post(`${base}/${id}/stop`);
    }
    expect((await begin()).status).toBe(409);
  });

  it('everybody seated is asked; who comes later pauses it until she agrees, on whichever process; a no ends it for good', async () => {
    const doctor = await joined(clinician);
    const person = await joined(patient, second);
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
    const early = await send(clinician, id, 0, Buffer.from('xx'));
    expect(early.status).toBe(409);
    expect((await agree(patient, id, true)).body).toMatchObject({ state: 'on', missing: [] });
    expect((await send(clinician, id, 0, Buffer.from('xx'))).status).toBe(200);
    const guest = await admittedGuest(clinic, clinician, patient, visit.id, 'interpreter');
    clinic.clock.advance(1_000);
    const third = await guest.join(second);
    open.push(third);
    const { peer } = await third.hear('joined');
    let told = await doctor.at.hear('recording');
    while (told.state !== 'paused') told = await doctor.at.hear('recording');
    expect(told.missing).toEqual([peer]);
    clinic.clock.advance(1_000);
    expect((await send(clinician, id, 1, Buffer.from('yy'))).status).toBe(409);
    // What was taken before she came is still taken in.
    const before = new Date(clinic.clock.now() - 1_500).toISOString();
    const late = await send(clinician, id, 1, Buffer.from('yy'), { 'x-afar-began': before });
    expect(late.status).toBe(200);
    const consent = `/api/visit-guest/recordings/${id}/consent`;
    const yes = await guest.send<RecordingView>('POST', consent, { agree: true });
    expect(yes.body.state).toBe('on');
    expect((await guest.send('POST', consent, { agree: false })).body.state).toBe('stopped');
    expect((await guest.send('POST', consent, { agree: true })).status).toBe(409);
    clinic.clock.advance(1_000);
    expect((await send(clinician, id, 2, Buffer.from('zz'))).status).toBe(409);
    const { rows } = await clinic.data.ownerDb.query<{ agreed: boolean }>(
      'select agreed from visits.recording_consent where recording = $1 order by n',
      [id],
    );
    expect(rows.map((one) => one.agreed)).toEqual([true, true, true, false]);
  });

  it('what was filmed after a no is refused, though it began before: word of it may be late', async () => {
    await joined(clinician);
    await joined(patient);
    const id = randomUUID();
    await begin(id);
    await agree(patient, id, true);
    const at = (ms: number): string => new Date(clinic.clock.now() + ms).toISOString();
    clinic.clock.advance(10_000);
    const no = await agree(patient, id, false);
    expect(no.body).toMatchObject({ state: 'stopped', until: at(0) });
    const span = { 'x-afar-began': at(-1_000), 'x-afar-ended': at(4_000) };
    const refused = await send(clinician, id, 0, Buffer.from('sealed'), span);
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([
      409,
      expect.stringContaining('"not-agreed"'),
    ]);
    const backwards = { 'x-afar-began': at(-1_000), 'x-afar-ended': at(-2_000) };
    expect((await send(clinician, id, 0, Buffer.from('xx'), backwards)).status).toBe(409);
    const never = { 'x-afar-began': at(-1_000), 'x-afar-ended': 'never' };
    expect((await send(clinician, id, 0, Buffer.from('xx'), never)).status).toBe(400);
    // The word took its time, and clocks differ.
    const inTime = { 'x-afar-began': at(-1_000), 'x-afar-ended': at(1_000) };
    expect((await send(clinician, id, 0, Buffer.from('sealed'), inTime)).status).toBe(200);
    // It is left out, and what comes after it keeps its number.
    expect((await send(clinician, id, 1, Buffer.alloc(1), span)).status).toBe(200);
    const after = await send(clinician, id, 2, Buffer.from('sealed'), inTime);
    expect(after.body).toMatchObject({ next: 3, state: 'stopped' });
  });

  it('N6: a guest hears of what was recorded since she was let in, and of nothing before', async () => {
    await joined(clinician);
    await joined(patient);
    const before = randomUUID();
    await begin(before);
    await agree(patient, before, true);
    clinic.clock.advance(1_000);
    await clinician.post(`${base}/${before}/stop`);
    clinic.clock.advance(1_000);
    const guest = await admittedGuest(clinic, clinician, patient, visit.id, 'relative');
    const first = await guest.join(clinic);
    open.push(first);
    const { resume } = await first.hear('joined');
    first.close();
    const back = await guest.socket(second);
    open.push(back);
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
    await clinician.post(`${base}/${since}/stop`);
    const again = await guest.socket(clinic);
    open.push(again);
    again.say({ type: 'join', token: next });
    await again.hear('missed');
    expect(await again.hear('recording')).toMatchObject({ recording: since, state: 'stopped' });
    // A page that goes on in a new session hears it, too.
    const anew = await guest.join(second);
    open.push(anew);
    expect(await anew.hear('recording')).toMatchObject({ recording: since, state: 'stopped' });
  });

  it('only the clinician begins, only those in the visit answer', async () => {
    const id = randomUUID();
    await begin(id);
    const stranger = await clinic.person('patient');
    const own = { id: randomUUID(), type: 'video/webm' };
    expect((await patient.post(base, own)).status).toBe(403);
    expect((await stranger.post(base, own)).status).toBe(404);
    expect((await agree(stranger, id, true)).status).toBe(404);
    expect((await agree(patient, randomUUID(), true)).status).toBe(404);
    expect((await send(patient, id, 0, Buffer.from('xx'))).status).toBe(403);
  });
});

describe('chunks', () => {
  async function running() {
    await joined(clinician);
    await joined(patient);
    const id = randomUUID();
    const { key } = (await begin(id)).body;
    await agree(patient, id, true);
    return { id, key };
  }

  it('in order, each once, whole; after a crash the browser learns where it was, and sends the rest after the visit', async () => {
    const { id, key } = await running();
    const bytes = [0, 1, 2].map((n) => sealed(key, id, n, `chunk ${n}`));
    const twice = await Promise.all([1, 2].map(() => send(clinician, id, 0, bytes[0]!)));
    expect(twice.map((one) => [one.status, one.body.next])).toEqual([
      [200, 1],
      [200, 1],
    ]);
    expect((await send(clinician, id, 0, bytes[1]!)).status).toBe(409);
    expect((await send(clinician, id, 2, bytes[2]!)).status).toBe(409);
    const torn = await send(clinician, id, 1, bytes[1]!.subarray(1), {
      'x-afar-sha256': createHash('sha256').update(bytes[1]!).digest('hex'),
    });
    expect(torn.status).toBe(422);
    expect((await send(clinician, id, 1, Buffer.alloc(8 * 1024 * 1024 + 1))).status).toBe(413);
    expect((await send(clinician, id, 1, bytes[1]!, { 'x-afar-sha256': 'x' })).status).toBe(400);
    const recorded = new Date(clinic.clock.now()).toISOString();
    clinic.clock.advance(1_000);
    await clinician.post(`/api/visits/${visit.id}/end`, {});
    // The crashed browser comes back: the same key, the number of the next one.
    const again = await clinician.get<{ key: string }>(`${base}/${id}/key`);
    expect(again.body.key).toBe(key);
    const [view] = (await clinician.get<RecordingView[]>(base)).body;
    expect(view).toMatchObject({ state: 'stopped', next: 1 });
    expect((await clinician.post(`${base}/${id}/finish`, { chunks: 3 })).status).toBe(409);
    for (const n of [1, 2])
      expect((await send(clinician, id, n, bytes[n]!, { 'x-afar-began': recorded })).status).toBe(
        200,
      );
    // Until it is finished it is nobody else's to read.
    expect((await patient.get(`${base}/${id}/key`)).status).toBe(404);
    const done = await clinician.post<RecordingView>(`${base}/${id}/finish`, { chunks: 3 });
    expect(done.body).toMatchObject({ state: 'finished', next: 3 });
    const document = await clinic.records.read<DocumentReference>(
      clinic.system,
      'DocumentReference',
      done.body.document!.split('/')[1]!,
    );
    expect(document.resource).toMatchObject({
      status: 'current',
      subject: { reference: `Patient/${patient.id}` },
      content: [{ attachment: { contentType: 'video/webm', url: `${base}/${id}` } }],
    });
    const hers = (await patient.get<{ key: string }>(`${base}/${id}/key`)).body.key;
    const texts: string[] = [];
    for (const n of [0, 1, 2]) {
      const answer = await clinic.http.inject({
        url: `${base}/${id}/chunks/${n}`,
        headers: { host: 'localhost:8170', cookie: patient.cookie },
      });
      texts.push(opened(hers, id, n, answer.rawPayload));
    }
    expect(texts).toEqual(['chunk 0', 'chunk 1', 'chunk 2']);
    const stranger = await clinic.person('patient');
    for (const url of [base, `${base}/${id}/key`, `${base}/${id}/chunks/0`])
      expect((await stranger.get(url)).status).toBe(404);
  });

  it('what lost against another under its number leaves no bytes behind', async () => {
    const { id, key } = await running();
    const folder = join(clinic.objectsDir, '1');
    const files = () =>
      readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
        .length;
    const before = files();
    const sent = await Promise.all(
      [1, 2, 3, 4].map((n) => send(clinician, id, 0, sealed(key, id, 0, `twin ${n}`))),
    );
    expect(sent.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409]);
    expect(files()).toBe(before + 1);
  });

  it('destroyed by its clinician: key and bytes are gone, the chart says so', async () => {
    const { id, key } = await running();
    await send(clinician, id, 0, sealed(key, id, 0, 'x'));
    await clinician.post(`${base}/${id}/stop`);
    const { document } = (
      await clinician.post<RecordingView>(`${base}/${id}/finish`, { chunks: 1 })
    ).body;
    const other = await clinic.clinician();
    expect((await other.post(`${base}/${id}/delete`)).status).toBe(404);
    expect((await clinician.post(`${base}/${id}/delete`)).body).toMatchObject({
      state: 'deleted',
      next: 0,
    });
    expect((await clinician.get(`${base}/${id}/key`)).status).toBe(410);
    const { rows } = await clinic.data.ownerDb.query<{ key: Buffer | null }>(
      'select key from visits.recording where id = $1',
      [id],
    );
    expect(rows[0]!.key).toBeNull();
    const { resource } = await clinic.records.read<DocumentReference>(
      clinic.system,
      'DocumentReference',
      document!.split('/')[1]!,
    );
    expect(resource.status).toBe('entered-in-error');
  });

  it('kept as long as the house says, and a week when nobody finished it; then destroyed by itself', async () => {
    const { id, key } = await running();
    await send(clinician, id, 0, sealed(key, id, 0, 'x'));
    await clinician.post(`${base}/${id}/stop`);
    const { rows } = await clinic.data.ownerDb.query<{ object: string }>(
      'select file_object as object from visits.recording_chunk where recording = $1',
      [id],
    );
    const file = join(clinic.objectsDir, '1');
    const there = () =>
      readdirSync(file, { recursive: true }).some((name) => String(name).includes(rows[0]!.object));
    expect(there()).toBe(true);
    const stateOf = async () => (await clinician.get<RecordingView[]>(base)).body[0]!.state;
    await sweepRecordings(clinic.deps);
    expect(await stateOf()).toBe('stopped');
    clinic.clock.advance(unfinishedMs + 1);
    await sweepRecordings(clinic.deps);
    await clinician.signIn();
    expect(await stateOf()).toBe('deleted');
    expect(there()).toBe(false);
  });
});
