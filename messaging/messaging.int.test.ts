/** Threads on a real record store: written, read, handed over, promised, and closed to everybody who should not see them. */
import { randomUUID } from 'node:crypto';
import type { Consent } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sent, Team, Thread, Threads, Unread } from './contract.ts';
import { openStage, type Member, type Stage } from './testing.ts';

let stage: Stage;
let ada: Member;
let doctor: Member;
let nurse: Member;
let stranger: Member;
let colleague: Member;
beforeAll(async () => {
  stage = await openStage();
  [ada, stranger] = [await stage.person('patient'), await stage.person('patient')];
  [doctor, nurse, colleague] = [
    await stage.person('practitioner'),
    await stage.person('nurse'),
    await stage.person('practitioner'),
  ];
  await stage.cares(doctor, ada);
  await stage.cares(nurse, ada);
});
afterAll(() => stage.close());

const secret = 'Glowworm-eczema of the third knuckle';
async function begin(topic = 'My tablets', text = secret, who = ada): Promise<string> {
  const { status, body } = await who.post<Sent>('/api/messages', { patient: ada.id, topic, text });
  expect(status).toBe(201);
  return body.thread;
}
const read = (who: Member, thread: string) => who.get<Thread>(`/api/messages/${thread}`);
const box = async (who: Member, name: string) =>
  (await who.get<Threads>(`/api/messages?box=${name}`)).body.threads.map((one) => one.id);
const unread = async (who: Member) => (await who.get<Unread>('/api/messages/unread')).body.threads;

describe('a thread', () => {
  it('goes from her to those who care for her, and back; each side sees what the other has read', async () => {
    const thread = await begin();
    expect(await doctor.told()).toContain('message');
    expect(await unread(doctor)).toBe(1);
    const seen = await read(doctor, thread);
    expect(seen.body).toMatchObject({
      topic: 'My tablets',
      patientName: 'Ada Okonjo',
      unread: 1,
      overdue: false,
      messages: [{ text: secret, by: { side: 'patient', you: false } }],
    });
    expect(seen.body.due).toBe('2026-11-26T15:00:00.000Z');
    await doctor.post(`/api/messages/${thread}/seen`, { seq: seen.body.messages[0]!.seq });
    expect(await unread(doctor)).toBe(0);
    const answer = await doctor.post<Sent>(`/api/messages/${thread}`, { text: 'With water.' });
    expect(answer.status).toBe(201);
    expect(await ada.told()).toEqual(['message']);
    const hers = (await read(ada, thread)).body;
    expect(hers.messages.map((one) => [one.text, one.by.name])).toEqual([
      [secret, 'Ada Okonjo'],
      ['With water.', 'Lindqvist'],
    ]);
    expect(hers.messages[0]!.seen).toBeDefined();
    expect(hers.messages[1]!.seen).toBeUndefined();
    // Answered: nothing is waited for.
    expect(hers.due).toBeUndefined();
  });

  it('is in the record as Communications, and in no other table in the clear', async () => {
    const thread = await begin('In the record', secret);
    const found = await stage.world.records.search(ada.caller, 'Communication', [['_id', thread]]);
    expect(found.entry?.[0]?.resource).toMatchObject({
      status: 'completed',
      topic: { text: 'In the record' },
      payload: [{ contentString: secret }],
      sender: { reference: `Patient/${ada.id}` },
    });
    const { rows } = await stage.world.data.ownerDb.query<{ all: string }>(
      `select (select string_agg(t::text, ' ') from messaging.thread t) || (select string_agg(m::text, ' ') from messaging.message m)
         || coalesce((select string_agg(d::text, ' ') from messaging.draft d), '') as all`,
    );
    for (const word of [secret, 'In the record', 'Okonjo'])
      expect(rows[0]!.all).not.toContain(word);
  });

  it('takes one message for one key, however often and however fast it is sent', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const body = { patient: ada.id, topic: 'Once', text: 'Once.' };
    const all = await Promise.all(
      [1, 2, 3].map(() => ada.post<Sent>('/api/messages', body, headers)),
    );
    expect(new Set(all.map((one) => one.body.thread)).size).toBe(1);
    const { thread } = all[0]!.body;
    await ada.post(
      `/api/messages/${thread}`,
      { text: 'Twice.' },
      { 'idempotency-key': 'the-same-key' },
    );
    await ada.post(
      `/api/messages/${thread}`,
      { text: 'Twice.' },
      { 'idempotency-key': 'the-same-key' },
    );
    expect((await read(ada, thread)).body.messages).toHaveLength(2);
  });

  it('keeps what she began to write, for her alone, until it is sent', async () => {
    const thread = await begin('Draft');
    expect((await ada.put(`/api/messages/drafts/${thread}`, { text: 'Also I' })).status).toBe(204);
    await ada.put(`/api/messages/drafts/${ada.id}`, { text: 'Something new' });
    expect((await read(ada, thread)).body.draft).toBe('Also I');
    expect((await read(doctor, thread)).body.draft).toBeUndefined();
    expect((await ada.get(`/api/messages/drafts/${ada.id}`)).body).toEqual({
      text: 'Something new',
    });
    await ada.post(`/api/messages/${thread}`, { text: 'Also I sleep badly.' });
    expect((await read(ada, thread)).body.draft).toBeUndefined();
  });

  it('comes by fifty', async () => {
    const thread = await begin('Long');
    // Rows beside the limit of an hour: two accounts write.
    for (let n = 0; n < 26; n++) {
      await doctor.post(`/api/messages/${thread}`, { text: `answer ${n}` });
      await nurse.post(`/api/messages/${thread}`, { text: `word ${n}` });
    }
    const page = (await read(ada, thread)).body;
    expect(page.messages).toHaveLength(50);
    const older = (await ada.get<Thread>(`/api/messages/${thread}?before=${page.before}`)).body;
    expect(older.messages).toHaveLength(3);
    expect(older.before).toBeUndefined();
  });

  it.each([
    [{ topic: 'x', text: '' }],
    [{ topic: '', text: 'x' }],
    [{ topic: 'x'.repeat(121), text: 'x' }],
    [{ topic: 'x', text: 'x'.repeat(8001) }],
    [{ topic: 'x', text: 'x', attachments: ['no'] }],
    [{ topic: 'x', text: { a: 1 } }],
  ])('is not begun with %j', async (body) => {
    expect((await ada.post('/api/messages', { patient: ada.id, ...body })).status).toBe(422);
  });
});

