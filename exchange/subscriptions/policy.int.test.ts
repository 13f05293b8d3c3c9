/** A subscription never tells of what its creator may not see, and of nothing at all once her rights end. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessSealedStores, systemCaller, type Caller } from '@afar/access';
import type { Observation, Subscription } from '@afar/fhir';
import { KeyUnavailable } from '@afar/platform';
import { keyWorkOf } from '@afar/records';
import { openClinic, plain, topical, until, type Clinic } from '../testing/clinic.ts';
import { openReceiver, type Receiver } from '../testing/receiver.ts';
import { eventsOf } from './rows.ts';
import { subscriptionSealedStores } from './sealed-stores.ts';

let clinic: Clinic;
let hook: Receiver;
beforeAll(async () => {
  clinic = await openClinic();
  hook = await openReceiver();
});
afterAll(async () => {
  await clinic.close();
  await hook.close();
});
afterEach(() => {
  hook.got.length = 0;
  hook.answer(() => 200);
});

const statusOf = async (id: string): Promise<string> => {
  const { rows } = await clinic.data.db.query<{ status: string }>(
    'select status from exchange.subscription where id = $1',
    [id],
  );
  return rows[0]!.status;
};

const activeOn = async (on: Clinic, caller: Caller, wish: Subscription): Promise<string> => {
  const { id } = await on.records.create(caller, wish);
  await until(
    async () =>
      (await on.records.read<Subscription>(caller, 'Subscription', id)).resource.status ===
      'active',
    'the subscription is active',
  );
  return id;
};

const subscribe = (caller: Caller, wish: Subscription) => activeOn(clinic, caller, wish);

/** Everything that could be told of a patient: a chart with her name in it, made, changed and taken away. */
async function live(on: Clinic, patient: string): Promise<void> {
  const pulse = await on.pulse(patient);
  const { resource } = await on.records.read<Observation>(on.system, 'Observation', pulse);
  await on.records.update(on.system, { ...resource, status: 'amended' });
  await on.records.remove(on.system, 'Observation', pulse);
  await on.pulse(patient, { meta: { security: [{ code: 'R' }] } });
}

/**
 * One world in which a hidden patient lives and one in which she does not, seen by the same practitioner through subscriptions of every
 * form. @returns what she was told in each: the numbers and how often each of her subscriptions was told something
 */
async function twinWorlds(on: Clinic): Promise<{ without: string[]; withHidden: string[] }> {
  const tell = async (hidden: boolean): Promise<string[]> => {
    const receiver = await openReceiver();
    const shownTo = await on.patient();
    const other = await on.patient();
    const { caller } = await on.practitioner([shownTo.id]);
    const wishes = [
      topical('observation-change', `${receiver.url}/all`),
      topical('observation-change', `${receiver.url}/code`, {
        filters: ['Observation?code=8867-4'],
      }),
      topical('observation-change', `${receiver.url}/chain`, {
        filters: ['Observation?subject:Patient.family=Okonjo'],
      }),
      topical('observation-change', `${receiver.url}/her`, {
        filters: [`Observation?patient=Patient/${other.id},Patient/${shownTo.id}`],
        content: 'full-resource',
      }),
      topical('observation-change', `${receiver.url}/not`, {
        filters: ['Observation?status:not=amended'],
        content: 'empty',
      }),
      plain('Observation?code=8867-4', { type: 'rest-hook', endpoint: `${receiver.url}/plain` }),
    ];
    const ids: string[] = [];
    for (const wish of wishes) ids.push(await activeOn(on, caller, wish));
    if (hidden) await live(on, other.id);
    const last = await on.pulse(shownTo.id);
    const done = (path: string) => (one: { url: string; numbers: number[] }) =>
      one.url.endsWith(path) && (path === '/plain' || one.numbers.length > 0);
    for (const path of ['/all', '/code', '/chain', '/her', '/not', '/plain'])
      await until(() => receiver.got.some(done(path)), `the visible change at ${path}`);
    await receiver.close();
    for (const id of ids) await on.records.remove(caller, 'Subscription', id);
    const told = receiver.got
      .filter(({ type }) => type !== 'handshake')
      .map(({ url, numbers, text }) =>
        [
          url,
          numbers.join(),
          text.includes(last) ? 'the visible one' : '',
          text.includes(other.id) ? 'THE HIDDEN ONE' : '',
        ].join(' '),
      );
    return told.sort();
  };
  return { without: await tell(false), withHidden: await tell(true) };
}

