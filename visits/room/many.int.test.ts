/** Rooms of more than two, over two API processes: guests, epochs, engines, messages that are neither lost nor doubled. */
import { describe, expect, it } from 'vitest';
import type { Guests } from '../contract.ts';
import type { Peer } from '../messages.ts';
import { socketOf, type BrowserSocket } from '../testing/browser-socket.ts';
import { admittedGuest, arriveAsGuest, invite, type TestGuest } from '../testing/guest.ts';
import { manyEngine, publish } from '../testing/many-engine.ts';
import { meetings, rosterWhen, seatIn } from '../testing/meeting.ts';

const engine = manyEngine();
const day = meetings({}, undefined, engine);
const { joined, kept, seated } = day;
const guestIn = (kind: Peer['as'] & string, name?: string): Promise<TestGuest> =>
  admittedGuest(day.clinic, day.clinician, day.patient, day.visit.id, kind, name);

describe('two, three and two again', () => {
  it('J5: a guest is on every roster from her admission, the engine changes before she comes and back after she went, each change of seats is an epoch', async () => {
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient, day.second);
    expect([doctor.is.engine, doctor.is.epoch, person.is.epoch]).toEqual(['p2p', 1, 2]);
    await rosterWhen(doctor.at, (told) => told.epoch === 2);
    const guest = await guestIn('interpreter', 'Ida Okafor');
    for (const { at } of [doctor, person]) {
      const told = await rosterWhen(at, ({ engine }) => engine === 'sfu');
      expect(told.epoch).toBe(2);
      expect(seatIn(told.roster, 'guest')).toMatchObject({
        as: 'interpreter',
        name: 'Ida Okafor',
        session: 0,
        seated: false,
        present: false,
      });
    }
    const third = await seated(await guest.join(day.second));
    expect(third.is).toMatchObject({ engine: 'sfu', epoch: 3, session: 1, peerRole: 'answer' });
    expect(third.is.roster.map((one) => one.role)).toEqual(['clinician', 'guest', 'patient']);
    // The record of the patient is not hers: of the two she learns no name.
    expect(third.is.roster.filter((one) => one.role !== 'guest').some((one) => one.name)).toBe(
      false,
    );
    await expect.poll(() => engine.linked(day.visit.id)).toHaveLength(3);
    third.at.say(publish(['audio', 'video']));
    expect((await third.at.hear('sfu-published')).negotiation).toBe(1);
    expect(engine.received(day.visit.id, person.is.peer)).toMatchObject({
      [third.is.peer]: ['audio', 'video'],
    });
    // A resume is no new epoch.
    third.at.close();
    const again = kept(await guest.socket());
    again.say({ type: 'join', token: third.is.resume, after: 0 });
    expect(await again.hear('joined')).toMatchObject({ epoch: 3, session: 1 });
    // L5: her media run on meanwhile, without a new offer.
    expect(engine.received(day.visit.id, person.is.peer)[third.is.peer]).toEqual([
      'audio',
      'video',
    ]);
    // Another network: the old socket is still open here when the new one comes.
    const moved = kept(await guest.socket());
    again.say({ type: 'renew' });
    const { resume } = await again.hear('renewed');
    moved.say({ type: 'join', token: resume, after: 0 });
    await moved.hear('joined');
    expect((await again.hear('revoked')).reason).toBe('replaced');
    await again.closed;
    expect(engine.received(day.visit.id, person.is.peer)[third.is.peer]).toEqual([
      'audio',
      'video',
    ]);
    moved.say({ type: 'leave' });
    const after = await rosterWhen(doctor.at, ({ epoch }) => epoch === 4);
    expect(after.engine).toBe('p2p');
    expect(seatIn(after.roster, 'guest')).toMatchObject({ seated: false, present: false });
  });

  it('N4: a seat whose process died is given up by whoever renews next, and that is an epoch', async () => {
    const third = await day.clinic.another();
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient, third);
    await rosterWhen(doctor.at, ({ epoch }) => epoch === 2);
    // As after kill -9: the row keeps a connection that nobody holds.
    person.at.close();
    await rosterWhen(doctor.at, (told) => !seatIn(told.roster, 'patient').present);
    await day.clinic.data.ownerDb.query(
      `update visits.seat set connection = gen_random_uuid() where visit = $1 and role = 'patient'`,
      [day.visit.id],
    );
    day.clinic.clock.advance(50_000);
    doctor.at.say({ type: 'renew' });
    await doctor.at.hear('renewed');
    day.clinic.clock.advance(11_000);
    doctor.at.say({ type: 'renew' });
    const told = await rosterWhen(doctor.at, ({ epoch }) => epoch === 3);
    expect(seatIn(told.roster, 'patient')).toMatchObject({ seated: false, present: false });
    await third.close();
  });

  it('E1: after the end no room, no seat, no session, no link of a guest is left', async () => {
    const doctor = await joined(day.clinician);
    const guest = await guestIn('relative');
    const third = await seated(await guest.join(day.second));
    await day.clinician.post(`/api/visits/${day.visit.id}/end`, {});
    for (const { at } of [doctor, third]) {
      expect((await at.hear('revoked')).reason).toBe('ended');
      expect(await at.closed).toBe(4410);
    }
    for (const table of ['seat', 'room', 'room_inbox', 'room_message', 'room_heard', 'ticket']) {
      const { rowCount } = await day.clinic.data.ownerDb.query(
        `select from visits.${table} where visit = $1`,
        [day.visit.id],
      );
      expect([table, rowCount]).toEqual([table, 0]);
    }
    expect(engine.rooms.has(day.visit.id)).toBe(false);
    expect((await guest.send('GET', '/api/visit-guest')).status).toBe(401);
    expect((await guest.send('POST', '/api/visit-guest/join', {})).status).toBe(401);
  });

  it('E1: sent back to the waiting room, everybody is out; the guest waits, and needs the clinician again, not the patient', async () => {
    const guest = await guestIn('interpreter');
    const third = await seated(await guest.join());
    await day.clinician.post(`/api/visits/${day.visit.id}/return`);
    expect((await third.at.hear('revoked')).reason).toBe('returned');
    expect((await guest.send('GET', '/api/visit-guest')).body.state).toBe('waiting');
    expect((await guest.send('POST', '/api/visit-guest/join', {})).status).toBe(409);
    await day.clinician.post(`/api/visits/${day.visit.id}/admit`);
    const at = `/api/visits/${day.visit.id}/guests/${guest.id}/admit`;
    expect((await day.clinician.post(at)).body.state).toBe('admitted');
    const again = await seated(await guest.join());
    expect(again.is.engine).toBe('sfu');
  });

  it('L1: the patient withdraws what she agreed to: the guest is out within a second on another process', async () => {
    const person = await joined(day.patient);
    const guest = await guestIn('colleague');
    const third = await seated(await guest.join(day.second));
    await rosterWhen(
      person.at,
      (told) => told.roster.length === 3 && seatIn(told.roster, 'guest').seated,
    );
    const at = `/api/visits/${day.visit.id}/guests/${guest.id}`;
    expect((await day.patient.post(`${at}/answer`, { agree: false })).body.state).toBe('refused');
    expect((await third.at.hear('revoked')).reason).toBe('ejected');
    const told = await rosterWhen(person.at, ({ roster }) => roster.length === 2);
    expect(told).toMatchObject({ engine: 'p2p', epoch: 3 });
    expect(engine.linked(day.visit.id)).not.toContain(third.is.peer);
    expect((await guest.send('GET', '/api/visit-guest')).status).toBe(401);
  });
});