describe('words of an emergency', () => {
  it('stop it once; sent all the same it is urgent', async () => {
    const body = { patient: ada.id, topic: 'Help', text: 'I have chest pain' };
    const stopped = await ada.post('/api/messages', body);
    expect([stopped.status, stopped.body]).toEqual([200, { stopped: 'red-flag' }]);
    const { status, body: sent } = await ada.post<Sent>('/api/messages', {
      ...body,
      acknowledged: true,
    });
    expect(status).toBe(201);
    expect((await read(doctor, sent.thread)).body).toMatchObject({
      urgent: true,
      messages: [{ urgent: true }],
    });
    // Staff who write such words know what they write.
    expect(
      (await doctor.post(`/api/messages/${sent.thread}`, { text: 'With chest pain call 112.' }))
        .status,
    ).toBe(201);
  });
});

describe('the team', () => {
  it('takes it, hands it over, closes it; her next message opens it again', async () => {
    const thread = await begin('Team');
    expect(await box(nurse, 'team')).toContain(thread);
    const { members } = (await nurse.get<Team>(`/api/messages/${thread}/team`)).body;
    expect(members.map((one) => one.account).toSorted()).toEqual(
      [doctor.account, nurse.account].toSorted(),
    );
    const given = await nurse.post<Thread>(`/api/messages/${thread}/assign`, {
      to: doctor.account,
    });
    expect(given.body.assignee).toMatchObject({ account: doctor.account, you: false });
    expect(await doctor.told()).toContain('message-assigned');
    expect(await box(nurse, 'team')).not.toContain(thread);
    expect(await box(doctor, 'mine')).toContain(thread);
    // Not to who does not care for her, and not by her.
    expect(
      (await nurse.post(`/api/messages/${thread}/assign`, { to: colleague.account })).status,
    ).toBe(422);
    for (const deed of ['assign', 'close', 'urgent', 'reopen'])
      expect(
        (await ada.post(`/api/messages/${thread}/${deed}`, { to: null, urgent: true })).status,
      ).toBe(403);
    expect((await doctor.post<Thread>(`/api/messages/${thread}/close`)).body.state).toBe('closed');
    expect(await box(doctor, 'closed')).toContain(thread);
    await ada.post(`/api/messages/${thread}`, { text: 'One thing more.' });
    expect((await read(doctor, thread)).body.state).toBe('open');
  });

  it('is told once when nobody answered in time; whoever had it loses it to all', async () => {
    const thread = await begin('Holiday');
    await doctor.post(`/api/messages/${thread}/assign`, { to: doctor.account });
    stage.clock.advance(47 * 3_600_000);
    await stage.escalate();
    expect((await nurse.told()).filter((kind) => kind === 'message-overdue')).toEqual([]);
    stage.clock.advance(2 * 3_600_000);
    await Promise.all([stage.escalate(), stage.escalate()]);
    await stage.escalate();
    const overdue = (await nurse.told()).filter((kind) => kind === 'message-overdue');
    // Each thread that still waited, once.
    const { rows } = await stage.world.data.db.query(
      'select from messaging.thread where escalated is not null',
    );
    expect(overdue).toHaveLength(rows.length);
    expect((await read(nurse, thread)).body).toMatchObject({ overdue: true });
    expect(await box(nurse, 'team')).toContain(thread);
  });

  it('where nobody cares for her, the office hears of it', async () => {
    const lonely = await stage.person('patient');
    const office = await stage.person('administrator');
    const sent = await lonely.post<Sent>('/api/messages', {
      patient: lonely.id,
      topic: 'Hello',
      text: 'Hello?',
    });
    stage.clock.advance(49 * 3_600_000);
    await stage.escalate();
    expect(await office.told()).toEqual(['message-overdue']);
    // It hears that one waits; it reads none.
    expect((await read(office, sent.body.thread)).status).toBe(403);
  });

  it('a pool reads for everybody while a thread waits, and no longer', async () => {
    const office = await stage.person('administrator');
    const cover = await stage.person('practitioner');
    const bad = await office.put('/api/messaging/settings', { hours: 0, pool: [] });
    expect(bad.status).toBe(422);
    expect((await doctor.put('/api/messaging/settings', { hours: 1, pool: [] })).status).toBe(403);
    // Charts open to a pool: nobody is in it who does not treat people here.
    for (const one of [stranger.id, office.account, randomUUID()])
      expect(
        (await office.put('/api/messaging/settings', { hours: 24, pool: [cover.id, one] })).status,
      ).toBe(422);
    await office.put('/api/messaging/settings', { hours: 24, pool: [cover.id] });
    expect((await ada.get('/api/messaging/settings')).body).toEqual({ hours: 24 });
    const thread = await begin('Pool');
    expect(await cover.told()).toEqual(['message']);
    expect((await cover.post(`/api/messages/${thread}`, { text: 'I stand in.' })).status).toBe(201);
    expect((await cover.post(`/api/messages/${thread}/close`)).status).toBe(200);
    expect((await read(cover, thread)).status).toBe(404);
    expect((await cover.get(`/fhir/R4/Patient/${ada.id}`)).status).toBe(404);
    await office.put('/api/messaging/settings', { hours: 48, pool: [] });
  });
});