describe('twin worlds', () => {
  it('that differ in a hidden patient are told of alike', async () => {
    const { without, withHidden } = await twinWorlds(clinic);
    expect(without).toHaveLength(6);
    expect(withHidden).toEqual(without);
  });

  it('differ as soon as the policy is taken out: the test has teeth', async () => {
    // The mutant: acts for the house instead of for whoever asked.
    const mutant = await openClinic({
      wrapAccess: (access) => ({
        ...access,
        standIn: async (who, why) => ({
          ...systemCaller(who.tenant, clinic.clock, why),
          id: who.id,
        }),
      }),
    });
    try {
      const { without, withHidden } = await twinWorlds(mutant);
      expect(withHidden).not.toEqual(without);
    } finally {
      await mutant.close();
    }
  });
});

it('what was hidden between the change and its delivery is told by its number alone', async () => {
  const { id: patient } = await clinic.patient();
  const { caller } = await clinic.practitioner([patient]);
  const wish = topical('observation-change', hook.url, { content: 'full-resource' });
  const id = await subscribe(caller, wish);
  hook.answer(() => ({ status: 503, headers: { 'retry-after': '120' } }));
  const pulse = await clinic.pulse(patient);
  await until(async () => {
    const sql = 'select failures from exchange.subscription where id = $1';
    const { rows } = await clinic.data.db.query<{ failures: number }>(sql, [id]);
    return rows[0]!.failures > 0;
  }, 'a try that failed');
  const { entry } = await clinic.records.search(clinic.system, 'Encounter', [['patient', patient]]);
  await clinic.records.remove(clinic.system, 'Encounter', entry![0]!.resource!.id!);
  hook.answer(() => 200);
  clinic.pass(121_000);
  await until(() => hook.numbers().length === 1, 'the event');
  const told = hook.got.at(-1)!;
  expect(told.numbers).toEqual([1]);
  expect(told.text).not.toContain(pulse);
  expect(told.bundle!.entry).toHaveLength(1);
  // Her rights in this chart are over: what happens there from now on is not told at all.
  await clinic.pulse(patient);
  const { id: another } = await clinic.patient();
  await clinic.records.create(clinic.system, {
    resourceType: 'Encounter',
    status: 'in-progress',
    class: { code: 'AMB' },
    subject: { reference: `Patient/${another}` },
    participant: [{ individual: { reference: `Practitioner/${caller.fhirUser!.id}` } }],
  });
  await clinic.pulse(another);
  await until(() => hook.numbers().length === 2, 'an event of another chart');
  expect(hook.numbers()).toEqual([1, 2]);
  await clinic.records.remove(caller, 'Subscription', id);
});

describe('rights that end', () => {
  it('an account that is disabled is told nothing more: its subscription is off', async () => {
    const { id: patient, caller } = await clinic.patient();
    const id = await subscribe(caller, topical('observation-change', hook.url));
    await clinic.access.accounts.disable(1, caller.id);
    await clinic.pulse(patient);
    await until(async () => (await statusOf(id)) === 'off', 'off');
    expect(hook.numbers()).toEqual([]);
  });

  it('an account in a role that may not read the type is told nothing more', async () => {
    const { id: patient } = await clinic.patient();
    const { caller } = await clinic.practitioner([patient]);
    const id = await subscribe(caller, topical('observation-change', hook.url));
    await clinic.access.accounts.change(1, caller.id, { role: 'administrator' });
    await clinic.pulse(patient);
    await until(async () => (await statusOf(id)) === 'off', 'off');
    expect(hook.numbers()).toEqual([]);
  });

  it('a client is told what its scopes let it read, until it is revoked', async () => {
    const { id: patient } = await clinic.patient();
    const scope = 'system/Subscription.cruds system/Observation.rs?code=http://loinc.org|8867-4';
    const caller = await clinic.client(scope);
    const id = await subscribe(caller, topical('observation-change', hook.url));
    await clinic.pulse(patient, { code: { coding: [{ code: 'outside' }] } });
    const inside = await clinic.pulse(patient);
    await until(() => hook.numbers().length === 1, 'the one in scope');
    expect(hook.got.at(-1)!.text).toContain(inside);
    const { rows } = await clinic.data.db.query<{ client_id: string }>(
      'select client_id from access.client where id = $1',
      [caller.id],
    );
    await clinic.access.clients.setStatus(1, rows[0]!.client_id, 'disabled');
    await clinic.pulse(patient);
    await until(async () => (await statusOf(id)) === 'off', 'off');
    expect(hook.numbers()).toEqual([1]);
  });
});

