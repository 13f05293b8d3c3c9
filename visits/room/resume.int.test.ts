/** A browser that was away: it goes on where it was, misses nothing, and takes nothing from itself [signalling.md L5, N6]. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { OnPhone } from '../contract.ts';
import { meetings } from '../testing/meeting.ts';

const day = meetings();
const { socket, joined } = day;
const sdp = 'v=0\r\n'.padEnd(20_000, 'a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n');

describe('a browser that comes back', () => {
  it('L5: a dropped socket resumes with the same peer and session, on another process, and misses nothing', async () => {
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient, day.second);
    await doctor.at.hear('roster');
    person.at.close();
    const gone = await doctor.at.hear('roster');
    expect(gone.roster.find((one) => one.role === 'patient')!.present).toBe(false);
    const to = person.is.peer;
    doctor.at.say({ type: 'offer', to, negotiation: 2, sdp, iceRestart: true });
    doctor.at.say({ type: 'candidate', to, negotiation: 2, candidate: { candidate: 'late' } });
    await expect
      .poll(
        async () =>
          (await day.clinic.data.ownerDb.query('select from visits.room_message')).rowCount,
      )
      .toBe(2);
    const back = await socket(day.patient);
    back.say({ type: 'join', token: person.is.resume });
    expect(await back.hear('joined')).toMatchObject({ peer: to, session: 1 });
    expect((await back.hear('offer')).iceRestart).toBe(true);
    expect((await back.hear('candidate')).candidate!.candidate).toBe('late');
    // Worth nothing any more once she said something with its successor in hand.
    back.say({ type: 'renew' });
    await back.hear('renewed');
    const thief = await socket(day.patient, day.second);
    thief.say({ type: 'join', token: person.is.resume });
    expect((await thief.hear('error')).code).toBe('ticket-refused');
    expect(await thief.closed).toBe(4401);
  });

  it('L5: an answer that is lost on the way costs nobody the session, neither of a renewal nor of a resume', async () => {
    const person = await joined(day.patient);
    person.at.say({ type: 'renew' });
    const { resume } = await person.at.hear('renewed');
    // As if she had not heard it: the line was cut before.
    person.at.close();
    const cut = await socket(day.patient, day.second);
    cut.say({ type: 'join', token: person.is.resume });
    await cut.hear('joined');
    cut.close();
    const back = await socket(day.patient);
    back.say({ type: 'join', token: person.is.resume });
    expect(await back.hear('joined')).toMatchObject({ peer: person.is.peer, session: 1 });
    // What was never heard is worth nothing after that.
    const late = await socket(day.patient);
    late.say({ type: 'join', token: resume });
    expect((await late.hear('error')).code).toBe('ticket-refused');
  });

  it('L5: a socket that its browser has left takes nothing from the one that it came back on', async () => {
    const person = await joined(day.patient);
    person.at.close();
    const left = await socket(day.patient, day.second);
    const back = await socket(day.patient);
    back.say({ type: 'join', token: person.is.resume });
    await back.hear('joined');
    const media = { camera: false, microphone: true, screen: false, audioOnly: false };
    back.say({ type: 'media', media });
    await back.hear('roster');
    left.say({ type: 'join', token: person.is.resume });
    expect((await left.hear('error')).code).toBe('ticket-refused');
    back.say({ type: 'renew' });
    await back.hear('renewed');
    expect(back.told.some(({ type }) => type === 'revoked')).toBe(false);
  });

  it('N5: what counted its messages was lost in a crash of the database: it comes back, and both hear each other', async () => {
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient, day.second);
    await day.clinic.data.ownerDb.query(
      'truncate visits.room_inbox, visits.room_heard, visits.room_message',
    );
    const [hers, his] = await Promise.all(
      [person, doctor].map(async ({ at, is }) => {
        at.say({ type: 'renew' });
        expect(await at.closed).toBe(1013);
        const back = await socket(is.peer === person.is.peer ? day.patient : day.clinician);
        back.say({ type: 'join', token: is.resume, after: 7 });
        expect(await back.hear('joined')).toMatchObject({ session: is.session, n: 0, heard: 0 });
        return back;
      }),
    );
    const candidate = (to: string, seq: number) => ({
      to,
      type: 'candidate' as const,
      negotiation: 1,
      candidate: null,
      seq,
    });
    hers!.say(candidate(doctor.is.peer, 12));
    expect(await his!.hear('candidate')).toMatchObject({ from: person.is.peer, n: 1 });
    his!.say(candidate(person.is.peer, 31));
    expect(await hers!.hear('candidate')).toMatchObject({ from: doctor.is.peer, n: 1 });
  });

  it.each([
    ['lease-expired', 4408, 'connection = null, seated = false'],
    ['replaced', 4409, 'connection = gen_random_uuid()'],
  ])('L3 L4: at a renewal that finds the seat gone it is told %s', async (reason, code, change) => {
    const person = await joined(day.patient);
    await day.clinic.data.ownerDb.query(
      `update visits.seat set ${change} where visit = $1 and peer = $2`,
      [day.visit.id, person.is.peer],
    );
    person.at.say({ type: 'renew' });
    expect(await person.at.hear('revoked')).toMatchObject({ reason });
    expect(await person.at.closed).toBe(code);
  });

  it('L5: a page that leaves where another page of hers sits by now takes nothing from that one', async () => {
    const person = await joined(day.patient);
    await day.clinic.data.ownerDb.query(
      'update visits.seat set connection = gen_random_uuid() where visit = $1 and peer = $2',
      [day.visit.id, person.is.peer],
    );
    person.at.say({ type: 'leave' });
    await person.at.closed;
    const back = await socket(day.patient);
    back.say({ type: 'join', token: person.is.resume });
    expect(await back.hear('joined')).toMatchObject({ session: person.is.session });
  });

  it('N6: what was pushed while a browser was away is asked for again, and what cannot be is told', async () => {
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient, day.second);
    const recording = randomUUID();
    const recordings = `/api/visits/${day.visit.id}/recordings`;
    await day.clinician.post(recordings, { id: recording, type: 'video/webm' });
    await person.at.hear('recording');
    person.at.close();
    await expect
      .poll(() => {
        const { roster = [] } = doctor.at.told.findLast((one) => one.type === 'roster') ?? {};
        return roster.find((one) => one.role === 'patient')?.present;
      })
      .toBe(false);
    await day.clinician.post(`${recordings}/${recording}/stop`);
    const { body } = await day.clinician.post<OnPhone>(`/api/visits/${day.visit.id}/phone`, {
      reason: 'network',
    });
    const back = await socket(day.patient);
    back.say({ type: 'join', token: person.is.resume });
    await back.hear('missed');
    expect(await back.hear('recording')).toMatchObject({ recording, state: 'stopped' });
    expect((await back.hear('phone')).at).toBe(body.at);
    // Another page of hers begins with nothing: it asks by itself, and cannot ask for this.
    const anew = await joined(day.patient);
    expect((await anew.at.hear('phone')).at).toBe(body.at);
    expect(anew.at.told.some((one) => one.type === 'missed')).toBe(false);
  });
});
