/** The socket of a visit against signalling.md, rule by rule, over two API processes. */
import { openDb } from '@afar/platform';
import { describe, expect, it } from 'vitest';
import type { AppointmentView } from '../contract.ts';
import { meetings } from '../testing/meeting.ts';
import { baseUrl, type Person } from '../testing/clinic.ts';

const day = meetings();
const { socket, ticket, joined } = day;
const peerOf = (is: { peer: string; roster: { peer: string }[] }): string =>
  is.roster.find((one) => one.peer !== is.peer)!.peer;
const sdp = 'v=0\r\n'.padEnd(20_000, 'a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n');
const fresh = (length: number): string => Buffer.alloc(length, 7).toString('base64url');

describe('two browsers on one process', () => {
  it('R1: both speak at the same moment, and neither waits for the other', async () => {
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient);
    const ends = [
      { ...doctor, to: person.is.peer },
      { ...person, to: doctor.is.peer },
    ];
    for (let epoch = 1; epoch <= 30; epoch++)
      for (const { at, to } of ends) at.say({ type: 'commit', to, epoch, commitment: fresh(32) });
    for (const { at } of ends) {
      const heard: number[] = [];
      for (let n = 0; n < 30; n++) heard.push((await at.hear('commit')).epoch);
      expect(heard).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
    }
  });
});