it('a closed clinic tells nobody anything, and forgets no wish: opened again, it goes on', async () => {
  const { id: patient, caller } = await clinic.patient();
  const id = await subscribe(caller, topical('observation-change', hook.url));
  hook.answer(() => 503);
  await clinic.pulse(patient);
  await until(() => hook.got.length > 0, 'a first try');
  const { lockdown } = clinic.access;
  const { ownerDb } = clinic.data;
  const putOff = () => clinic.log.text().split('a delivery was put off').length;
  await ownerDb.query(
    `insert into access.lockdown (tenant, mode, since, engaged_by, home, sealed) values (1, 'closed', 1, $1, 1, '')`,
    [caller.id],
  );
  try {
    await lockdown.flag.look();
    const [tries, times] = [hook.got.length, putOff()];
    hook.answer(() => 200);
    await until(() => putOff() > times, 'it is looked at and put off');
    expect([hook.got.length, await statusOf(id)]).toEqual([tries, 'active']);
  } finally {
    await ownerDb.query('delete from access.lockdown');
    await lockdown.flag.look();
  }
  const tries = hook.got.length;
  await until(() => hook.got.length > tries, 'told at last');
  expect(hook.numbers().at(-1)).toBe(1);
});

it("another's subscription is not there: not to be read, changed, deleted or found", async () => {
  const { caller } = await clinic.patient();
  const { caller: other } = await clinic.patient();
  const id = await subscribe(caller, topical('observation-change', hook.url));
  const { resource } = await clinic.records.read<Subscription>(caller, 'Subscription', id);
  for (const who of [other, clinic.system]) {
    const notThere = { code: 'not-found' };
    await expect(clinic.records.read(who, 'Subscription', id)).rejects.toMatchObject(notThere);
    await expect(clinic.records.update(who, resource)).rejects.toMatchObject(notThere);
    await expect(clinic.records.remove(who, 'Subscription', id)).rejects.toMatchObject(notThere);
    const { entry = [] } = await clinic.records.search(who, 'Subscription', []);
    expect(entry.filter((one) => one.resource?.id === id)).toEqual([]);
  }
  const own = await clinic.records.search(caller, 'Subscription', [['status', 'active']]);
  expect(own.entry!.map((one) => one.resource?.id)).toEqual([id]);
});

it('nothing of it stands in the tables in the clear, nor in the log', async () => {
  const { id: patient, caller } = await clinic.patient();
  await subscribe(caller, {
    ...topical('observation-change', `${hook.url}?canary=endpoint-of-hers`, {
      filters: [`Observation?patient=Patient/${patient}&value-string=canary-word`],
    }),
    reason: 'canary-reason',
  });
  const id = await subscribe(caller, topical('observation-change', hook.url));
  await clinic.pulse(patient);
  await until(() => hook.numbers().length === 1, 'an event');
  const { rows } = await clinic.data.ownerDb.query<{ text: string }>(
    `select (select string_agg(s::text, ' ') from exchange.subscription s) ||
            (select string_agg(e::text, ' ') from exchange.subscription_event e) as text`,
  );
  const hex = (text: string) => Buffer.from(text).toString('hex');
  for (const word of ['canary', 'endpoint-of-hers', patient, 'Observation'])
    expect([rows[0]!.text.includes(word), rows[0]!.text.includes(hex(word))]).toEqual([
      false,
      false,
    ]);
  expect(rows[0]!.text).toContain(id);
  expect(clinic.log.text()).not.toContain('canary');
});

