/** What becomes of a seat while its room is prepared, and of what is said to an engine that thinks; over two API processes. */
import { describe, expect, it, vi } from 'vitest';
import type { BrowserSocket } from '../testing/browser-socket.ts';
import { admittedGuest, type TestGuest } from '../testing/guest.ts';
import { manyEngine, publish } from '../testing/many-engine.ts';
import { meetings, rosterWhen, seatIn } from '../testing/meeting.ts';

const engine = manyEngine();
const day = meetings({}, undefined, engine);
const { joined, seated } = day;
const relative = (): Promise<TestGuest> =>
  admittedGuest(day.clinic, day.clinician, day.patient, day.visit.id, 'relative');

/** A clinician and a relative are in the room of many, and the engine says nothing more until `thought`. */
async function whileItThinks(): Promise<{ at: BrowserSocket; thought: () => void }> {
  await joined(day.clinician);
  const guest = await relative();
  const { at } = await seated(await guest.join(day.clinic));
  const thought = Promise.withResolvers<void>();
  engine.thinking = thought.promise;
  return { at, thought: thought.resolve };
}

describe('an engine that thinks for long', () => {
  it('L1: keeps no renewal waiting, and answers in the order of what was said to it', async () => {
    const { at, thought } = await whileItThinks();
    at.say(publish(['audio']));
    at.say({ ...publish(['audio', 'video']), negotiation: 2 });
    at.say({ type: 'renew' });
    await at.hear('renewed');
    thought();
    expect((await at.hear('sfu-published')).negotiation).toBe(1);
    expect((await at.hear('sfu-published')).negotiation).toBe(2);
  });
});

describe('an engine that stands still', () => {
  it('S8: keeps a hundred messages of a socket and not one more', async () => {
    const { at, thought } = await whileItThinks();
    try {
      for (let said = 0; said < 100; said += 1) at.say(publish(['audio']));
      at.say({ type: 'renew' });
      await at.hear('renewed');
      at.say(publish(['audio']));
      expect(await at.hear('error')).toMatchObject({ code: 'too-fast', fatal: true });
      expect(await at.closed).toBe(4429);
    } finally {
      thought();
    }
  });
});

describe('a seat that is taken away while its owner sits down', () => {
  it('E1: is not given to her, no token is left that leads to it, and the others have a new epoch', async () => {
    const doctor = await joined(day.clinician);
    await joined(day.patient);
    const guest = await relative();
    const { at, is } = await seated(await guest.join(day.clinic));
    await rosterWhen(doctor.at, (told) => told.epoch >= is.epoch);
    at.close();
    let opened = (): void => undefined;
    engine.opening = new Promise((done) => (opened = done));
    try {
      const back = await guest.socket(day.second);
      back.say({ type: 'join', token: is.resume });
      await expect
        .poll(async () => {
          const { rows } = await day.clinic.data.ownerDb.query<{ present: boolean }>(
            `select connection is not null as present from visits.seat where visit = $1 and role = 'guest'`,
            [day.visit.id],
          );
          return rows[0]?.present;
        })
        .toBe(true);
      await day.clinician.post(`/api/visits/${day.visit.id}/guests/${guest.id}/revoke`);
      opened();
      await back.closed;
      expect(back.told.map(({ type }) => type)).not.toContain('joined');
    } finally {
      opened();
      engine.opening = Promise.resolve();
    }
    const { rowCount } = await day.clinic.data.ownerDb.query(
      'select from visits.ticket where visit = $1 and person = $2',
      [day.visit.id, guest.id],
    );
    expect(rowCount).toBe(0);
    const told = await rosterWhen(doctor.at, ({ roster }) => !roster.some((one) => one.as));
    expect(told.epoch).toBeGreaterThan(is.epoch);
  });
});

describe('an engine that cannot be reached', () => {
  it('E1: keeps nobody from hearing that the visit is over', async () => {
    const doctor = await joined(day.clinician);
    const person = await joined(day.patient);
    const down = vi.spyOn(engine, 'close').mockRejectedValue(new Error('no way there'));
    try {
      const { status } = await day.clinician.post(`/api/visits/${day.visit.id}/end`, {});
      expect(status).toBe(200);
      for (const { at } of [doctor, person])
        expect(await at.hear('revoked')).toMatchObject({ reason: 'ended' });
    } finally {
      down.mockRestore();
    }
  });
});

describe('a browser that goes while its seat is prepared', () => {
  it('J5: leaves a seat that nobody takes for one who is here', async () => {
    const doctor = await joined(day.clinician);
    const guest = await relative();
    // The room of many is there: what is held up from here on is her own coming.
    await rosterWhen(doctor.at, (told) => told.engine === 'sfu');
    let opened = (): void => undefined;
    engine.opening = new Promise((done) => (opened = done));
    try {
      const gone = await guest.join(day.second);
      await rosterWhen(doctor.at, (told) => told.roster.some((one) => one.as && one.present));
      gone.close();
      await gone.closed;
    } finally {
      opened();
      engine.opening = Promise.resolve();
    }
    const told = await rosterWhen(doctor.at, ({ roster }) =>
      roster.some((one) => one.as && !one.present),
    );
    expect(seatIn(told.roster, 'guest')).toMatchObject({ as: 'relative', present: false });
  });

  it('E1: is signed out for good when her invitation ends in the moment in which she is told that she is back, and there is a new epoch', async () => {
    const doctor = await joined(day.clinician);
    const guest = await relative();
    const { at, is } = await seated(await guest.join(day.second));
    await rosterWhen(doctor.at, (told) => told.epoch >= is.epoch);
    at.close();
    const back = day.kept(await guest.socket(day.second));
    back.say({ type: 'join', token: is.resume });
    await Promise.all([
      day.clinician.post(`/api/visits/${day.visit.id}/guests/${guest.id}/revoke`),
      back.closed,
    ]);
    const told = await rosterWhen(doctor.at, ({ roster }) => !roster.some((one) => one.as));
    expect(told.epoch).toBeGreaterThan(is.epoch);
  });
});