describe('nobody else', () => {
  it('reads, writes, marks or drafts in a thread of hers; all of it is one 404', async () => {
    const thread = await begin('Private');
    const elsewhere = await stage.person('practitioner', { tenant: 2 });
    for (const who of [stranger, colleague, elsewhere]) {
      const answers = [
        await read(who, thread),
        await who.post(`/api/messages/${thread}`, { text: 'x' }),
        await who.post(`/api/messages/${thread}/seen`, { seq: 1 }),
        await who.get(`/api/messages/${thread}/team`),
        await who.post(`/api/messages/${thread}/close`),
        await who.put(`/api/messages/drafts/${thread}`, { text: 'x' }),
        await who.post('/api/messages', { patient: ada.id, topic: 'x', text: 'x' }),
        await who.get(`/api/messages/drafts/${ada.id}`),
      ];
      expect(answers.map((one) => one.status)).toEqual(answers.map(() => 404));
      expect(await box(who, 'all')).not.toContain(thread);
      expect(JSON.stringify(answers.map((one) => one.body))).not.toContain('Private');
    }
    const made = [randomUUID(), 'x', ada.id, '%2e%2e'];
    for (const id of made) expect((await read(ada, id)).status).toBe(404);
  });

  it('an app, the office, somebody without a record of her own write none', async () => {
    const office = await stage.person('administrator');
    const app = await stage.person('patient', {
      app: { client: randomUUID(), grant: randomUUID() },
    });
    for (const who of [office, app]) {
      expect((await who.get('/api/messages')).status).toBe(403);
      expect(
        (await who.post('/api/messages', { patient: ada.id, topic: 'x', text: 'x' })).status,
      ).toBe(403);
    }
  });

  it('whose care has ended, at the next look', async () => {
    const locum = await stage.person('practitioner');
    const care = await stage.cares(locum, ada);
    const thread = await begin('Locum');
    expect((await read(locum, thread)).status).toBe(200);
    await locum.post(`/api/messages/${thread}/assign`, { to: locum.account });
    await care.without();
    expect((await read(locum, thread)).status).toBe(404);
    expect((await locum.post(`/api/messages/${thread}`, { text: 'x' })).status).toBe(404);
    expect(await box(locum, 'mine')).toEqual([]);
    // What comes now is told to who may read it.
    const before = (await locum.told()).length;
    await ada.post(`/api/messages/${thread}`, { text: 'Are you there?' });
    expect((await locum.told()).length).toBe(before);
  });

  it('from whom she has withdrawn her consent, at the next look', async () => {
    const shut = await stage.person('practitioner');
    await stage.cares(shut, ada);
    const thread = await begin('Consent');
    expect((await read(shut, thread)).status).toBe(200);
    const consent: Consent = {
      resourceType: 'Consent',
      status: 'active',
      scope: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
        ],
      },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      patient: { reference: `Patient/${ada.id}` },
      performer: [{ reference: `Patient/${ada.id}` }],
      dateTime: new Date(stage.clock.now()).toISOString(),
      policyRule: { text: 'opt-out' },
      provision: {
        type: 'deny',
        actor: [
          {
            role: {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
                  code: 'PRCP',
                },
              ],
            },
            reference: { reference: `Practitioner/${shut.id}` },
          },
        ],
      },
    };
    await stage.world.records.create(ada.caller, consent);
    expect((await read(shut, thread)).status).toBe(404);
    expect((await shut.post(`/api/messages/${thread}`, { text: 'x' })).status).toBe(404);
    expect(await box(shut, 'all')).not.toContain(thread);
    expect(await unread(shut)).toBe(0);
  });
});
