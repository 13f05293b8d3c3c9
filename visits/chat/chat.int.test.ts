/** The chat of a visit: sealed, in order, once, across processes; read afterwards by whom it concerns and nobody else. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppointmentView, Chat, ChatMessage, JoinTicket } from '../contract.ts';
import { socketOf, type BrowserSocket } from '../testing/browser-socket.ts';
import { openClinic, type Clinic, type Instance, type Person } from '../testing/clinic.ts';
import { admittedGuest, ask, type TestGuest } from '../testing/guest.ts';
import { manyEngine } from '../testing/many-engine.ts';

let clinic: Clinic;
let second: Instance;
let clinician: Person;
let patient: Person;
let visit: AppointmentView;
let guest: TestGuest;
let observer: TestGuest;
let doctor: BrowserSocket;
let chat: string;

beforeAll(async () => {
  clinic = await openClinic({}, undefined, manyEngine());
  second = await clinic.another();
  clinician = await clinic.clinician();
  patient = await clinic.person('patient');
  visit = await clinic.admitted(patient, clinician);
  chat = `/api/visits/${visit.id}/chat`;
  const { body } = await clinician.post<JoinTicket>(`/api/visits/${visit.id}/join`);
  doctor = await socketOf(second, clinician, visit.id);
  doctor.say({ type: 'join', token: body.token });
  await doctor.hear('joined');
  await say(patient, 'Before the interpreter came');
  clinic.clock.advance(1000);
  guest = await admittedGuest(clinic, clinician, patient, visit.id, 'interpreter', 'Ida Okafor');
  observer = await admittedGuest(clinic, clinician, patient, visit.id, 'observer');
});
afterAll(async () => {
  doctor.close();
  await clinic.closeAll();
});

const say = (who: Person, text: string, id = randomUUID()) =>
  who.post<ChatMessage>(chat, { id, text });
const pdf = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n');
const put = (who: { cookie: string }, url: string, bytes: Buffer, type = 'application/pdf') =>
  ask<ChatMessage>(clinic, who.cookie, 'PUT', url, bytes, { 'content-type': type });

describe('what is said', () => {
  it('reaches the other process as an id, and is there once however often it was sent', async () => {
    const id = randomUUID();
    const sent = await Promise.all([1, 2, 3].map(() => say(patient, 'It hurts here', id)));
    expect(sent.map((one) => one.status)).toEqual([201, 201, 201]);
    expect(new Set(sent.map((one) => one.body.n)).size).toBe(1);
    let told = await doctor.hear('chat');
    while (told.message !== id) told = await doctor.hear('chat');
    expect(told).toEqual({ type: 'chat', message: id });
    const { body } = await clinician.get<Chat>(`${chat}?after=${sent[0]!.body.n - 1}`, second);
    expect(body.messages.filter((one) => one.id === id)).toMatchObject([
      { text: 'It hurts here', by: { role: 'patient', own: false } },
    ]);
    expect((await say(clinician, 'mine', id)).status).toBe(409);
  });

  it('a guest reads from her admission on, and speaks by her name; an observer only reads', async () => {
    const read = await guest.send<Chat>('GET', '/api/visit-guest/chat');
    expect(read.body.messages.map((one) => one.text)).not.toContain('Before the interpreter came');
    const said = { id: randomUUID(), text: 'Wo tut es weh?' };
    expect((await guest.send('POST', '/api/visit-guest/chat', said)).status).toBe(201);
    const { body } = await patient.get<Chat>(chat);
    expect(body.messages.at(-1)).toMatchObject({
      text: 'Wo tut es weh?',
      by: { role: 'guest', as: 'interpreter', name: 'Ida Okafor' },
    });
    const refused = { id: randomUUID(), text: 'psst' };
    expect((await observer.send('POST', '/api/visit-guest/chat', refused)).status).toBe(403);
    expect((await observer.send('GET', '/api/visit-guest/chat')).status).toBe(200);
  });

  it('lies sealed: neither text nor names nor the file can be read in tables, objects or log', async () => {
    await say(patient, 'Zebrafish tattoo');
    const { rows } = await clinic.data.ownerDb.query<{ all: string }>(
      'select m::text as all from visits.chat_message m',
    );
    const text = rows.map((one) => one.all).join('\n') + clinic.log.text();
    for (const word of ['Zebrafish', Buffer.from('Zebrafish').toString('hex'), 'Okafor'])
      expect(text.includes(word)).toBe(false);
  });

  it('what is no message is refused by name', async () => {
    const faulty = async (body: object) =>
      (await patient.post<{ issue: { expression: string[] }[] }>(chat, body)).body.issue.flatMap(
        (one) => one.expression,
      );
    expect(await faulty({ id: 'x', text: 'a' })).toEqual(['id']);
    expect(await faulty({ id: randomUUID(), text: ' ' })).toEqual(['text']);
    expect(await faulty({ id: randomUUID(), text: 'x'.repeat(4001) })).toEqual(['text']);
    expect(await faulty({ id: randomUUID(), text: '', file: { name: '' } })).toEqual(['file.name']);
    expect((await patient.get(`${chat}?after=-1`)).status).toBe(400);
  });
});

describe('files', () => {
  const announce = async (who: Person): Promise<string> => {
    const id = randomUUID();
    await who.post(chat, { id, text: '', file: { name: 'letter.pdf' } });
    return id;
  };

  it('the message is there when its bytes are, whichever type was declared', async () => {
    const id = await announce(patient);
    const texts = async () =>
      (await clinician.get<Chat>(chat)).body.messages.filter((one) => one.id === id);
    expect(await texts()).toEqual([]);
    const sent = await Promise.all(
      [1, 2].map(() => put(patient, `${chat}/${id}/file`, pdf, 'image/png')),
    );
    expect(sent.map((one) => one.status)).toEqual([200, 200]);
    expect(await texts()).toMatchObject([
      { file: { name: 'letter.pdf', type: 'application/pdf', size: pdf.length } },
    ]);
    const answer = await clinic.http.inject({
      url: `${chat}/${id}/file`,
      headers: { host: 'localhost:8170', cookie: clinician.cookie },
    });
    expect(answer.rawPayload.equals(pdf)).toBe(true);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/pdf',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'attachment',
    });
    const other = Buffer.concat([pdf, Buffer.from('more')]);
    expect((await put(patient, `${chat}/${id}/file`, other)).status).toBe(409);
  });

  it('neither a page, nor too much, nor another’s message, nor without being somebody', async () => {
    const id = await announce(patient);
    const at = `${chat}/${id}/file`;
    expect((await put(patient, at, Buffer.from('<html><script>1</script>'))).status).toBe(415);
    expect((await put(patient, at, Buffer.alloc(10 * 1024 * 1024 + 1))).status).toBe(413);
    expect((await put(clinician, at, pdf)).status).toBe(404);
    expect((await put({ cookie: '' }, at, pdf)).status).toBe(401);
    expect((await put(guest, `/api/visit-guest/chat/${id}/file`, pdf)).status).toBe(404);
  });

  it('nothing is read of a body whose sender only says that she is a guest', async () => {
    const cookie = `afar_visit_guest=${'A'.repeat(43)}`;
    const big = Buffer.alloc(10 * 1024 * 1024 + 1);
    const at = `/api/visit-guest/chat/${randomUUID()}/file`;
    expect((await put({ cookie }, at, big)).status).toBe(401);
  });

  it('a guest fills neither the chat nor its files: the two of the visit go on', async () => {
    const loud = await admittedGuest(clinic, clinician, patient, visit.id, 'relative');
    const sent = async (more: object): Promise<number> =>
      (
        await loud.send('POST', '/api/visit-guest/chat', {
          id: randomUUID(),
          text: 'x',
          ...more,
        })
      ).status;
    for (let n = 0; n < 10; n++) expect(await sent({ file: { name: 'a.pdf' } })).toBe(201);
    expect(await sent({ file: { name: 'a.pdf' } })).toBe(409);
    clinic.clock.advance(60_000);
    await clinic.data.ownerDb.query(
      `insert into visits.chat_message (tenant, visit, id, patient, n, at, author, body)
       select tenant, visit, gen_random_uuid(), patient, 1000 + g, at, author, body
       from visits.chat_message, generate_series(1, 90) g
       where id = (select id from visits.chat_message where author = $1 limit 1)`,
      [loud.id],
    );
    expect(await sent({})).toBe(409);
    expect((await say(patient, 'I am still here')).status).toBe(201);
    await clinic.data.ownerDb.query('delete from visits.chat_message where author = $1', [loud.id]);
  });
});

it('after the visit: the patient and her care team read on, nobody writes, guests and strangers are out', async () => {
  const nurse = await clinic.person('nurse');
  await clinic.records.create(clinic.system, {
    resourceType: 'CareTeam',
    status: 'active',
    subject: { reference: `Patient/${patient.id}` },
    participant: [{ member: { reference: `Practitioner/${nurse.id}` } }],
  });
  const stranger = await clinic.person('patient');
  const pharmacist = await clinic.person('pharmacist');
  await clinician.post(`/api/visits/${visit.id}/end`, {});
  for (const reader of [patient, clinician, nurse])
    expect((await reader.get<Chat>(chat)).body.messages.length).toBeGreaterThan(3);
  for (const other of [stranger, pharmacist])
    expect((await other.get(chat)).status).toBeGreaterThanOrEqual(403);
  expect((await say(patient, 'late')).status).toBe(409);
  expect((await guest.send('GET', '/api/visit-guest/chat')).status).toBe(401);
});