describe('who may send, and to whom', () => {
  it('an observer is on the roster, is sent everything and sends nothing', async () => {
    const doctor = await joined(day.clinician);
    const guest = await guestIn('observer');
    const { at, is } = await seated(await guest.join(day.second));
    expect(is.roster.find((one) => one.peer === is.peer)).toMatchObject({ hidden: true });
    await expect.poll(() => engine.linked(day.visit.id)).toContain(is.peer);
    at.say(publish(['audio']));
    expect(await at.hear('error')).toMatchObject({ code: 'not-allowed', fatal: false });
    at.say({ type: 'sealed', to: 'all', kind: 'stroke', body: 'AAAA' });
    expect((await at.hear('error')).code).toBe('not-allowed');
    at.say({
      type: 'media',
      media: { camera: true, microphone: true, screen: true, audioOnly: false },
    });
    at.say({ type: 'renew' });
    await at.hear('renewed');
    const { body } = await day.clinician.get<Guests>(`/api/visits/${day.visit.id}/guests`);
    expect(body.guests[0]).toMatchObject({ state: 'admitted', peer: is.peer });
    const told = await rosterWhen(doctor.at, (one) =>
      one.roster.some((peer) => peer.seated && peer.hidden),
    );
    expect(seatIn(told.roster, 'guest').media.microphone).toBe(false);
    // She takes part in the keys, or she could hear nothing.
    at.say({ type: 'commit', to: doctor.is.peer, epoch: is.epoch, commitment: 'a'.repeat(43) });
    expect((await doctor.at.hear('commit')).from).toBe(is.peer);
  });

  it('a supervisor’s whisper reaches the clinician alone, everybody sees that she may, and only the clinician says who', async () => {
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient, day.second);
    const trainee = await seated(await (await guestIn('colleague')).join());
    const guest = await guestIn('supervisor');
    const { at, is } = await seated(await guest.join(day.second));
    const told = await rosterWhen(person.at, (one) => one.roster.some((peer) => peer.whispersTo));
    expect(told.roster.find((one) => one.peer === is.peer)!.whispersTo).toEqual([doctor.is.peer]);
    at.say(publish(['audio', 'whisper']));
    await at.hear('sfu-published');
    const hears = (peer: string) => engine.received(day.visit.id, peer)[is.peer];
    expect(hears(doctor.is.peer)).toEqual(['audio', 'whisper']);
    expect(hears(person.is.peer)).toEqual(['audio']);
    expect(hears(trainee.is.peer)).toEqual(['audio']);
    const grant = `/api/visits/${day.visit.id}/guests/${guest.id}/whisper`;
    expect((await day.patient.post(grant, { to: [] })).status).toBe(403);
    expect((await day.clinician.post(grant, { to: [person.is.peer] })).status).toBe(403);
    expect((await day.clinician.post(grant, { to: [trainee.is.peer] })).status).toBe(200);
    expect(hears(doctor.is.peer)).toEqual(['audio']);
    expect(hears(trainee.is.peer)).toEqual(['audio', 'whisper']);
  });

  it('nobody may whisper through an engine that would send it to everybody, and nobody is told that she may', async () => {
    const { caps } = engine;
    Object.assign(engine, { caps: { ...caps, whispers: false } });
    try {
      const doctor = await joined(day.clinician);
      const guest = await guestIn('supervisor');
      const { is } = await seated(await guest.join(day.second));
      expect(seatIn(is.roster, 'guest').whispersTo).toBeUndefined();
      const grant = `/api/visits/${day.visit.id}/guests/${guest.id}/whisper`;
      expect((await day.clinician.post(grant, { to: [doctor.is.peer] })).status).toBe(409);
      expect((await day.clinician.post(grant, { to: [] })).status).toBe(200);
    } finally {
      Object.assign(engine, { caps });
    }
  });

  it('R7: sealed data goes unread to one or to all, never past the seats', async () => {
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient, day.second);
    const third = await seated(await (await guestIn('interpreter')).join(day.second));
    await rosterWhen(doctor.at, (told) => told.roster.filter((one) => one.seated).length === 3);
    doctor.at.say({ type: 'sealed', to: 'all', kind: 'stroke', body: 'c2VhbGVk' });
    doctor.at.say({ type: 'sealed', to: third.is.peer, kind: 'caption', body: 'Zm9y' });
    for (const { at } of [person, third])
      expect(await at.hear('sealed')).toEqual({
        type: 'sealed',
        from: doctor.is.peer,
        session: 1,
        n: 1,
        kind: 'stroke',
        body: 'c2VhbGVk',
      });
    expect((await third.at.hear('sealed')).kind).toBe('caption');
    expect(person.at.told.filter((one) => one.type === 'sealed')).toHaveLength(1);
  });

  it('R8: the engine’s messages are refused while two talk to each other', async () => {
    const { at } = await joined(day.clinician);
    at.say(publish(['audio']));
    expect(await at.hear('error')).toMatchObject({ code: 'no-engine', fatal: false });
  });
});