describe('two browsers on two processes', () => {
  it('J3 J5 R1 R2: they join, see each other, and messages pass unread and in order', async () => {
    const doctor = await joined(day.clinician);
    expect(doctor.is).toMatchObject({ peerRole: 'offer', session: 1, iceServers: [] });
    const person = await joined(day.patient, day.second);
    expect(person.is).toMatchObject({ peerRole: 'answer', session: 1 });
    expect(person.is.roster.map((one) => [one.role, one.present])).toEqual([
      ['clinician', true],
      ['patient', true],
    ]);
    const { roster } = await doctor.at.hear('roster');
    expect(roster.find((one) => one.role === 'patient')).toMatchObject({
      present: true,
      session: 1,
    });
    const to = peerOf(doctor.is);
    expect(to).toBe(person.is.peer);
    doctor.at.say({ type: 'offer', to, negotiation: 1, sdp, iceRestart: false });
    for (let n = 0; n < 50; n++)
      doctor.at.say({ type: 'candidate', to, negotiation: 1, candidate: { candidate: `c${n}` } });
    const offer = await person.at.hear('offer');
    expect(offer).toEqual({
      type: 'offer',
      from: doctor.is.peer,
      session: 1,
      n: expect.any(Number),
      negotiation: 1,
      sdp,
      iceRestart: false,
    });
    const heard: string[] = [];
    for (let n = 0; n < 50; n++)
      heard.push((await person.at.hear('candidate')).candidate!.candidate);
    expect(heard).toEqual(Array.from({ length: 50 }, (_, n) => `c${n}`));
    const back = peerOf(person.is);
    person.at.say({ type: 'answer', to: back, negotiation: 1, sdp });
    person.at.say({ type: 'commit', to: back, epoch: 2, commitment: fresh(32) });
    person.at.say({ type: 'reveal', to: back, epoch: 2, publicKey: fresh(65), nonce: fresh(32) });
    person.at.say({ type: 'restart', to: back, reason: 'ice-failed' });
    expect((await doctor.at.hear('answer')).from).toBe(person.is.peer);
    expect((await doctor.at.hear('commit')).commitment).toBe(fresh(32));
    expect((await doctor.at.hear('reveal')).publicKey).toBe(fresh(65));
    expect((await doctor.at.hear('restart')).reason).toBe('ice-failed');
    // N1 N3: numbered for each receiver without a gap; what a browser has is forgotten, and nothing stays behind.
    for (const { at } of [doctor, person]) {
      const numbers = at.told.flatMap((one) =>
        'n' in one && one.type !== 'joined' ? [one.n] : [],
      );
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      at.say({ type: 'renew', after: numbers.length });
      await at.hear('renewed');
    }
    const left = await day.clinic.data.ownerDb.query('select from visits.room_message');
    expect(left.rowCount).toBe(0);
    // Both in the room is a visit in progress.
    const view = await day.patient.get<AppointmentView>(`/api/visits/${day.visit.id}`);
    expect(view.body.state).toBe('in-progress');
  });

  it('R5: what waits in the database is sealed', async () => {
    const doctor = await joined(day.clinician);
    const away = await joined(day.patient, day.second);
    const to = peerOf(doctor.is);
    away.at.close();
    await away.at.closed;
    doctor.at.say({ type: 'offer', to, negotiation: 1, sdp, iceRestart: false });
    const rows = (): Promise<{ rows: { body: Buffer }[] }> =>
      day.clinic.data.ownerDb.query<{ body: Buffer }>('select body from visits.room_message');
    await expect.poll(async () => (await rows()).rows.length).toBe(1);
    expect((await rows()).rows[0]!.body.includes('192.0.2.1')).toBe(false);
    // A join with a ticket is a new session: it negotiates anew, the old offer is gone.
    const person = await joined(day.patient, day.second);
    await doctor.at.hear('roster');
    doctor.at.say({ type: 'candidate', to, negotiation: 2, candidate: null });
    await person.at.hear('candidate');
    expect(person.at.told.some((one) => one.type === 'offer')).toBe(false);
  });

  it('J4: the same person from elsewhere takes the seat over, and a new session begins', async () => {
    const first = await joined(day.patient);
    const again = await joined(day.patient, day.second);
    expect(again.is).toMatchObject({ peer: first.is.peer, session: 2 });
    expect((await first.at.hear('revoked')).reason).toBe('replaced');
    expect(await first.at.closed).toBe(4409);
    // The page that was replaced does not come back by its resume token.
    const late = await socket(day.patient);
    late.say({ type: 'join', token: first.is.resume });
    expect(await late.closed).toBe(4401);
    again.at.say({ type: 'renew' });
    await again.at.hear('renewed');
  });

  it('R6 E2: what a peer sends and that it left is told to the other', async () => {
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient, day.second);
    await doctor.at.hear('roster');
    const media = { camera: false, microphone: true, screen: false, audioOnly: true };
    person.at.say({ type: 'media', media });
    const { roster } = await doctor.at.hear('roster');
    expect(roster.find((one) => one.role === 'patient')!.media).toEqual(media);
    person.at.say({ type: 'leave' });
    expect(await person.at.closed).toBe(1000);
    const after = (await doctor.at.hear('roster')).roster.find((one) => one.role === 'patient')!;
    expect(after).toMatchObject({ present: false, media: { audioOnly: false } });
    const back = await socket(day.patient);
    back.say({ type: 'join', token: person.is.resume });
    expect(await back.closed).toBe(4401);
  });

  it('E1: the end reaches both ends on both processes', async () => {
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient, day.second);
    const unused = await ticket(day.patient);
    await day.clinician.post(`/api/visits/${day.visit.id}/end`, {});
    for (const { at } of [doctor, person]) {
      expect((await at.hear('revoked')).reason).toBe('ended');
      expect(await at.closed).toBe(4410);
    }
    for (const token of [unused.token, person.is.resume]) {
      const late = await socket(day.patient);
      late.say({ type: 'join', token });
      expect((await late.hear('error')).code).toBe('ticket-refused');
    }
  });

  it('W2 E1: sent back to the waiting room, the watcher is told and comes in again after admission', async () => {
    const person = await joined(day.patient, day.second);
    const watcher = await socket(day.patient);
    watcher.say({ type: 'watch' });
    expect((await watcher.hear('status')).state).toMatch(/admitted|in-progress/);
    await day.clinician.post(`/api/visits/${day.visit.id}/return`);
    expect((await person.at.hear('revoked')).reason).toBe('returned');
    let { state } = await watcher.hear('status');
    while (state !== 'waiting') ({ state } = await watcher.hear('status'));
    await day.clinician.post(`/api/visits/${day.visit.id}/admit`);
    while (state !== 'admitted') ({ state } = await watcher.hear('status'));
    const { token } = await ticket(day.patient);
    watcher.say({ type: 'join', token });
    expect(await watcher.hear('joined')).toMatchObject({ peer: person.is.peer, session: 2 });
  });
});

describe('leases', () => {
  it('L1 L3: renewed, it lasts; not renewed, it ends after 60 s and the other sees it', async () => {
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient, day.second);
    day.clinic.clock.advance(30_000);
    doctor.at.say({ type: 'renew' });
    const renewed = await doctor.at.hear('renewed');
    expect(Date.parse(renewed.leaseUntil) - day.clinic.clock.now()).toBe(60_000);
    day.clinic.clock.advance(31_000);
    expect(await person.at.closed).toBe(4408);
    await expect
      .poll(
        () => {
          const roster = doctor.at.told.findLast((one) => one.type === 'roster')?.roster;
          return roster?.find((one) => one.role === 'patient')?.present;
        },
        { timeout: 5_000 },
      )
      .toBe(false);
    const late = await socket(day.patient);
    late.say({ type: 'join', token: person.is.resume });
    expect(await late.closed).toBe(4401);
  });
});

