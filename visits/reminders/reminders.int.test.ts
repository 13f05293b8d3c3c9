/** Reminders on a real clinic: laid out, moved, called off, opted out of, handed over once: also when the worker is killed over it. */
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { everyTenant, gateways } from '@afar/platform';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppointmentView, VisitReminders } from '../contract.ts';
import { visitsDefaults } from '../config.ts';
import { clinicianDirectory } from '../directory.ts';
import type { House } from '../house.ts';
import { baseUrl, openClinic, opening, type Clinic, type Person } from '../testing/clinic.ts';
import { handOver, unknownAfterMs } from './hand-over.ts';
import { look } from './part.ts';

const hour = 3_600_000;
const arrived: { to: string; raw: string }[] = [];
/** What the mail server does when a message has come in whole, before it says so. */
let onWhole: (() => Promise<void> | void) | undefined;
let onReceiver: (() => Promise<number | undefined> | number | undefined) | undefined;
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  logger: false,
  onRcptTo(_address, _session, done) {
    void Promise.resolve(onReceiver?.()).then((responseCode) =>
      done(responseCode ? Object.assign(new Error('no'), { responseCode }) : undefined),
    );
  },
  onData(stream, { envelope }, done) {
    let raw = '';
    stream.on('data', (part: Buffer) => (raw += part.toString()));
    stream.on('end', () => {
      arrived.push({ to: envelope.rcptTo[0]!.address, raw });
      void Promise.resolve(onWhole?.()).then(() => done());
    });
  },
});
smtp.on('error', () => undefined);

let clinic: Clinic;
let house: House;
let doctor: Person;
let smtpUrl: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  smtpUrl = `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`;
  const delivery = gateways({ smtp: { url: smtpUrl, from: 'Afar <clinic@example.org>' } });
  clinic = await openClinic({}, delivery);
  const { deps } = clinic;
  house = { ...deps, config: visitsDefaults, directory: clinicianDirectory(deps) };
  doctor = await clinic.clinician();
});
afterAll(async () => {
  await clinic.closeAll();
  house.delivery.close();
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
});

const pass = () =>
  everyTenant(async () => {
    await look(house);
    await handOver(house);
  });

async function bookAt(patient: Person, at: number): Promise<AppointmentView> {
  const slot = await clinic.firstSlot(doctor, at);
  const { status, body } = await patient.post<AppointmentView>(
    '/api/appointments',
    { slotId: slot.id, type: 'video', reason: 'Glowworm-eczema' },
    { 'idempotency-key': randomUUID() },
  );
  expect(status).toBe(201);
  return body;
}
const mailOf = async (who: Person) =>
  (await clinic.access.accounts.get(1, who.account))!.personal.email;
const mailsTo = async (who: Person) => {
  const to = await mailOf(who);
  return arrived.filter((one) => one.to === to);
};
/** Her session has grown old when the clock has moved. */
const of = async (who: Person, visit: string) => {
  await who.signIn();
  const { body } = await who.get<VisitReminders>(`/api/visits/${visit}/reminders`);
  return body.reminders.filter((one) => one.way === 'mail');
};
const words = (raw: string) =>
  raw
    .replaceAll('=\r\n', '')
    .replaceAll('=3D', '=')
    .replaceAll(/\r\n[ \t]+/g, ' ');