it('a rotation of keys reaches subscriptions and their events, and what waits is told all the same', async () => {
  const { id: patient, caller } = await clinic.patient();
  const id = await subscribe(caller, topical('observation-change', hook.url));
  await clinic.pulse(patient);
  await until(() => hook.numbers().length === 1, 'the first event');
  const kids = async () => {
    const keys = await Promise.all(
      subscriptionSealedStores.map((store) => store.census(clinic.data.db, 1)),
    );
    return [...new Set(keys.flatMap((one) => [...one.keys()]))];
  };
  const before = await kids();
  const stores = [...accessSealedStores, ...subscriptionSealedStores];
  const work = keyWorkOf(clinic.records, stores);
  await work.rotateData(1, { say: () => undefined, graceMs: 0 });
  const after = await kids();
  expect([before.length, after.length]).toEqual([1, 1]);
  expect(after).not.toEqual(before);
  await clinic.pulse(patient);
  await until(() => hook.numbers().includes(2), 'the second event');
  const known = { from: 1, to: 2, limit: 10 };
  const events = await eventsOf(clinic.data.db, clinic.keys, { tenant: 1, id }, known);
  expect(events.map(({ number }) => number)).toEqual([1, 2]);
});

it('what waits about a patient who was erased meanwhile holds up nothing else', async () => {
  // A client sees every chart: from anybody else the grants are taken with the chart.
  const caller = await clinic.client('system/Subscription.cruds system/Observation.rs');
  const id = await subscribe(caller, topical('observation-change', hook.url));
  hook.answer(() => 503);
  const [erased, other] = [await clinic.patient(), await clinic.patient()];
  await clinic.pulse(erased.id);
  const count = 'select events from exchange.subscription where id = $1';
  await until(async () => {
    const { rows } = await clinic.data.db.query<{ events: number }>(count, [id]);
    return rows[0]!.events === 1;
  }, 'an event that waits');
  const stores = [...accessSealedStores, ...subscriptionSealedStores];
  await keyWorkOf(clinic.records, stores).erase(1, erased.id, 'patient-request');
  const pulse = await clinic.pulse(other.id);
  hook.got.length = 0;
  hook.answer(() => 200);
  await until(() => hook.numbers().includes(2), 'the event of somebody else');
  const text = hook.got.map((one) => one.text).join();
  expect([text.includes(pulse), await statusOf(id)]).toEqual([true, 'active']);
  await clinic.records.remove(caller, 'Subscription', id);
});

it('while keys are away nothing is matched, and nothing is forgotten', async () => {
  let away = 3;
  const other = await openClinic({
    wrapAccess: (access) => ({
      ...access,
      standIn: async (who, why) => {
        if (away-- > 0) throw new KeyUnavailable('the provider is down');
        return access.standIn(who, why);
      },
    }),
  });
  try {
    const { id: patient, caller } = await other.patient();
    const wish = plain('Observation', { type: 'rest-hook', endpoint: hook.url });
    const { id } = await other.records.create(caller, wish);
    await other.pulse(patient);
    await other.pulse(patient);
    await until(() => hook.got.length === 2, 'both');
    const { resource } = await other.records.read<Subscription>(caller, 'Subscription', id);
    expect([resource.status, away < 0]).toEqual(['active', true]);
  } finally {
    await other.close();
  }
});

it('every telling of a patient leaves its trace in the trail before it leaves', async () => {
  const { id: patient, caller } = await clinic.patient();
  const id = await subscribe(caller, topical('observation-change', hook.url));
  await clinic.pulse(patient);
  await until(() => hook.numbers().length === 1, 'an event');
  const { rows } = await clinic.data.db.query<{ who: string; patients: string[] }>(
    `select who, patients from access.audit_event where action = 'notify' and rid = $1`,
    [id],
  );
  expect(rows).toEqual([{ who: caller.id, patients: [patient] }]);
});