describe('S7: who is no longer let in, on whichever process she sits', () => {
  // No clock moves here: nothing is asked for at a renewal or a status.
  const endUntold = (who: Person) =>
    day.clinic.data.ownerDb.query('delete from access.session where account = $1', [who.account]);
  const both = async (who: Person) => {
    const seated = await joined(who, day.second);
    const watching = await socket(who, day.second);
    watching.say({ type: 'watch' });
    await watching.hear('status');
    return { seated, watching };
  };
  const out = async ({ seated, watching }: Awaited<ReturnType<typeof both>>) => {
    const started = Date.now();
    const { reason } = await seated.at.hear('revoked');
    const codes = [await seated.at.closed, await watching.closed];
    return { reason, codes, inTime: Date.now() - started < 5_000 };
  };
  const shutOut = { reason: 'access-withdrawn', codes: [4410, 4401], inTime: true };

  it('signed out elsewhere: her sockets close, the other end sees her gone, her resume token is void', async () => {
    const doctor = await joined(day.clinician);
    const hers = await both(day.patient);
    await doctor.at.hear('roster');
    expect((await day.patient.post('/auth/sign-out')).status).toBe(204);
    expect(await out(hers)).toEqual(shutOut);
    const { roster } = await doctor.at.hear('roster');
    expect(roster.find((one) => one.role === 'patient')!.present).toBe(false);
    await day.patient.signIn();
    const late = await socket(day.patient);
    late.say({ type: 'join', token: hers.seated.is.resume });
    expect(await late.closed).toBe(4401);
    doctor.at.say({ type: 'renew' });
    await doctor.at.hear('renewed');
  });

  it('her account is disabled', async () => {
    const hers = await both(day.patient);
    await day.clinic.access.accounts.disable(1, day.patient.account);
    expect(await out(hers)).toEqual(shutOut);
  });

  it('all her sessions are revoked; what belongs to others stays', async () => {
    const doctor = await joined(day.clinician, day.second);
    const hers = await both(day.patient);
    await day.clinic.access.sessions.revokeAll(1, day.patient.account);
    expect(await out(hers)).toEqual(shutOut);
    doctor.at.say({ type: 'renew' });
    await doctor.at.hear('renewed');
  });

  it('one of her sessions is ended, the other stays', async () => {
    const old = { ...day.patient, cookie: day.patient.cookie };
    const hers = await both(old);
    await day.patient.signIn();
    const kept = await socket(day.patient, day.second);
    kept.say({ type: 'watch' });
    await kept.hear('status');
    const ended = await day.clinic.http.inject({
      method: 'POST',
      url: '/auth/sign-out',
      headers: { host: 'localhost:8170', origin: baseUrl, cookie: old.cookie },
    });
    expect(ended.statusCode).toBe(204);
    expect(await out(hers)).toEqual(shutOut);
    kept.say({ type: 'watch' });
    await kept.hear('status');
  });

  it('the event was lost: asked for when the process hears again', async () => {
    const hers = await both(day.patient);
    await endUntold(day.patient);
    const admin = openDb(day.clinic.data.urls.admin, { max: 1 });
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'afar-events' and datname = current_database()`,
    );
    await admin.close();
    expect(await out(hers)).toEqual(shutOut);
  });

  it('L1 W2: the event was lost for good: at the next renewal, and at the next status', async () => {
    const { seated, watching } = await both(day.patient);
    await endUntold(day.patient);
    seated.at.say({ type: 'renew' });
    expect((await seated.at.hear('revoked')).reason).toBe('access-withdrawn');
    day.clinic.clock.advance(15_001);
    expect(await watching.closed).toBe(4401);
  });
});

describe('a process that goes down', () => {
  it('E3: closes its sockets with 1001; the seat is resumed on the other', async () => {
    const third = await day.clinic.another();
    const person = await joined(day.patient, third);
    await third.close();
    expect(await person.at.closed).toBe(1001);
    const back = await socket(day.patient, day.second);
    back.say({ type: 'join', token: person.is.resume });
    expect(await back.hear('joined')).toMatchObject({ peer: person.is.peer, session: 1 });
  });
});