describe('a visit ahead', () => {
  it('is reminded of a day and an hour before, with time and nothing else', async () => {
    const ada = await clinic.person('patient', 'Okonjo');
    const visit = await bookAt(ada, opening + 48 * hour);
    await pass();
    expect(await mailsTo(ada)).toEqual([]);
    expect((await of(ada, visit.id)).map((one) => [one.rule, one.state])).toEqual([
      ['24h', 'planned'],
      ['1h', 'planned'],
    ]);
    clinic.clock.set(Date.parse(visit.start) - 24 * hour);
    await pass();
    await pass();
    const [mail, ...more] = await mailsTo(ada);
    expect(more).toEqual([]);
    const text = words(mail!.raw);
    expect(text).toMatch(/10:00[\s\u202f=A-F0-9]*AM EST/);
    expect(text).toMatch(/^List-Unsubscribe: <http:\/\/localhost:8170\/api\/opt-out\/[\w-]{22}>/m);
    for (const secret of ['Okonjo', 'Lindqvist', 'Glowworm', ada.id])
      expect(text).not.toContain(secret);
    // In the app, too.
    await ada.signIn();
    const { body } = await ada.get<{ notices: { kind: string }[] }>('/api/notices');
    expect(body.notices.filter((one) => one.kind === 'reminder')).toHaveLength(1);
    await ada.post(`/api/appointments/${visit.id}/cancel`, { reason: 'better' });
    clinic.clock.set(Date.parse(visit.start) - hour);
    await pass();
    expect(await mailsTo(ada)).toHaveLength(1);
    expect((await of(ada, visit.id)).at(-1)).toMatchObject({
      rule: '1h',
      state: 'dropped',
      fault: 'over',
    });
  });

  it('that was moved is reminded of at its new time, and not at the old one', async () => {
    const bea = await clinic.person('patient');
    const visit = await bookAt(bea, clinic.clock.now() + 48 * hour);
    await pass();
    const old = Date.parse(visit.start);
    const slot = await clinic.firstSlot(doctor, old + 24 * hour);
    const moved = await bea.post<AppointmentView>(
      `/api/appointments/${visit.id}/reschedule`,
      { slotId: slot.id },
      { 'idempotency-key': randomUUID() },
    );
    expect(moved.status).toBe(200);
    const id = moved.body.id;
    // Nobody looked since: what was laid out for the old time is found to be moved when it falls due.
    clinic.clock.set(old - 24 * hour);
    await everyTenant(() => handOver(house));
    expect(await mailsTo(bea)).toEqual([]);
    await pass();
    clinic.clock.set(Date.parse(slot.start) - 24 * hour);
    await pass();
    await pass();
    expect(await mailsTo(bea)).toHaveLength(1);
    await bea.signIn();
    const states = (await of(bea, id)).map((one) => [one.rule, one.state, one.fault ?? '']);
    expect(states).toContainEqual(['24h', 'sent', '']);
    expect(states.filter(([, state]) => state === 'sent')).toHaveLength(1);
  });

  it('its office decides when and whether the time is said', async () => {
    const office = await clinic.person('administrator');
    const rules = {
      visits: [{ id: 'eve', daysBefore: 1, at: '18:00' }],
      sayTime: false,
      surveyAfter: 0,
    };
    await doctor.signIn();
    expect((await doctor.put('/api/reminders/rules', rules)).status).toBe(403);
    const bad = await office.put('/api/reminders/rules', {
      ...rules,
      visits: [{ id: 'x', before: 1 }],
    });
    expect(bad.status).toBe(422);
    expect((await office.put('/api/reminders/rules', rules)).status).toBe(200);
    const cleo = await clinic.person('patient');
    const visit = await bookAt(cleo, clinic.clock.now() + 72 * hour);
    await pass();
    const due = new Date((await of(cleo, visit.id))[0]!.due);
    expect(due.toLocaleTimeString('en-GB', { timeZone: 'America/New_York' })).toBe('18:00:00');
    clinic.clock.set(due.getTime());
    await pass();
    expect((await mailsTo(cleo))[0]!.raw).toContain('An appointment of yours is near.');
    await office.signIn();
    const usual = {
      visits: [
        { id: '24h', before: 1440 },
        { id: '1h', before: 60 },
      ],
      sayTime: true,
      surveyAfter: 0,
    };
    expect((await office.put('/api/reminders/rules', usual)).status).toBe(200);
  });

  it('is not reminded of by mail once she used the link, whatever was laid out', async () => {
    await doctor.signIn();
    const dora = await clinic.person('patient');
    const visit = await bookAt(dora, clinic.clock.now() + 48 * hour);
    await pass();
    const { post } = await clinic.access.contacts.optOutUrls(1, dora.account, 'visits:mail');
    const answer = await clinic.http.inject({
      method: 'POST',
      url: new URL(post).pathname,
      headers: { host: 'localhost:8170', 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'List-Unsubscribe=One-Click',
    });
    expect(answer.statusCode).toBe(200);
    clinic.clock.set(Date.parse(visit.start) - 24 * hour);
    await pass();
    expect(await mailsTo(dora)).toEqual([]);
    expect((await of(dora, visit.id))[0]).toMatchObject({ state: 'dropped', fault: 'unwanted' });
  });

  it('is not told a stranger', async () => {
    await doctor.signIn();
    const [eve, finn] = [await clinic.person('patient'), await clinic.person('patient')];
    const visit = await bookAt(eve, clinic.clock.now() + 48 * hour);
    expect((await finn.get(`/api/visits/${visit.id}/reminders`)).status).toBe(404);
    expect((await finn.get('/api/reminders/standing')).status).toBe(403);
  });
});

describe('the gateway', () => {
  const due = async () => {
    await doctor.signIn();
    const who = await clinic.person('patient');
    const visit = await bookAt(who, clinic.clock.now() + 48 * hour);
    await pass();
    clinic.clock.set(Date.parse(visit.start) - 24 * hour);
    return { who, visit };
  };

  it('that says "later" is asked again; one that says "never" is not', async () => {
    const { who, visit } = await due();
    onReceiver = () => 451;
    await pass();
    expect((await of(who, visit.id))[0]!.state).toBe('planned');
    onReceiver = undefined;
    clinic.clock.advance(120_000);
    await pass();
    expect(await mailsTo(who)).toHaveLength(1);
    const other = await due();
    onReceiver = () => 550;
    await pass();
    onReceiver = undefined;
    clinic.clock.advance(3_600_000);
    await pass();
    expect(await mailsTo(other.who)).toEqual([]);
    expect((await of(other.who, other.visit.id))[0]).toMatchObject({
      state: 'failed',
      fault: 'smtp-550',
    });
  });

  it('twenty workers at once hand it over once', async () => {
    const { who } = await due();
    await everyTenant(() => look(house));
    await Promise.all(Array.from({ length: 20 }, () => everyTenant(() => handOver(house))));
    expect(await mailsTo(who)).toHaveLength(1);
  });
});

describe('a worker that is killed', () => {
  const started: ChildProcess[] = [];
  afterAll(() => {
    for (const one of started) one.kill('SIGKILL');
  });
  /** Runs until it is killed. */
  function worker(): { child: ChildProcess; ended: Promise<unknown> } {
    const ask = {
      url: clinic.data.url,
      auditUrl: clinic.data.urls.audit,
      folder: clinic.folder,
      smtp: smtpUrl,
      baseUrl,
      at: clinic.clock.now(),
    };
    const child = fork(join(import.meta.dirname, '../testing/reminder-worker.ts'), {
      env: { ...process.env, AFAR_TEST_WORKER: JSON.stringify(ask) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    started.push(child);
    return { child, ended: new Promise((resolve) => child.once('exit', resolve)) };
  }

  it(
    'while it hands over: the mail went, and no other worker sends it again',
    { timeout: 60_000 },
    async () => {
      await doctor.signIn();
      const who = await clinic.person('patient');
      const visit = await bookAt(who, clinic.clock.now() + 48 * hour);
      await pass();
      clinic.clock.set(Date.parse(visit.start) - 24 * hour);
      const first = worker();
      await new Promise<void>((resolve) => {
        // The server has the whole message, the worker has no answer yet.
        onWhole = async () => {
          onWhole = undefined;
          first.child.kill('SIGKILL');
          await first.ended;
          resolve();
        };
      });
      expect(await mailsTo(who)).toHaveLength(1);
      expect((await of(who, visit.id))[0]!.state).toBe('handing');
      // Another one comes, at once and after the time that makes it unknown; so does this process.
      const second = worker();
      await new Promise((resolve) => second.child.once('message', resolve));
      await pass();
      clinic.clock.advance(unknownAfterMs + 1);
      await pass();
      await pass();
      second.child.kill('SIGKILL');
      await second.ended;
      expect(await mailsTo(who)).toHaveLength(1);
      await who.signIn();
      expect((await of(who, visit.id))[0]).toMatchObject({ state: 'unknown', fault: 'cut-off' });
      await doctor.signIn();
      // Staff see that it is not known whether she was told.
      expect((await of(doctor, visit.id))[0]).toMatchObject({ state: 'unknown' });
    },
  );

  it(
    'before the mail is whole: it is lost, and said to be unknown',
    { timeout: 60_000 },
    async () => {
      await doctor.signIn();
      const who = await clinic.person('patient');
      const visit = await bookAt(who, clinic.clock.now() + 48 * hour);
      await pass();
      clinic.clock.set(Date.parse(visit.start) - 24 * hour);
      const one = worker();
      await new Promise<void>((resolve) => {
        onReceiver = () => {
          onReceiver = undefined;
          one.child.kill('SIGKILL');
          void one.ended.then(() => resolve());
          return undefined;
        };
      });
      clinic.clock.advance(unknownAfterMs + 1);
      await pass();
      expect(await mailsTo(who)).toEqual([]);
      await who.signIn();
      expect((await of(who, visit.id))[0]).toMatchObject({ state: 'unknown' });
    },
  );
});
