/** Those who break the rules of signalling.md, rule by rule: they get nothing, and the trail says so. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JoinTicket } from '../contract.ts';
import type { ClientMessage } from '../messages.ts';
import { openSocket } from '../testing/browser-socket.ts';
import { meetings } from '../testing/meeting.ts';
import { baseUrl, checks, type Person } from '../testing/clinic.ts';

const day = meetings();
const { socket, ticket, joined } = day;
let stranger: Person;

beforeAll(async () => {
  stranger = await day.clinic.person('patient');
});

const peerOf = (is: { peer: string; roster: { peer: string }[] }): string =>
  is.roster.find((one) => one.peer !== is.peer)!.peer;
const sdp = 'v=0\r\n'.padEnd(20_000, 'a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n');
const fresh = (length: number): string => Buffer.alloc(length, 7).toString('base64url');

describe('those who should get nothing', () => {
  const refused = async (who: Person, token: string, of = day.visit.id): Promise<void> => {
    const at = await socket(who, day.clinic, of);
    at.say({ type: 'join', token });
    expect((await at.hear('error')).code).toBe('ticket-refused');
    expect(await at.closed).toBe(4401);
    expect(at.told.map((one) => one.type)).toEqual(['error']);
  };

  it('J1: an unadmitted patient has no ticket', async () => {
    const waiting = await day.clinic.person('patient');
    const own = await day.clinic.book(waiting, day.clinician);
    await waiting.post(`/api/visits/${own.id}/arrive`, { checks });
    expect((await waiting.post(`/api/visits/${own.id}/join`)).status).toBe(409);
    await refused(waiting, fresh(32), own.id);
    // A ticket of another visit does not open this one, nor is it spoilt by the attempt.
    const { token } = await ticket(day.clinician);
    await refused(day.clinician, token, own.id);
    const at = await socket(day.clinician);
    at.say({ type: 'join', token });
    await at.hear('joined');
  });

  it('J2: expired, replayed, of another person', async () => {
    const old = await ticket(day.patient);
    day.clinic.clock.advance(60_001);
    await refused(day.patient, old.token);
    const { token } = await ticket(day.patient);
    await refused(day.clinician, token);
    const at = await socket(day.patient);
    at.say({ type: 'join', token });
    await at.hear('joined');
    await refused(day.patient, token);
    const { rows } = await day.clinic.data.ownerDb.query<{ n: number }>(
      `select count(*) as n from access.audit_event where rid = $1 and action = 'join-refused' and outcome = 4`,
      [day.visit.id],
    );
    expect(rows[0]!.n).toBe(3);
  });

  it('W1: a stranger and an unknown visit get the same close', async () => {
    const { token } = await ticket(day.patient);
    for (const [who, at] of [
      [stranger, day.visit.id],
      [day.patient, randomUUID()],
    ] as const) {
      const one = await socket(who, day.clinic, at);
      one.say({ type: 'watch' });
      one.say({ type: 'join', token });
      expect(await one.closed).toBe(4404);
      expect(one.told).toEqual([]);
    }
    const office = await day.clinic.person('administrator');
    const one = await socket(office);
    one.say({ type: 'watch' });
    expect(await one.closed).toBe(4404);
  });

  it('S1 S2: not signed in, from another page, or from no page at all', async () => {
    const host = 'localhost:8170';
    const { cookie } = day.patient;
    await expect(openSocket(day.clinic, day.visit.id, { origin: baseUrl, host })).rejects.toThrow(
      '401',
    );
    for (const origin of ['https://evil.example', 'null', 'http://localhost:8170.evil.example'])
      await expect(openSocket(day.clinic, day.visit.id, { cookie, host, origin })).rejects.toThrow(
        '403',
      );
    await expect(openSocket(day.clinic, day.visit.id, { cookie, host })).rejects.toThrow('403');
  });

  it('S3: silence is closed after 5 s', async () => {
    const at = await socket(day.patient);
    await new Promise((resolve) => setTimeout(resolve, 50));
    day.clinic.clock.advance(5_001);
    expect(await at.closed).toBe(4408);
  });

  it('S3 E2: who leaves without ever having come has no business here', async () => {
    const at = await socket(stranger, day.clinic, day.visit.id).catch(() => undefined);
    expect(await at?.closed).toBe(4404);
    const idle = await socket(day.patient);
    idle.say({ type: 'leave' });
    expect((await idle.hear('error')).code).toBe('not-joined');
    expect(await idle.closed).toBe(4403);
  });

  it('S3: who spoke in time is not closed for a server that takes long over it', async () => {
    const { body } = await day.patient.post<JoinTicket>(`/api/visits/${day.visit.id}/join`);
    let go = (): void => undefined;
    const free = new Promise<void>((done) => (go = done));
    let held = (): void => undefined;
    const locked = new Promise<void>((done) => (held = done));
    const slow = day.clinic.data.ownerDb.tx(async (tx) => {
      await tx.query('lock table visits.ticket in access exclusive mode');
      held();
      await free;
    });
    await locked;
    const at = await socket(day.patient);
    at.say({ type: 'join', token: body.token });
    await new Promise((resolve) => setTimeout(resolve, 100));
    day.clinic.clock.advance(5_001);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    go();
    await slow;
    expect((await at.hear('joined')).session).toBe(1);
  });

  it('S4: oversized, binary and malformed frames', async () => {
    const big = await socket(day.patient);
    big.raw('x'.repeat(64 * 1024 + 1));
    expect(await big.closed).toBe(1009);
    const texts: (string | Buffer)[] = [
      'not json',
      '[]',
      '{"type":"shout"}',
      '{"type":"__proto__"}',
      '{"type":"watch","extra":1}',
      '{"type":"join"}',
      `{"type":"offer","to":"x","negotiation":1,"sdp":"v","iceRestart":false}`,
      `{"type":"offer","to":"${randomUUID()}","negotiation":1,"sdp":"${'v'.repeat(49_153)}","iceRestart":false}`,
      `{"type":"candidate","to":"${randomUUID()}","negotiation":-1,"candidate":null}`,
      Buffer.from('{"type":"watch"}'),
    ];
    for (const text of texts) {
      const at = await socket(day.patient);
      at.raw(text);
      expect((await at.hear('error')).code).toBe('malformed');
      expect(await at.closed).toBe(4400);
    }
  });

  it('S5: a flood is cut off', async () => {
    const { at } = await joined(day.patient);
    for (let n = 0; n < 200; n++) at.raw('{"type":"renew"}');
    expect(await at.closed).toBe(4429);
    const many = await joined(day.patient);
    const to = peerOf(many.is);
    const heavy: ClientMessage = { type: 'answer', to, negotiation: 1, sdp: 'v'.repeat(48_000) };
    for (let n = 0; n < 12; n++) many.at.say(heavy);
    expect(await many.at.closed).toBe(4429);
  });

  it('S6: the fifth socket of one person is closed', async () => {
    const four = await Promise.all([1, 2, 3, 4].map(() => socket(day.patient)));
    for (const one of four) one.say({ type: 'watch' });
    const fifth = await socket(day.patient);
    expect(await fifth.closed).toBe(4429);
    await four[0]!.hear('status');
  });

  it('J6 R1 R2: before joining nothing passes; afterwards only to the other seat, only one’s own part', async () => {
    const early = await socket(day.patient);
    early.say({ type: 'watch' });
    early.say({ type: 'restart', to: randomUUID(), reason: 'ice-failed' });
    expect((await early.hear('error')).code).toBe('not-joined');
    expect(await early.closed).toBe(4403);
    const { at, is } = await joined(day.patient);
    for (const to of [randomUUID(), is.peer]) {
      at.say({ type: 'restart', to, reason: 'ice-failed' });
      expect(await at.hear('error')).toMatchObject({ code: 'no-such-peer', fatal: false });
    }
    at.say({ type: 'offer', to: peerOf(is), negotiation: 1, sdp, iceRestart: false });
    expect(await at.hear('error')).toMatchObject({ code: 'wrong-role', fatal: false });
  });

  it('a colleague of the care team may watch and has no seat', async () => {
    const colleague = await day.clinic.clinician();
    await day.clinic.records.create(day.clinic.system, {
      resourceType: 'CareTeam',
      status: 'active',
      subject: { reference: `Patient/${day.patient.id}` },
      participant: [{ member: { reference: `Practitioner/${colleague.id}` } }],
    });
    const at = await socket(colleague);
    at.say({ type: 'watch' });
    await at.hear('status');
    const { token } = await ticket(day.patient);
    at.say({ type: 'join', token });
    expect(await at.closed).toBe(4401);
  });

  it('a colleague whose care relation ends hears nothing more after the next status', async () => {
    const colleague = await day.clinic.clinician();
    const { id } = await day.clinic.records.create(day.clinic.system, {
      resourceType: 'CareTeam',
      status: 'active',
      subject: { reference: `Patient/${day.patient.id}` },
      participant: [{ member: { reference: `Practitioner/${colleague.id}` } }],
    });
    const at = await socket(colleague);
    at.say({ type: 'watch' });
    await at.hear('status');
    await day.clinic.records.remove(day.clinic.system, 'CareTeam', id);
    day.clinic.clock.advance(15_001);
    expect(await at.closed).toBe(4404);
  });
});