describe('N1 to N4: nothing lost, nothing doubled', () => {
  const numbers = (at: BrowserSocket): number[] =>
    at.told.flatMap((one) => (one.type === 'sealed' ? [Number(one.kind.slice(1))] : []));
  const text = (n: number) =>
    ({ type: 'sealed', kind: `n${n}`, body: 'AAAA', to: 'all', seq: n }) as const;

  it('both ends change processes in the middle of a stream, each goes on where it was', async () => {
    const mortal = await day.clinic.another();
    const doctor = await joined(day.clinician, mortal);
    const person = await joined(day.patient, mortal);
    await rosterWhen(doctor.at, (told) => told.epoch === 2);
    for (let n = 1; n <= 40; n++) doctor.at.say(text(n));
    await expect.poll(() => numbers(person.at).length).toBeGreaterThan(10);
    // Both sockets go with their process, wherever the stream is at that moment.
    await mortal.close();
    expect(await doctor.at.closed).toBe(1001);
    const got = numbers(person.at);
    const back = kept(await socketOf(day.clinic, day.patient, day.visit.id));
    back.say({ type: 'join', token: person.is.resume, after: got.length });
    expect((await back.hear('joined')).n).toBe(got.length);
    const mine = kept(await socketOf(day.second, day.clinician, day.visit.id));
    mine.say({ type: 'join', token: doctor.is.resume, after: 0 });
    const { heard } = await mine.hear('joined');
    // What was not heard is said again, and some of what was, as a browser that is not sure does.
    for (let n = Math.max(1, heard - 5); n <= 60; n++) mine.say(text(n));
    const all = () => [...got, ...numbers(back)];
    await expect.poll(() => all().length, { timeout: 5_000 }).toBeGreaterThanOrEqual(60);
    expect(all()).toEqual(Array.from({ length: 60 }, (_, n) => n + 1));
  });

  it('a browser that did not get the last ones is told them again, once', async () => {
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient, day.second);
    await rosterWhen(doctor.at, (told) => told.epoch === 2);
    for (let n = 1; n <= 5; n++) doctor.at.say(text(n));
    await expect.poll(() => numbers(person.at)).toHaveLength(5);
    person.at.close();
    // The network swallowed the last two on their way.
    const back = kept(await socketOf(day.clinic, day.patient, day.visit.id));
    back.say({ type: 'join', token: person.is.resume, after: 3 });
    await expect.poll(() => numbers(back)).toEqual([4, 5]);
    // Forgotten once acknowledged.
    back.say({ type: 'renew', after: 5 });
    await back.hear('renewed');
    const left = await day.clinic.data.ownerDb.query(
      'select from visits.room_message where visit = $1',
      [day.visit.id],
    );
    expect(left.rowCount).toBe(0);
  });
});

it('the patient invites a relative herself: admitted by the clinician, she is in without being asked about', async () => {
  const guest = await arriveAsGuest(
    day.clinic,
    await invite(day.patient, day.visit.id, 'relative'),
  );
  const at = `/api/visits/${day.visit.id}/guests/${guest.id}/admit`;
  expect((await day.clinician.post(at)).body).toMatchObject({ state: 'admitted', agreed: true });
  await seated(await guest.join());
});
